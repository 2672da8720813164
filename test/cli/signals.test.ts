import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { onSignals } from '../../src/cli/signals.js';

function stage() {
  const done: string[] = [];
  const emitter = new EventEmitter();
  const process = Object.assign(emitter, { exit: (code: number) => done.push(`exit ${code}`) });
  const end = onSignals(process as unknown as NodeJS.Process, {
    words: 'drains',
    drain: () => done.push('drain'),
    abort: () => done.push('abort'),
    say: (_, line) => done.push(line),
  });
  return { done, emitter, end };
}

test('the first signal drains, the second aborts, the third exits with 128 and its number', () => {
  const { done, emitter } = stage();
  emitter.emit('SIGINT', 'SIGINT');
  emitter.emit('SIGTERM', 'SIGTERM');
  emitter.emit('SIGTERM', 'SIGTERM');
  emitter.emit('SIGINT', 'SIGINT');
  expect(done).toEqual([
    'drains; a second signal cancels running jobs, a third exits at once',
    'drain',
    'running jobs are cancelled; a third signal exits at once',
    'abort',
    'exit 143',
    'exit 130',
  ]);
});

test('a command that is over leaves signals alone', () => {
  const { emitter, end } = stage();
  end();
  expect(emitter.listenerCount('SIGINT') + emitter.listenerCount('SIGTERM')).toBe(0);
});

// A step alone, in one line, without any bus; `node --test` and vitest run it alike.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineWorker, step } from 'needful-worker';
import { createSimulatedClock, runStep } from 'needful-worker/testing';
import { z } from 'zod';
import greeter from './greeter.js';

test('somebody is greeted', async () => {
  const { result, outputs } = await runStep(greeter, 'Hello', { parameters: { who: 'world' } });
  assert.equal(result, 'Hello, world!');
  assert.deepEqual(outputs, [{ level: 'info', line: 'greeting world' }]);
});

test('a job without a name is refused, and the step is not run', async () => {
  const { status, problem } = await runStep(greeter, 'Hello', { parameters: { who: '' } });
  assert.equal(status, 'invalid');
  assert.equal(problem?.code, 'PARAMETERS_INVALID');
});

test('a greeting that takes a minute ends when it is cancelled', async () => {
  const signal = AbortSignal.abort('the guest has left');
  const { problem, orphaned } = await runStep(greeter, 'Hello', {
    parameters: { who: 'world', seconds: 60 },
    signal,
  });
  assert.equal(problem?.message, 'the job was cancelled: the guest has left');
  assert.equal(orphaned, false);
});

const kettle = defineWorker({
  name: 'kettle',
  steps: {
    Boil: step({ parameters: z.object({ minutes: z.number() }), result: z.string() }).machine({
      context: ({ parameters: { minutes } }) => ({ ms: minutes * 60_000 }),
      initial: 'heating',
      states: {
        heating: { waitMs: ({ ms }) => ms, done: { target: 'boiling' } },
        boiling: { completed: () => 'it boils' },
      },
    }),
  },
});

test('water boils when its time has passed', async () => {
  const clock = createSimulatedClock();
  const boiling = runStep(kettle, 'Boil', { parameters: { minutes: 3 }, clock });
  await clock.advance(180_000);
  const { result, transitions } = await boiling;
  assert.equal(result, 'it boils');
  assert.deepEqual(
    transitions.map(({ to }) => to),
    ['heating', 'boiling'],
  );
});

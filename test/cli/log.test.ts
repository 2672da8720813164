// The log as a person sees it: short lines that say why.
import { expect, test } from 'vitest';
import { createLog } from '../../src/cli/log.js';

test.each<[object, string, string]>([
  [
    { worker: 'sleep', code: 'PARAMETERS_INVALID', message: 'seconds: expected a number', issues: [] },
    'job refused',
    'warn sleep: job refused: PARAMETERS_INVALID: seconds: expected a number',
  ],
  [
    { worker: 'sleep', code: 'BROKER_UNREACHABLE', why: 'No broker answers.', attempt: 2 },
    'it tries again',
    'warn sleep: it tries again: BROKER_UNREACHABLE: No broker answers.',
  ],
  [
    { worker: 'output', code: 'ENOSPC', file: '/logs/a.log' },
    'not written',
    'warn output: not written: ENOSPC: /logs/a.log',
  ],
  [{ err: new Error('oh\nno') }, 'the step threw', 'warn the step threw: oh no'],
  [{}, 'nothing more', 'warn nothing more'],
])('%j is said in one line', async (fields, text, line) => {
  const shown: string[] = [];
  const log = await createLog('warn', {
    stderr: { isTTY: true } as NodeJS.WriteStream,
    show: (said) => shown.push(said),
  });
  log.info(fields, text);
  log.warn(fields, text);
  expect(shown).toEqual([line]);
});

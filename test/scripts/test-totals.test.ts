// The sum that .ci/run makes of a vitest report: nothing that went wrong may vanish in it.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'needful-totals-'));
});
afterAll(() => rm(folder, { recursive: true }));

const script = new URL('../../scripts/test-totals.mjs', import.meta.url).pathname;
const file = (status: string, ...results: string[]) => ({
  status,
  assertionResults: results.map((result) => ({ status: result })),
});
const counts = (passed: number, failed: number, skipped: number) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: skipped,
  numTodoTests: 0,
});

it.each([
  [
    'all passed',
    { ...counts(3, 0, 1), testResults: [file('passed', 'passed')] },
    0,
    '3 passed 0 failed 1 skipped',
  ],
  [
    'some failed',
    { ...counts(3, 2, 0), testResults: [file('failed', 'failed')] },
    1,
    '3 passed 2 failed 0 skipped',
  ],
  [
    'a file cannot be loaded',
    { ...counts(3, 0, 0), testResults: [file('failed')] },
    1,
    '3 passed 1 failed 0 skipped',
  ],
  [
    'an error outside of the tests',
    { ...counts(3, 0, 0), testResults: [] },
    1,
    '3 passed 1 failed 0 skipped',
  ],
  ['no test at all', { ...counts(0, 0, 0), testResults: [] }, 0, '0 passed 1 failed 0 skipped'],
  ['only skipped ones', { ...counts(0, 0, 4), testResults: [] }, 0, '0 passed 1 failed 4 skipped'],
])('sums up: %s', async (name, report, exitCode, expected) => {
  const path = join(folder, `${name}.json`);
  await writeFile(path, JSON.stringify(report));
  expect(execFileSync(process.execPath, [script, path, `${exitCode}`], { encoding: 'utf8' }).trim()).toBe(
    expected,
  );
});

it('counts a missing report as a failure', () => {
  const args = [script, join(folder, 'none.json'), '0'];
  expect(execFileSync(process.execPath, args, { encoding: 'utf8' }).trim()).toBe(
    '0 passed 1 failed 0 skipped',
  );
});

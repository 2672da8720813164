// The exit codes of the command: those of the registry of errors, of --help and of docs/running.md are the same, and each is
// produced by a test.
import { expect, test } from 'vitest';
import { read } from '../../scripts/write-docs.js';
import { errorKinds } from '../../src/contract/errors.js';
import { called } from '../cli/in-process.js';
import { filesIn, read as readSource } from '../structure/imports.js';

const numbers = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, code]) => Number(code));
const listed = numbers(read('docs/running.md'), /^\| (\d+) \|/gm);

test('docs/running.md and --help list the same, in their order', async () => {
  const { stdout } = await called(['--help']);
  expect(numbers(stdout, /^ {2}(\d+) {2,}/gm)).toEqual(listed);
  expect(listed).toEqual([...listed].sort((a, b) => a - b));
});

test('they are those of the errors, done, and two for signals', () => {
  const ofErrors = new Set(Object.values(errorKinds).map(({ exit }) => exit));
  expect(new Set([0, ...ofErrors, 130, 143])).toEqual(new Set(listed));
});

test('a test of the command line produces each', () => {
  const sources = filesIn(['test']).filter(
    (path) => path.startsWith('test/cli/') || path.includes('/faults-of-'),
  );
  const tests = sources.map(readSource).join('\n');
  const produced = listed.filter((code) => new RegExp(`(toBe\\(|exit: |', )${code}\\b`).test(tests));
  expect(produced).toEqual(listed);
});

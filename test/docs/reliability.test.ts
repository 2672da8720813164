// docs/reliability.md lists what is held and by which tests: those whose names begin with the number of a row. After a change:
// `npx vitest run test/docs/reliability.test.ts --update`.
import { expect, test } from 'vitest';
import { read } from '../../scripts/write-docs.js';
import { edgesOf, filesIn, read as readSource } from '../structure/imports.js';

const page = new URL('../../docs/reliability.md', import.meta.url).pathname;
const text = read('docs/reliability.md');
const files = filesIn(['test']);

/** `F6` -> the files in which a name of a test, or of a row of its table, begins with `F6`. */
function findTests(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const path of files) {
    if (!path.endsWith('.test.ts') || path.startsWith('test/docs/')) continue;
    for (const number of namesIn(path, readSource(path))) {
      const holding = found.get(number) ?? [];
      if (!holding.includes(path)) found.set(number, [...holding, path]);
    }
  }
  return found;
}

/** A table may stand in a file of its own; its rows belong to the tests that import it. */
function namesIn(path: string, source: string): readonly string[] {
  const tables = edgesOf(path, source)
    .map(({ to }) => to)
    .filter((to) => files.includes(to) && !to.endsWith('.test.ts'));
  return [source, ...tables.map(readSource)].flatMap((code) =>
    [...code.matchAll(/['"`]([FB]\d+)(?: |['"`],)/g)].map(([, number = '']) => number),
  );
}

const tests = findTests();
const row = /^\| ([FB]\d+) \|(.*)\|[^|]*\|$/gm;
const listed = [...text.matchAll(row)].map(([, number = '']) => number);
const link = (path: string) => `[${path.replace(/^test\/|\.test\.ts$/g, '')}](../${path})`;

test('each row names the tests that hold it', async () => {
  const written = text.replace(row, (_, number: string, cells: string) => {
    const holding = tests.get(number) ?? [];
    return `| ${number} |${cells}| ${holding.map(link).join(', ')} |`;
  });
  await expect(written).toMatchFileSnapshot(page);
});

test('each row is held by a test, and each test with a number has a row, once', () => {
  expect(listed.filter((number) => !tests.has(number))).toEqual([]);
  expect([...tests.keys()].filter((number) => !listed.includes(number))).toEqual([]);
  expect(listed).toEqual([...new Set(listed)]);
});

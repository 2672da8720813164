// docs/reliability.md lists what is held and by which tests: those whose names begin with the number of a row. Its tables of
// faults and of bad input are those of the catalogues. After a change: `npx vitest run test/docs/reliability.test.ts --update`.
import { expect, test } from 'vitest';
import { read } from '../../scripts/write-docs.js';
import { type BadInput, badInputs } from '../bad-input/rows.js';
import { type Fault, faults } from '../faults/catalogue.js';
import { edgesOf, filesIn, read as readSource } from '../structure/imports.js';

const page = new URL('../../docs/reliability.md', import.meta.url).pathname;
const text = read('docs/reliability.md');
const files = filesIn(['test']);

/** They hold a catalogue and its tests against each other, or the judge of the protocol, and no worker. */
const meta = [
  'test/faults/catalogue.test.ts',
  'test/bad-input/rows.test.ts',
  'test/contract/protocol.test.ts',
  'test/contract/protocol-tap.test.ts',
];

/** `F6` -> the files in which a name of a test, or of a row of its table, begins with `F6`. */
function findTests(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const path of files) {
    if (!path.endsWith('.test.ts') || path.startsWith('test/docs/') || meta.includes(path)) continue;
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
    [...code.matchAll(/['"`](?:([IFB]\d+) |([FB]\d+)['"`],)/g)].map(
      ([, begins, alone]) => begins ?? alone ?? '',
    ),
  );
}

const line = (cells: readonly (string | null | undefined)[]) =>
  `| ${cells.map((cell) => cell ?? '').join(' | ')} |`;
const code = (state: string | null) => (state === null ? '' : `\`${state}\``);
const where = (embedded: true | string) => (embedded === true ? 'yes' : embedded);

const faultRows = (Object.entries(faults) as [string, Fault][]).map(
  ([number, { cause, worker, job, over, policy, embedded }]) =>
    line([number, cause, code(worker), code(job), over, policy, where(embedded), '']),
);
const inputRows = (Object.entries(badInputs) as [string, BadInput][]).map(
  ([number, { input, ends, why, embedded }]) =>
    line([number, input, ends.join(', '), why, where(embedded), '']),
);
const heads = {
  faults: [
    '',
    'fault',
    'the worker is',
    'its lane is',
    'it is over when',
    'by acknowledge',
    'embedded broker',
    'tests',
  ],
  'bad input': ['', 'input', 'it ends', 'besides', 'embedded broker', 'tests'],
};
const table = (name: keyof typeof heads, rows: readonly string[]) =>
  [line(heads[name]), `|${'---|'.repeat(heads[name].length)}`, ...rows].join('\n');
const tables = { faults: table('faults', faultRows), 'bad input': table('bad input', inputRows) };

const tests = findTests();
const row = /^\| ([FBI]\d+) \|(.*)\|[^|]*\|$/gm;
const link = (path: string) => `[${path.replace(/^test\/|\.test\.ts$/g, '')}](../${path})`;
const written = text
  .replace(
    /(<!-- table: (faults|bad input) -->\n\n)(\|.*\n)*/g,
    (_, marker: string, name: keyof typeof heads) => `${marker}${tables[name]}\n`,
  )
  .replace(row, (_, number: string, cells: string) => {
    const holding = tests.get(number) ?? [];
    return `| ${number} |${cells}| ${holding.map(link).join(', ')} |`;
  });
const listed = [...written.matchAll(row)].map(([, number = '']) => number);

test('the page has the tables of the catalogues, and each row names the tests that hold it', async () => {
  await expect(written).toMatchFileSnapshot(page);
});

test('it lists I1 to I8, F1 to F47 and B1 to B62, each held by a test', () => {
  const numbers = (letter: string, count: number) =>
    Array.from({ length: count }, (_, n) => `${letter}${n + 1}`);
  expect(listed).toEqual([...numbers('I', 8), ...numbers('F', 47), ...numbers('B', 62)]);
  expect(listed.filter((number) => !tests.has(number))).toEqual([]);
});

test('no test has a number that it does not list', () => {
  expect([...tests.keys()].filter((number) => !listed.includes(number))).toEqual([]);
});

// The shape of the source: who imports whom, doors that only export, and files that stay small.
import { expect, test } from 'vitest';
import { cycleIn, edgesOf, filesIn, read, readImports, withoutComments } from './structure/imports.js';
import { breach } from './structure/layers.js';

const source = filesIn(['src', 'machines', 'adapters', 'workers', 'examples']);
const edges = source.flatMap((path) => edgesOf(path, read(path)));
const edge = (from: string, statement: string) => {
  const [found] = edgesOf(from, statement);
  if (!found) throw new Error(`No import in: ${statement}`);
  return found;
};

test('imports point down only, types included', () => {
  expect(edges.map(breach).filter((found) => found !== null)).toEqual([]);
});

test('no file imports itself on a way around, types included', () => {
  expect(cycleIn(edges)).toBe(null);
});

test('a door only exports, and by name', () => {
  const doors = source.filter((path) => path.endsWith('/index.ts'));
  const exports = /\s*export\s+(type\s+)?\{[^}]*\}\s*from\s*'[^']+';/g;
  const more = doors.filter((path) => withoutComments(read(path)).replaceAll(exports, '').trim() !== '');
  expect(doors).toContain('src/index.ts');
  expect(more).toEqual([]);
});

test('no file is longer than 400 lines', () => {
  const files = filesIn(['src', 'machines', 'adapters', 'workers', 'examples', 'scripts', 'bench', 'test']);
  const long = files.map((path) => ({ path, lines: read(path).split('\n').length - 1 }));
  expect(long.filter(({ lines }) => lines > 400)).toEqual([]);
});

test('only the command line answers signals of the process', () => {
  const answers = (path: string) => /\bprocess\s*\.(on|once|addListener)\(\s*'SIG/.test(read(path));
  const library = source.filter((path) => !path.startsWith('workers/') && !path.startsWith('examples/'));
  expect(library.filter(answers)).toEqual(['src/cli/signals.ts']);
});

test('the rule sees the whole tree', () => {
  expect(source.length).toBeGreaterThan(50);
  expect(edges.length).toBeGreaterThan(source.length);
  for (const folder of ['src', 'machines', 'adapters']) {
    expect(source.some((path) => path.startsWith(`${folder}/`))).toBe(true);
  }
});

test.each<[string, string, boolean]>([
  ["import { a } from './x.js';", './x.js', false],
  ["import a from './x.js';", './x.js', false],
  ["import * as a from './x.js';", './x.js', false],
  ["import a, { b } from './x.js';", './x.js', false],
  ["import './x.js';", './x.js', false],
  ["import {\n  a,\n  b,\n} from './x.js';", './x.js', false],
  ["import type { A } from './x.js';", './x.js', true],
  ["import type A from './x.js';", './x.js', true],
  ["import { type A, type B } from './x.js';", './x.js', true],
  ["import { type A, b } from './x.js';", './x.js', false],
  ["export { a } from './x.js';", './x.js', false],
  ["export type { A } from './x.js';", './x.js', true],
  ["export * from './x.js';", './x.js', false],
  ["export * as a from './x.js';", './x.js', false],
  ["const a = await import('./x.js');", './x.js', false],
  ["import data from './x.json' with { type: 'json' };", './x.json', false],
  ["type A = import('./x.js').A;", './x.js', true],
  ["let a: typeof import('./x.js');", './x.js', true],
  ['import { a } from "zod";', 'zod', false],
])('the reader sees %j', (statement, specifier, typeOnly) => {
  expect(readImports(`const before = 'from';\n${statement}\nexport const after = 1;\n`)).toEqual([
    { specifier, typeOnly },
  ]);
});

test('the reader sees every statement of a file, and no comment', () => {
  const text = `// import { a } from './comment.js';
/* import { a } from './block.js'; */
import { b } from './b.js';
import type { C } from './c.js';
export const d = 1;
export { e } from './e.js';
  // export { f } from './f.js';
`;
  expect(readImports(text).map(({ specifier }) => specifier)).toEqual(['./b.js', './c.js', './e.js']);
});

test.each<[string, string]>([
  ['src/contract/job.ts', "import type { Transport } from '../transport.js';"],
  ['src/transport.ts', "import type { Lane } from './worker/lane.js';"],
  ['adapters/memory/queue.ts', "import { createWorker } from '../../src/worker/create-worker.js';"],
  ['adapters/memory/queue.ts', "import { createAmqpTransport } from '../amqp/index.js';"],
  ['machines/job.ts', "import { readFile } from 'node:fs/promises';"],
  ['machines/job.ts', "import type { Clock } from '../src/worker/running-worker.js';"],
  ['machines/job.ts', "import { judge } from '../src/contract/protocol.js';"],
  ['src/statechart/graph.ts', "import { jobMachine } from '../../machines/job.js';"],
  ['src/worker/lane.ts', "import { createClient } from '../client/create-client.js';"],
  ['src/client/client.ts', "import { defineWorker } from '../worker/definition.js';"],
  ['src/release/play.ts', "import { createWorker } from '../worker/create-worker.js';"],
  ['src/worker/lane.ts', "import { connect } from 'amqplib';"],
  ['src/worker/lane.ts', "import { createWorker } from 'needful-worker';"],
  ['src/index.ts', "export { main } from './cli/main.js';"],
  ['workers/noop.ts', "import { defineWorker } from '../src/index.js';"],
  ['src/new/thing.ts', "import { z } from 'zod';"],
])('the rule refuses %s: %s', (from, statement) => {
  expect(breach(edge(from, statement))).toContain(from);
});

test.each<[string, string]>([
  ['src/client/client.ts', "import type { Worker } from '../worker/definition.js';"],
  ['src/cli/main.ts', "import { createMemoryBroker } from '../../adapters/memory/index.js';"],
  ['workers/noop.ts', "import { defineWorker } from 'needful-worker';"],
  ['adapters/amqp/connection.ts', "import { connect } from 'amqplib';"],
  ['machines/job.ts', "import { createMachine } from 'xstate';"],
])('the rule allows %s: %s', (from, statement) => {
  expect(breach(edge(from, statement))).toBe(null);
});

test('a cycle is named, whoever begins it', () => {
  const circle = [
    edge('src/a/one.ts', "import { two } from './two.js';"),
    edge('src/a/two.ts', "import type { Three } from './three.js';"),
    edge('src/a/three.ts', "import { two } from './two.js';"),
  ];
  expect(cycleIn(circle)).toBe('src/a/two.ts -> src/a/three.ts -> src/a/two.ts');
  expect(cycleIn(circle.slice(0, 2))).toBe(null);
});

// What of a message gets outside: into the name of a file, into the arguments of a program. Never further than it may.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Worker } from '../../src/worker/definition.js';
import command from '../../workers/command.js';
import { fileName } from '../../workers/output.js';
import { Stage } from '../worker/stage.js';
import { seeded } from './seed.js';
import { anyBytes } from './wire-tables.js';

let stage: Stage;
let folder = '';
beforeEach(async () => {
  stage = new Stage();
  folder = await mkdtemp(join(tmpdir(), 'needful-outside-'));
});
afterEach(async () => {
  await stage.end();
  await rm(folder, { recursive: true, force: true });
});

const shellish = [
  '$(touch x)',
  '`touch x`',
  '; touch x',
  '| touch x',
  '&& touch x',
  '> x',
  '--help',
  '-rf',
  '*',
  '~',
];
const odd = ['..', '.', '/', '\\', 'con', 'NUL.txt', 'a\nb', '\u202e', '%2e%2e', "'", '"', ' '];
const part = fc.oneof(
  fc.constantFrom(...shellish, ...odd),
  fc.string({ unit: 'binary' }),
  anyBytes(60).map((bytes) => bytes.toString()),
);
const text = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));

it('a correlation id names a file in the directory, and no two ids the same one', () => {
  const names = new Map<string, string>();
  const property = fc.property(fc.oneof(text, fc.string()), (id) => {
    const name = fileName(id);
    expect(name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,103}\.log$/);
    expect(basename(name)).toBe(name);
    expect(name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)\./i);
    const before = names.get(name.toLowerCase());
    if (before !== undefined) expect(before).toBe(id);
    names.set(name.toLowerCase(), id);
  });
  fc.assert(property, seeded(2000));
});

it('a parameter is one argument of the program, as it is, and no shell sees it', async () => {
  const names = Array.from({ length: 40 }, (_, n) => `p${n}`);
  const say = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
  const definition = command({
    commands: {
      Say: {
        argv: [process.execPath, '-e', say, '--'],
        parameters: Object.fromEntries(names.map((name) => [name, '[\\s\\S]*'])),
        cwd: folder,
      },
    },
  });
  await stage.play(definition as Worker);
  const { seed = 0 } = seeded(1);
  const texts = fc.sample(
    text.filter((given) => !given.includes('\0')),
    { numRuns: names.length, seed },
  );
  const parameters = Object.fromEntries(names.map((name, n) => [name, texts[n]]));
  const { data } = await (await stage.engine.send('command:Say', { parameters })).final();
  expect(JSON.parse((data as { stdout: string }).stdout)).toEqual(texts);
  expect(await readdir(folder)).toEqual([]);
});

it('a parameter with a NUL is refused, since no argument can have one', async () => {
  const commands = { Say: { argv: ['true'] as [string], parameters: { what: '[\\s\\S]*' } } };
  await stage.play(command({ commands }) as Worker);
  const job = await stage.engine.send('command:Say', { parameters: { what: 'a\0b' } });
  expect(await job.final()).toMatchObject({ status: 'failed', data: { code: 'PARAMETERS_INVALID' } });
});

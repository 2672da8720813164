// `needful verify FILE` as somebody types it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build, needful } from './needful.js';

let folder: string;
beforeAll(async () => {
  await build();
  folder = mkdtempSync(join(tmpdir(), 'needful-verify-'));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

test('a worker that is sound: a table, what is covered, JUnit, exit code 0', async () => {
  const junit = join(folder, 'noop.xml');
  const { code, stdout } = await needful(['verify', 'noop', '--walks', '2', '--junit', junit]);
  expect(stdout).toMatch(/^paths +\d+ +0$/m);
  expect(stdout).toMatch(/^faults +\d+ +0$/m);
  expect(stdout).toMatch(/states +\d+/);
  expect(readFileSync(junit, 'utf8')).toContain('<testsuite name="noop paths"');
  expect(stdout).toMatch(/\d+ checks, 0 broken, in /);
  expect(code).toBe(0);
});

test('a flag that would be passed over is refused', async () => {
  for (const [args, words] of [
    [['noop', '--timeout', '3'], '--timeout belongs to a worker that runs'],
    [['--queue', 'noop', '--step', 'noop:Any', '--walks', '3'], '--walks belongs to a worker that is tested'],
  ] as const) {
    const { code, stderr } = await needful(['verify', ...args]);
    expect(stderr).toContain(words);
    expect(code).toBe(2);
  }
});

test('a worker and a queue are too much, neither is too little', async () => {
  for (const args of [['noop', '--queue', 'worker.noop'], []]) {
    const { code, stderr } = await needful(['verify', ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/expected (a worker or --queue|whom to judge)/);
  }
});

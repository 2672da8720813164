// The command of the simulator, as it is called: what it prints, how it ends, and what it says of a seed that failed.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTree, type Tree } from '../../../scripts/mutants/tree.js';
import { mutants } from '../../mutants/mutants.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

function simulate(options: readonly string[], cwd = root) {
  const jiti = join(root, 'node_modules/jiti/lib/jiti-cli.mjs');
  const script = join(cwd, 'scripts/simulate.ts');
  return spawnSync(process.execPath, [jiti, script, ...options], { cwd, encoding: 'utf8' });
}

test('seeds are the same ones in one thread and in two', () => {
  const of = (threads: string) => {
    const { stdout, status } = simulate(['--seeds', '9', '--threads', threads, '--json']);
    expect(status).toBe(0);
    const { ms: _, perSecond, ...rest } = JSON.parse(stdout);
    expect(perSecond).toBeGreaterThan(0);
    return { ...rest, faults: Object.fromEntries(Object.entries(rest.faults).sort()) };
  };
  const one = of('1');
  expect(one).toMatchObject({ firstSeed: 1, seedCount: 9, jobCount: 99, idle: [], failures: [] });
  expect(of('2')).toEqual(one);
}, 120_000);

test.each([
  ['--seeds', 'many'],
  ['--policy', 'none'],
  ['--replay', '{'],
  ['--replay', '{"seed":1}'],
])(
  '%s %s is wrong use: exit code 2, and how it is used',
  (...options) => {
    const { status, stderr } = simulate(options);
    expect(status).toBe(2);
    expect(stderr).toContain('npm run simulate --');
  },
  60_000,
);

describe('where a bug is planted', () => {
  let tree: Tree;
  beforeAll(async () => {
    tree = await createTree();
    const [mutant] = mutants;
    if (mutant === undefined) throw new Error('there are no mutants');
    await tree.plant(mutant);
  });
  afterAll(() => tree.remove());

  test('a seed fails, and says how to see it again, the smallest plan that fails like it, and a diagram', () => {
    const { stdout, status } = simulate(['--seeds', '5', '--threads', '1'], tree.path);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^Seed 1 \(policy \w+\) broke a promise:\n {2}j1: `started` was sent again\n/);
    expect(stdout).toMatch(/again: +npm run simulate -- --seeds 1 --seed 1 --policy \w+\n/);
    expect(stdout).toMatch(/```mermaid\nsequenceDiagram\n/);
    const [, smallest = ''] = stdout.match(/smallest: npm run simulate -- --replay '(.*)'\n/) ?? [];
    // The job that is sent at the end is enough.
    expect(JSON.parse(smallest)).toMatchObject({
      jobs: [],
      faults: [],
      workerCount: 1,
      laneCount: 1,
      picks: [],
    });
    const again = simulate(['--replay', smallest], tree.path);
    expect(again.status).toBe(1);
    expect(again.stdout).toContain('BROKEN probe: `started` was sent again');
  }, 180_000);
});

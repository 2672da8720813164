// Runs of the simulator: the same plan is the same run, and workers keep their promises in them.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { makePlan } from '../../../src/testing/simulator/make-plan.js';
import { doneFaults, type Plan, planSchema } from '../../../src/testing/simulator/plan.js';
import { laneStates, policies } from '../../../src/testing/simulator/policies.js';
import { emptyCells, failureText, summaryJson, summaryText } from '../../../src/testing/simulator/report.js';
import { runPlan } from '../../../src/testing/simulator/run.js';
import { simulate, spelledOut } from '../../../src/testing/simulator/simulate.js';
import { toText } from '../../../src/testing/simulator/trace.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const names = Object.keys(policies);

const traceOf = async (plan: Plan) =>
  (await runPlan(plan, { record: true })).trace.map((line) => `${toText(line)}\n`).join('');

describe('a plan', () => {
  test('has at least ten jobs, two lanes and a fault, whatever its seed', () => {
    for (let seed = 0; seed < 500; seed++) {
      const plan = makePlan(seed, names);
      expect(plan.jobs.length).toBeGreaterThanOrEqual(10);
      expect(plan.laneCount).toBeGreaterThanOrEqual(2);
      expect(plan.faults.length).toBeGreaterThanOrEqual(1);
      expect(planSchema.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    }
  });

  test('is of every policy and has every kind of fault for some seed', () => {
    const plans = Array.from({ length: 300 }, (_, seed) => makePlan(seed, names));
    expect(new Set(plans.map(({ policy }) => policy))).toEqual(new Set(names));
    const kinds = plans.flatMap(({ faults }) => faults.map(({ kind }) => kind));
    expect(new Set(kinds)).toEqual(new Set(doneFaults));
  });
});

describe('a run', () => {
  test('is the same, byte for byte, as often as its plan is run', async () => {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
      const plan = makePlan(seed, names);
      const first = await traceOf(plan);
      expect(first.length).toBeGreaterThan(1_000);
      await runPlan(makePlan(seed + 100, names));
      expect(await traceOf(plan)).toBe(first);
    }
  });

  test('is the same in another process', async () => {
    const [jiti, script] = [join(root, 'node_modules/jiti/lib/jiti-cli.mjs'), 'scripts/simulate.ts'];
    const options = ['--seeds', '1', '--seed', '77', '--trace'];
    const { stdout, stderr } = spawnSync(process.execPath, [jiti, script, ...options], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, TZ: 'Pacific/Auckland' },
    });
    expect(stderr).toBe('');
    expect(stdout).toBe(await traceOf(makePlan(77, names)));
  }, 120_000);

  test('is the same when every choice in it is spelled out', async () => {
    for (const seed of [11, 12, 13, 14, 15]) {
      const plan = makePlan(seed, names);
      const result = await runPlan(plan);
      const spelled = spelledOut({ plan, result });
      expect(spelled.disorder).toBe(0);
      expect(await traceOf(spelled)).toBe(await traceOf(plan));
    }
  });

  test('needs no fault: then nothing is lost, doubled or in any way special', async () => {
    for (const name of names) {
      const jobs = makePlan(1, names).jobs.map((job) => ({ ...job, is: 'quick' as const }));
      const result = await runPlan({ ...makePlan(1, [name]), jobs, faults: [] });
      expect(result.broken).toEqual([]);
      expect(Object.values(result.costs).every((count) => count === 0)).toBe(true);
      // The jobs, and the one that is sent at the end.
      expect(result.jobCount).toBe(jobs.length + 1);
    }
  });
});

describe.each(names)('workers of the policy %s', (name) => {
  test('keep their promises in 60 seeds, each with a fault that happened', async () => {
    const summary = await simulate({ seedCount: 60, policies: [name] });
    expect(summary.failures.map(({ plan, result }) => [plan.seed, ...result.broken])).toEqual([]);
    expect(summary.idle).toEqual([]);
    expect(summary.jobCount).toBe(660);
    // What a crash costs depends on when a job is acknowledged.
    const { acknowledge, unknownReply } = policies[name] ?? {};
    if (acknowledge === 'settled') expect(summary.costs.lostByCrash).toBe(0);
    if (acknowledge === 'received') expect(summary.costs.lostByCrash).toBeGreaterThan(0);
    if (unknownReply === 'giveUp') expect(summary.costs.resent).toBe(0);
  }, 120_000);
});

describe('what is printed', () => {
  test('names the costs, the faults by state, and the reasons of what never happens', async () => {
    const summary = await simulate({ seedCount: 5 });
    const text = summaryText(summary, laneStates);
    expect(text).toMatch(/^5 seeds from 1 on, \d+ jobs, \d+ steps in [\d.]+ s: \d+ seeds a second\n0 seeds/);
    expect(text).toContain('lost: the worker crashed after an early ack');
    expect(text).toContain('nothing comes between');
    expect(text).toMatch(/brokerRestart +\d/);
    const json = summaryJson(summary, laneStates);
    expect(JSON.parse(JSON.stringify(json))).toMatchObject({ seedCount: 5, failures: [], firstSeed: 1 });
  });

  test('calls out a fault that never met a state it could have met', () => {
    const missing = emptyCells(new Map(), ['parsing', 'completed', 'doingTheNeedful']);
    const of = (kind: string, state: string) =>
      missing.find((cell) => cell.kind === kind && cell.state === state);
    expect(of('cut', 'parsing')?.reason).toMatch(/nothing comes between/);
    expect(of('slow', 'completed')?.reason).toMatch(/doingTheNeedful alone/);
    expect(of('cut', 'completed')?.reason).toBeNull();
    expect(of('deaf', 'doingTheNeedful')?.reason).toBeNull();
  });

  test('of a seed that failed: how to see it again, what happened, and a diagram', async () => {
    const plan = { ...makePlan(3, names), jobs: makePlan(3, names).jobs.slice(0, 1), faults: [] };
    const result = await runPlan(plan, { record: true });
    const text = failureText(plan, { broken: ['j1: it was told so'], smallest: plan, result });
    expect(text).toContain(`--seeds 1 --seed 3 --policy ${plan.policy}`);
    expect(text).toContain(`--replay '${JSON.stringify(plan)}'`);
    expect(text).toMatch(/```mermaid\nsequenceDiagram\n {2}participant engine\n/);
    expect(text).toContain('engine->>broker: job j1');
    expect(text).toMatch(/Note over w1: .*lane 0: received, /);
  });
});

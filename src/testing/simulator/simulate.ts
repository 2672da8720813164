// Many runs, one seed after the other: what was broken, what it cost, which faults happened in which states.
import { makePlan } from './make-plan.js';
import type { FaultKind, Plan } from './plan.js';
import { policies } from './policies.js';
import { type RunResult, runPlan } from './run.js';
import { type Costs, noCosts } from './verdict.js';

/** How often each kind of fault hit a lane in each state. */
export type FaultTable = ReadonlyMap<FaultKind, ReadonlyMap<string, number>>;

export interface Failure {
  readonly plan: Plan;
  readonly result: RunResult;
}

export interface Summary {
  readonly firstSeed: number;
  readonly seedCount: number;
  readonly jobCount: number;
  readonly stepCount: number;
  readonly ms: number;
  readonly costs: Costs;
  readonly faults: FaultTable;
  /** Seeds in which no fault happened. */
  readonly idle: readonly number[];
  readonly failures: readonly Failure[];
}

export interface SimulateOptions {
  readonly seedCount: number;
  /** Default 1. */
  readonly firstSeed?: number;
  /** Names of policies to choose from. Default: all. */
  readonly policies?: readonly string[];
  /** Ends after so many seeds that fail. Default: none. */
  readonly failureLimit?: number;
}

/** Runs of one turn of the event loop: a signal must be heard now and then. */
const runsPerTurn = 20;

export async function simulate(options: SimulateOptions): Promise<Summary> {
  const { seedCount, firstSeed = 1, failureLimit = Number.POSITIVE_INFINITY } = options;
  const names = options.policies ?? Object.keys(policies);
  const began = performance.now();
  const faults = new Map<FaultKind, Map<string, number>>();
  const costs = { ...noCosts };
  const failures: Failure[] = [];
  const idle: number[] = [];
  let [jobCount, stepCount, ranCount] = [0, 0, 0];
  while (ranCount < seedCount && failures.length < failureLimit) {
    const plan = makePlan(firstSeed + ranCount, names);
    const result = await runPlan(plan);
    ranCount += 1;
    jobCount += result.jobCount;
    stepCount += result.stepCount;
    if (result.broken.length > 0) failures.push({ plan, result });
    if (!result.happened) idle.push(plan.seed);
    for (const key of Object.keys(costs) as (keyof Costs)[]) costs[key] += result.costs[key];
    for (const { kind, states } of result.fired) count(faults, { kind, states });
    if (ranCount % runsPerTurn === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const ms = performance.now() - began;
  return { firstSeed, seedCount: ranCount, jobCount, stepCount, ms, costs, faults, idle, failures };
}

function count(
  faults: Map<FaultKind, Map<string, number>>,
  { kind, states }: RunResult['fired'][number],
): void {
  const row = faults.get(kind) ?? new Map<string, number>();
  faults.set(kind, row);
  for (const state of states) row.set(state, (row.get(state) ?? 0) + 1);
}

/** Every choice of the run written down, so that it can be made smaller. */
export const spelledOut = ({ plan, result }: Failure): Plan => ({
  ...plan,
  disorder: 0,
  picks: result.picks,
});

/** What a broken promise comes to, whichever jobs and workers it is about. */
export const shapeOf = (sentence: string): string => sentence.replaceAll(/\b(probe|[jw]?\d+)\b/g, 'N');

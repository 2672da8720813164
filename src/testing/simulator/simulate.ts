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
  /** From one seed to the next. Default 1. */
  readonly stride?: number;
  /** Names of policies to choose from. Default: all. */
  readonly policies?: readonly string[];
  /** Ends after so many seeds that fail. Default: none. */
  readonly failureLimit?: number;
  /** Ends it after the seed that is running. */
  readonly signal?: AbortSignal;
}

/** Runs of one turn of the event loop: a signal must be heard now and then. */
const runsPerTurn = 20;

export async function simulate(options: SimulateOptions): Promise<Summary> {
  const { seedCount, firstSeed = 1, stride = 1, failureLimit = Number.POSITIVE_INFINITY } = options;
  const names = options.policies ?? Object.keys(policies);
  const began = performance.now();
  const faults = new Map<FaultKind, Map<string, number>>();
  const costs = { ...noCosts };
  const failures: Failure[] = [];
  const idle: number[] = [];
  let [jobCount, stepCount, ranCount] = [0, 0, 0];
  while (ranCount < seedCount && failures.length < failureLimit && !options.signal?.aborted) {
    const plan = makePlan(firstSeed + ranCount * stride, names);
    const result = await runPlan(plan);
    ranCount += 1;
    jobCount += result.jobCount;
    stepCount += result.stepCount;
    if (result.broken.length > 0) failures.push({ plan, result });
    if (!result.happened) idle.push(plan.seed);
    for (const key of Object.keys(costs) as (keyof Costs)[]) costs[key] += result.costs[key];
    for (const { kind, states } of result.fired) for (const state of states) count(faults, { kind, state });
    if (ranCount % runsPerTurn === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const ms = performance.now() - began;
  return { firstSeed, seedCount: ranCount, jobCount, stepCount, ms, costs, faults, idle, failures };
}

function count(
  faults: Map<FaultKind, Map<string, number>>,
  hit: { readonly kind: FaultKind; readonly state: string; readonly times?: number },
): void {
  const row = faults.get(hit.kind) ?? new Map<string, number>();
  faults.set(hit.kind, row);
  row.set(hit.state, (row.get(hit.state) ?? 0) + (hit.times ?? 1));
}

/** Parts of one simulation that ran side by side, as one. */
export function joined(parts: readonly Summary[]): Summary {
  const sum = (of: (part: Summary) => number) => parts.reduce((total, part) => total + of(part), 0);
  const faults = new Map<FaultKind, Map<string, number>>();
  for (const part of parts) {
    for (const [kind, row] of part.faults) {
      for (const [state, times] of row) count(faults, { kind, state, times });
    }
  }
  const costs = { ...noCosts };
  for (const key of Object.keys(costs) as (keyof Costs)[]) costs[key] = sum((part) => part.costs[key]);
  return {
    firstSeed: Math.min(...parts.map(({ firstSeed }) => firstSeed)),
    seedCount: sum(({ seedCount }) => seedCount),
    jobCount: sum(({ jobCount }) => jobCount),
    stepCount: sum(({ stepCount }) => stepCount),
    ms: Math.max(...parts.map(({ ms }) => ms)),
    costs,
    faults,
    idle: parts.flatMap(({ idle }) => idle),
    failures: parts.flatMap(({ failures }) => failures),
  };
}

/** Every choice of the run written down, so that it can be made smaller. */
export const spelledOut = ({ plan, result }: Failure): Plan => ({
  ...plan,
  disorder: 0,
  picks: result.picks,
});

/** What a broken promise comes to, whichever jobs and workers it is about. */
export const shapeOf = (sentence: string): string => sentence.replaceAll(/\b(probe|[jw]?\d+)\b/g, 'N');

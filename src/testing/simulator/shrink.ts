// Makes a plan that fails smaller, as far as fast-check can. The only place that knows fast-check, which is loaded when it is
// needed: runs do not need it.
import { doneFaults, jobKinds, type Plan } from './plan.js';

export interface ShrinkOptions {
  /** The plan fails, and in the way that is being looked for. */
  readonly fails: (plan: Plan) => Promise<boolean>;
  /** Longest search, in milliseconds. Default 60,000. */
  readonly timeLimitMs?: number;
}

/** The smallest plan found that still fails: fewer jobs, faults and choices, each as plain as can be. */
export async function shrink(plan: Plan, options: ShrinkOptions): Promise<Plan> {
  const { fails, timeLimitMs = 60_000 } = options;
  const states = new Set(plan.faults.map(({ state }) => state));
  const fc = await import('fast-check');
  const most = 10_000;
  const plans = fc.record({
    seed: fc.constant(plan.seed),
    policy: fc.constant(plan.policy),
    workerCount: fc.integer({ min: 1, max: 9 }),
    laneCount: fc.integer({ min: 1, max: 9 }),
    talks: fc.boolean(),
    jobs: fc.array(
      fc.record({
        is: fc.constantFrom(...jobKinds),
        afterMs: fc.integer({ min: 0, max: 1_000_000 }),
        takesMs: fc.integer({ min: 0, max: 1_000_000 }),
        persistent: fc.constantFrom(true, false),
      }),
    ),
    faults: fc.array(
      fc.record({
        kind: fc.constantFrom(...doneFaults),
        state: fc.constantFrom('', ...states),
        step: fc.integer({ min: 0, max: most }),
        target: fc.integer({ min: 0, max: 9 }),
        amount: fc.integer({ min: 0, max: 9 }),
        other: fc.integer({ min: 0, max: 9 }),
      }),
    ),
    disorder: fc.constant(plan.disorder),
    picks: fc.array(fc.tuple(fc.integer({ min: 0, max: most }), fc.integer({ min: 0, max: most }))),
  });
  const property = fc.asyncProperty(plans, async (smaller) => !(await fails(smaller)));
  const { counterexample } = await fc.check(property, {
    seed: plan.seed,
    numRuns: 1,
    examples: [[plan as never]],
    interruptAfterTimeLimit: timeLimitMs,
  });
  return counterexample?.[0] ?? plan;
}

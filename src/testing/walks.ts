// Random walks: the simulator's runs with a worker of one's own. Many jobs, several lanes, faults at any moment, and an order
// in which things settle that the seed decides.

import { withSteps } from './paths/steer.js';
import type { Subject } from './paths/subject.js';
import { makePlan } from './simulator/make-plan.js';
import type { Plan } from './simulator/plan.js';
import { type Policy, runPlanned } from './simulator/policies.js';
import { type RunResult, runPlan } from './simulator/run.js';
import { shrink } from './simulator/shrink.js';
import { shapeOf, spelledOut } from './simulator/simulate.js';
import { toDiagram, toText } from './simulator/trace.js';

/** Name of the policy in plans of one's own worker. */
const own = 'own';

function policyOf({ worker, acknowledge, unknownReply, jobs }: Subject): Policy {
  return {
    acknowledge,
    unknownReply,
    redelivered: worker.redelivered,
    keepsDeadLetters: true,
    worker: withSteps(worker, runPlanned),
    job: (is, { group, ...address }) => jobs.make(is === 'invalid' ? 'invalid' : 'valid', address, group),
  };
}

/** What a walk has broken, and how to see it again. */
export async function checkWalk(subject: Subject, seed: number): Promise<readonly string[]> {
  const planned = makePlan(seed, [own]);
  const jobs = planned.jobs.map((job) =>
    job.is === 'invalid' && !subject.refuses ? ({ ...job, is: 'quick' } as const) : job,
  );
  const plan: Plan = { ...planned, jobs };
  const policy = policyOf(subject);
  const result = await runPlan(plan, { policy });
  if (result.broken.length === 0) return [];
  const { smallest, run } = await smallestOf({ plan, result, policy });
  return [
    ...result.broken,
    [
      `seed ${seed}; the shortest walk that breaks the same:`,
      `  ${run.broken.join('\n  ')}`,
      ...run.trace.map(toText),
      'to paste:',
      `  test('walk ${seed}', () => replayWalk(worker, ${JSON.stringify(smallest)}));`,
      '```mermaid',
      toDiagram(run.trace),
      '```',
    ].join('\n'),
  ];
}

/** Runs one walk again; throws what it breaks. */
export async function runWalk(subject: Subject, plan: Plan): Promise<RunResult> {
  return runPlan(plan, { policy: policyOf(subject), record: true });
}

async function smallestOf(failed: {
  readonly plan: Plan;
  readonly result: RunResult;
  readonly policy: Policy;
}) {
  const { plan, result, policy } = failed;
  const wanted = new Set(result.broken.map(shapeOf));
  const fails = async (smaller: Plan) =>
    (await runPlan(smaller, { policy })).broken.some((sentence) => wanted.has(shapeOf(sentence)));
  const spelled = spelledOut({ plan, result });
  // Without fast-check, which is optional, it stays as long as it is.
  const smallest = await shrink(spelled, { fails, timeLimitMs: 10_000 }).catch((error: unknown) => {
    if ((error as { readonly code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') return spelled;
    throw error;
  });
  return { smallest, run: await runPlan(smallest, { policy, record: true }) };
}

// A worker whose steps do what a test says: the definition as it is, schemas, policies and flow, but each step, and each actor
// of the flow, begins and then waits for its end.

import { isMachine } from '../../statechart/embed-machine.js';
import type { AnyFlow, Flow } from '../../statechart/flow.js';
import { failed, type StepContext, type Worker } from '../../worker/definition.js';

export type StepEnding = 'completed' | 'failed' | 'failed for good' | 'thrown';

/** Ends one run of a step that has begun. */
export type EndStep = (how: StepEnding) => void;

const given = {
  completed: { done: true },
  failed: { why: 'as tested' },
  thrown: 'thrown as tested',
} as const;

export function steer(worker: Worker, onBegun: (end: EndStep) => void): Worker {
  const run = () =>
    new Promise<unknown>((resolve, reject) => {
      onBegun((how) => {
        if (how === 'completed') resolve(given.completed);
        else if (how === 'thrown') reject(new Error(given.thrown));
        else resolve(failed(given.failed, { final: how === 'failed for good' }));
      });
    });
  return withSteps(worker, run);
}

/** The worker with this in place of each step, and of each actor of its flow. */
export function withSteps(worker: Worker, run: (context: StepContext<unknown, unknown>) => unknown): Worker {
  // What a step promises to return is another test's subject: runStep's.
  const steps = [...worker.steps].map(([name, step]) => [name, { ...step, run, result: undefined }] as const);
  return { ...worker, steps: new Map(steps), flow: steeredFlow(worker.flow, run) };
}

function steeredFlow(
  flow: Worker['flow'],
  run: (context: StepContext<unknown, unknown>) => unknown,
): Worker['flow'] {
  if (isMachine(flow)) return flow;
  const { actors } = flow as unknown as Flow;
  if (actors === undefined) return flow;
  const steered = Object.fromEntries(Object.keys(actors).map((name) => [name, run]));
  return { ...(flow as object), actors: steered } as unknown as AnyFlow;
}

// Starts what a state of a flow runs: the step that the job names, or an actor of the flow's own. Both run the same way.
import { historyOf, type JobContext } from '../../machines/job-outcome.js';
import type { Actor } from '../statechart/flow.js';
import type { LaneView } from '../statechart/lane-view.js';
import type { Step } from './definition.js';
import type { JobOutput } from './job-output.js';
import type { Logger } from './logger.js';
import type { StepJob } from './parse-job.js';
import { runStep, type StepRun, type StepRunOptions } from './step-run.js';

export interface LaneActor extends Omit<StepRunOptions, 'step' | 'context'> {
  readonly name: string;
  /** The flow's own actor of that name. */
  readonly own: Actor | undefined;
  readonly context: JobContext<StepJob>;
  readonly output: JobOutput | null;
  readonly logger: () => Logger;
  readonly view: () => LaneView;
}

/** null: there is nothing to do it with. */
export function startActor(actor: LaneActor): StepRun | null {
  return actor.own ? startOwn(actor, actor.own) : startNeedful(actor);
}

function startNeedful({ context, output, logger, ...options }: LaneActor): StepRun | null {
  const { parsed } = context;
  if (!parsed?.definition || !parsed.job || !output) {
    // A guard of the flow's own may let through what is no valid job.
    options.onEnd({ type: 'step.failed', ...(parsed?.problem && { problem: parsed.problem }) });
    return null;
  }
  return runStep({
    ...options,
    step: parsed.definition,
    context: {
      parameters: parsed.parameters,
      dynamic: parsed.dynamic,
      hosts: parsed.job.hosts,
      group: parsed.job.group,
      subcommand: parsed.job.subcommand,
      correlationId: parsed.address.correlationId,
      job: parsed.job,
      attempt: historyOf(context).retryCount + 1,
      output,
      notify: output.notify,
      get logger() {
        return logger();
      },
    },
  });
}

const anyActor: Omit<Step, 'name' | 'run'> = {
  parameters: [],
  dynamic: undefined,
  result: undefined,
  hosts: 'optional',
  deadlineMs: undefined,
  retry: undefined,
};

function startOwn({ name, context, view, ...options }: LaneActor, own: Actor): StepRun {
  // In place of the needful it is held against what the step promises.
  const result = name === 'needful' ? context.parsed?.definition?.result : undefined;
  return runStep({
    ...options,
    // An actor is given the lane, not the context of a step.
    step: { ...anyActor, name, result, run: own as unknown as Step['run'] },
    context: view() as unknown as StepRunOptions['context'],
  });
}

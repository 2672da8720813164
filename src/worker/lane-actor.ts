// Starts what a state of a flow runs: the step that the job names, or an actor of the flow's own. Both run the same way.
import type { Actor } from '../statechart/flow.js';
import type { LaneView } from '../statechart/lane-view.js';
import type { Step, StepContext } from './definition.js';
import type { JobOutput } from './job-output.js';
import type { StepJob } from './parse-job.js';
import { runStep, type StepRun, type StepRunOptions } from './step-run.js';

type Running = Omit<StepRunOptions, 'step' | 'context'>;

/** null: there is nothing to do it with. */
export function startNeedful(
  parsed: StepJob | null,
  of: Running & {
    readonly output: JobOutput | null;
    readonly logger: () => StepContext<unknown, unknown>['logger'];
  },
): StepRun | null {
  const { output, logger, ...running } = of;
  if (!parsed?.definition || !parsed.job || !output) return null;
  return runStep({
    step: parsed.definition,
    context: {
      parameters: parsed.parameters,
      dynamic: parsed.dynamic,
      hosts: parsed.job.hosts,
      group: parsed.job.group,
      subcommand: parsed.job.subcommand,
      correlationId: parsed.address.correlationId,
      job: parsed.job,
      output,
      notify: output.notify,
      get logger() {
        return logger();
      },
    },
    ...running,
  });
}

/** `name`: of the actor; in place of the needful it is held against the step's own `result`. */
export function startOwnActor(
  actor: Actor,
  of: Running & { readonly name: string; readonly view: LaneView; readonly parsed: StepJob | null },
): StepRun {
  const { name, view, parsed, ...running } = of;
  const bare: Step = {
    name,
    parameters: [],
    dynamic: undefined,
    result: undefined,
    hosts: 'optional',
    deadlineMs: undefined,
    run: () => {},
  };
  const step = name === 'needful' && parsed?.definition ? parsed.definition : bare;
  return runStep({
    // An actor sees the lane and not the step's own context.
    step: { ...step, run: actor as unknown as Step['run'] },
    context: view as unknown as StepRunOptions['context'],
    ...running,
  });
}

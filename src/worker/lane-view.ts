// What a flow's own functions see of a lane: made when one is called, since a flow without any needs none.
import type { JobContext } from '../../machines/job-outcome.js';
import type { LaneView } from '../statechart/lane-view.js';
import { type JobOutput, silentOutput } from './job-output.js';
import type { Logger } from './logger.js';
import type { StepJob } from './parse-job.js';

export type LaneFacts = Pick<LaneView, 'lane' | 'worker' | 'state' | 'correlationId' | 'step'>;

export function laneView(
  facts: LaneFacts,
  of: { readonly context: JobContext<StepJob>; readonly output: JobOutput | null; readonly logger: Logger },
): LaneView {
  const { parsed, outcome } = of.context;
  const output = of.output ?? silentOutput;
  const { correlationId, step } = facts;
  return {
    ...facts,
    job: parsed?.job ?? null,
    parameters: parsed?.parameters ?? null,
    dynamic: parsed?.dynamic ?? null,
    outcome,
    output,
    notify: output.notify,
    logger: of.logger.child({ correlationId, step }),
  };
}

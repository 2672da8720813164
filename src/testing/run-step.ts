// A step alone: no bus, no lane, no worker. The job is encoded, parsed, run and answered by the code that a worker uses, so
// that what a test sees is what an engine would.

import type { At, NameOf, SendOptions, WorkerJob } from '../client/client.js';
import { type Clock, systemClock } from '../clock.js';
import type { Problem } from '../contract/errors.js';
import type { Notification, Sender } from '../contract/message-format.js';
import { releaseEngine } from '../contract/release-engine.js';
import type { Worker } from '../worker/definition.js';
import type { OutputLevel } from '../worker/running-worker.js';
import type { MachineTransition } from '../worker/watch-machine.js';
import { type AloneGiven, dataOf, hear, jobOf, runAlone } from './step-alone.js';
import { stepOf } from './values/step-values.js';

/** What a step is run with; `parameters` and `dynamic` are typed by the worker's definition. */
export type StepGiven<N extends string, C, P, D, K extends NameOf<N>> = Omit<
  WorkerJob<N, C, P, D, K>,
  'step' | Exclude<keyof SendOptions, 'correlationId'>
> & {
  /** The name that the job has, for a step that answers to any. Default: the step's, and '' for `'*'`. */
  readonly subcommand?: string;
  /** Aborts the step, as a worker does when a job is cancelled; a NeedfulError as its reason is handed on. */
  readonly signal?: AbortSignal;
  /** For the step's deadline, and for what a step machine waits. Default: that of the process. */
  readonly clock?: Clock;
  /** Default 1. A step alone is not tried again. */
  readonly attempt?: number;
};

export interface StepOutcome<R = unknown> {
  /** `invalid`: the job was refused, and the step was not run. */
  readonly status: 'completed' | 'failed' | 'invalid';
  /** What a completed step returned, as an engine gets it; undefined for all others. */
  readonly result: R | undefined;
  /** Of the final reply, whatever its status; undefined: it has none. */
  readonly data: unknown;
  /** Why the library, and not the step, ended it. */
  readonly problem: Problem | null;
  /** What the step itself said; a worker adds a first and a last line. */
  readonly outputs: readonly { readonly level: OutputLevel; readonly line: string }[];
  readonly notifications: readonly Notification[];
  /** What the step threw, also after it was aborted; undefined: nothing. */
  readonly error: unknown;
  /** It was aborted and still went on a second later: it does not listen to its `signal`. */
  readonly orphaned: boolean;
  /** Of a step that is a machine. */
  readonly transitions: readonly MachineTransition[];
}

/** The job may be left out where nothing in it has to be there. */
type Given<T> = object extends T ? [job?: T] : [job: T];

/**
 * Runs one step of a worker once and resolves when it has ended; it rejects for no job that a bus could bring. Throws
 * STEP_UNKNOWN for a name that the worker has no step for, OPTION_INVALID for what is no JSON.
 */
export async function runStep<N extends string, C, P, D, R, K extends NameOf<N>>(
  worker: Worker<N, C, P, D, R>,
  name: K,
  ...[given]: Given<StepGiven<NoInfer<N>, NoInfer<C>, NoInfer<P>, NoInfer<D>, K>>
): Promise<StepOutcome<At<R, K>>> {
  const outcome = await outcomeOf(worker as Worker, name, (given ?? {}) as AloneGiven);
  return outcome as StepOutcome<At<R, K>>;
}

async function outcomeOf(
  worker: Worker,
  name: string,
  given: AloneGiven & { readonly clock?: Clock },
): Promise<StepOutcome> {
  stepOf(worker, name);
  const { clock = systemClock, subcommand = name === '*' ? '' : name, ...rest } = given;
  const format = worker.format ?? releaseEngine;
  const parsed = jobOf(worker, { given: { ...rest, subcommand }, format });
  const { definition: step, job, problem: refused } = parsed;
  const sender: Sender = { appId: worker.appId, address: parsed.address };
  if (step === null || job === null) {
    const data = dataOf({ status: 'failed', data: refused }, { format, sender });
    return { ...nothing, status: 'invalid', data, problem: refused };
  }
  const { output, lines, notifications } = hear(worker, { sender, format, job, clock });
  const { end, ...seen } = await runAlone({ step, parsed, job, output, given, clock });
  output.end();
  const status = end.type === 'step.completed' ? 'completed' : 'failed';
  const problem = (end.type === 'step.failed' && end.problem) || null;
  const told = problem ?? end.data;
  const data = dataOf({ status, ...(told !== undefined && { data: told }) }, { format, sender });
  const result = status === 'completed' ? data : undefined;
  return { status, result, data, problem, outputs: lines, notifications, ...seen };
}

const nothing = {
  result: undefined,
  outputs: [],
  notifications: [],
  error: undefined,
  orphaned: false,
  transitions: [],
};

// The release machine's effects: opens the reply queue, sends jobs, turns what comes back into the machine's events.
import type { ReleaseEngineEvent, ReleaseOutcome } from '../../machines/release.js';
import type { Client, JobEvent, JobRun } from '../client/client.js';
import { errorKinds, NeedfulError, type Problem } from '../contract/errors.js';
import type { ReplyStatus } from '../contract/message-format.js';
import { problem } from '../contract/problem.js';
import { announcements } from './announce.js';
import { type PlannedJob, requestOf } from './plan.js';
import type { ReleaseRecord } from './record.js';

export interface DispatcherOptions {
  readonly release: string;
  readonly group: string;
  readonly dynamic: Readonly<Record<string, unknown>>;
  readonly client: Client;
  readonly record: ReleaseRecord;
  readonly notificationExchange: string | undefined;
  readonly tell: (event: ReleaseEngineEvent) => void;
}

export interface Dispatcher {
  open(): void;
  dispatch(job: PlannedJob): void;
  settle(job: PlannedJob, outcome: ReleaseOutcome): void;
  /** Nothing is waited for any more. */
  cancel(): void;
  /** Why the reply queue could not be had. */
  readonly refusal: Error | undefined;
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { client, record, tell } = options;
  let run: JobRun | undefined;
  let refusal: Error | undefined;

  function cancel(): void {
    const last = run;
    run = undefined;
    last?.cancel();
  }

  function lose(error: unknown): void {
    tell({ type: 'job.lost', problem: problemOf(error) });
  }

  function send(job: PlannedJob): void {
    const sent = client.send({
      ...requestOf(job, options),
      correlationId: options.release,
      // The machine has its own deadlines.
      deadlineMs: Number.POSITIVE_INFINITY,
      onEvent: (event) => forward(event, job),
    });
    run = sent;
    sent.result.catch((error: unknown) => {
      if (sent === run) lose(error);
    });
  }

  function forward(event: JobEvent, { planned }: PlannedJob): void {
    if (event.type === 'warning') record.warn(event.message, planned);
    if (event.type !== 'reply') return;
    if (event.status === 'started') tell({ type: 'reply.started' });
    else tell({ type: `reply.${event.status}`, ...(event.data === undefined ? {} : { data: event.data }) });
  }

  function announce(job: PlannedJob, reply: { readonly status: ReplyStatus; readonly data?: unknown }): void {
    const { release: correlationId, notificationExchange: exchange } = options;
    for (const notification of announcements(job, reply))
      client.notify(notification, exchange === undefined ? { correlationId } : { correlationId, exchange });
  }

  return {
    open() {
      client.open().then(
        () => {
          const { outputsProblem } = client.status();
          if (outputsProblem !== null) record.warn(`output lines are not heard: ${outputsProblem}`);
          tell({ type: 'replyQueue.opened' });
        },
        (error: unknown) => {
          refusal = error instanceof Error ? error : new Error(String(error));
          tell({ type: 'replyQueue.refused', problem: problemOf(error) });
        },
      );
    },
    dispatch(job) {
      record.dispatched(job.planned);
      try {
        send(job);
      } catch (error) {
        return lose(error);
      }
      announce(job, { status: 'started' });
    },
    settle(job, { status, ...outcome }) {
      cancel();
      if (status === 'completed') record.completed(job.planned, outcome);
      else record.failed(job.planned, { ...toldBy(outcome.data), ...outcome });
      announce(job, { status, data: outcome.data ?? outcome.problem });
    },
    cancel,
    get refusal() {
      return refusal;
    },
  };
}

function problemOf(error: unknown): Problem {
  if (error instanceof NeedfulError) return problem(error.code, error.message);
  return problem('CHANNEL_CLOSED', error instanceof Error ? error.message : String(error));
}

// A `failed` that Needful's workers make says why in its data; anything else there is the step's own.
function toldBy(data: unknown): { readonly problem?: Problem } {
  if (typeof data !== 'object' || data === null || !('code' in data) || !('message' in data)) return {};
  const { code, message } = data;
  return typeof code === 'string' && Object.hasOwn(errorKinds, code) && typeof message === 'string'
    ? { problem: data as Problem }
    : {};
}

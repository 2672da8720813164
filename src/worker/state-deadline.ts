// How long a lane may stay in a state: the flow names a deadline, the step or the worker's options say how long it is.
import type { JobHistory } from '../../machines/job-outcome.js';
import { backoffMs } from './backoff.js';
import type { Step } from './definition.js';
import type { ResolvedOptions } from './options.js';

/** How long a final reply or a dead letter waits for a new channel, in milliseconds. */
const resendDeadlineMs = 300_000;
/** Between two sendings of a reply that the broker refuses, in milliseconds. */
const pause = { baseMs: 250, capMs: 8000 };

export interface DeadlineOf {
  /** The one in hand. */
  readonly step: Step | null;
  readonly history: JobHistory;
  readonly options: ResolvedOptions;
}

/** Milliseconds; Infinity where a state may last. */
export function stateDeadlineMs(deadline: string | number | undefined, of: DeadlineOf): number {
  const { step, history, options } = of;
  if (typeof deadline === 'number') return deadline;
  switch (deadline) {
    case 'reply':
      return options.replyDeadlineMs;
    case 'step':
      return step?.deadlineMs ?? options.stepDeadlineMs;
    case 'resend':
      return resendDeadlineMs;
    case 'backoff':
      return step?.retry ? backoffMs(history.retryCount, options.random, step.retry) : 0;
    case 'pause':
      return backoffMs(history.refusalCount, options.random, pause);
    default:
      return Number.POSITIVE_INFINITY;
  }
}

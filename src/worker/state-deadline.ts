// How long a lane may stay in a state: the flow names a deadline, the step or the worker's options say how long it is.
import type { Step } from './definition.js';
import type { ResolvedOptions } from './options.js';

/** How long a final reply waits for a new channel, in milliseconds. */
const resendDeadlineMs = 300_000;

/** Milliseconds; Infinity where a state may last. `step`: the one in hand. */
export function stateDeadlineMs(
  deadline: string | number | undefined,
  of: { readonly step: Step | null; readonly options: ResolvedOptions },
): number {
  if (typeof deadline === 'number') return deadline;
  switch (deadline) {
    case 'reply':
      return of.options.replyDeadlineMs;
    case 'step':
      return of.step?.deadlineMs ?? of.options.stepDeadlineMs;
    case 'resend':
      return resendDeadlineMs;
    default:
      return Number.POSITIVE_INFINITY;
  }
}

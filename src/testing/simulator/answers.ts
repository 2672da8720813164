// Which answers a job may get, by what is wrong with it: the outcome is known beforehand but for what befalls the job.
import type { Reply } from '../../contract/message-format.js';
import type { PlannedJob } from './plan.js';

/** What befell a job, or its worker. */
export interface Befallen {
  /** It was cancelled, or its worker was stopped. */
  readonly cancelled: boolean;
  /** Something kept its worker from its broker. */
  readonly disturbed: boolean;
  /** It was given more than once, and may not be begun again. */
  readonly refusedAgain: boolean;
}

export interface AnswerRules {
  /** Longest run of a step, in milliseconds. */
  readonly stepDeadlineMs: number;
  /** Attempts of a step. */
  readonly attempts: number;
}

/** Whether a job of this kind may be told this. */
export function mayBeTold(
  { is, takesMs }: PlannedJob,
  {
    reply,
    befallen,
    rules,
  }: { readonly reply: Reply; readonly befallen: Befallen; readonly rules: AnswerRules },
): boolean {
  const { status, data } = reply;
  if (status === 'started') return is !== 'invalid' && is !== 'mute';
  const code = (data as { readonly code?: unknown } | undefined)?.code;
  if (status === 'failed') {
    if (befallen.refusedAgain && code === 'REDELIVERED') return true;
    if (befallen.disturbed && code === 'REPLY_UNKNOWN') return true;
    if (befallen.cancelled && code === 'CANCELLED') return is !== 'invalid';
  }
  const isDone = status === 'completed' && data === takesMs;
  const isLate = status === 'failed' && code === 'DEADLINE_PASSED';
  const threw = status === 'failed' && code === 'STEP_THREW';
  switch (is) {
    case 'invalid':
      return status === 'failed' && code === (namesNoStep(takesMs) ? 'STEP_UNKNOWN' : 'PARAMETERS_INVALID');
    case 'failing':
      return status === 'failed' && (data as { readonly why?: unknown } | undefined)?.why === 'on purpose';
    case 'throwing':
      return threw;
    case 'flaky':
      return rules.attempts > 1 ? status === 'completed' : threw || status === 'completed';
    case 'endless':
      return isLate;
    case 'slow':
    case 'deaf':
      return takesMs > rules.stepDeadlineMs ? isLate : isDone;
    default:
      return isDone;
  }
}

/** How often the step of such a job may be begun for one delivery. */
export const attemptsOf = ({ is, takesMs }: PlannedJob, { attempts }: AnswerRules): number =>
  is === 'failing' && failsForGood(takesMs) ? 1 : attempts;

/** Every other invalid job names a step that there is not; the rest do not fit their schema. */
export const namesNoStep = (takesMs: number): boolean => takesMs % 2 === 1;

/** Every other job that fails on purpose says that trying again would end the same way. */
export const failsForGood = (takesMs: number): boolean => takesMs % 2 === 0;

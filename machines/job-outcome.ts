// What a lane knows of the job in its hand, and the pure functions that change it: what its `keep…` actions and guards do.
import type { AnyEventObject } from 'xstate';
import type { Problem } from '../src/contract/errors.js';
import type { Received } from '../src/contract/message.js';
import type { Address, Reply } from '../src/contract/message-format.js';
import type { Update } from '../src/statechart/machine.js';
import type { JobAction, JobGuard } from './job-vocabulary.js';

/** What a parsed delivery is known by; a runtime adds what its step needs. */
export interface ParsedJob {
  readonly address: Address;
  /** Name of the step; null: unknown. */
  readonly step: string | null;
  /** Why it is refused; null: it is valid. */
  readonly problem: Problem | null;
  /** How often its step may be tried. Default 1. */
  readonly attemptLimit?: number;
}

/** What happened to the job in hand, as far as its flow asks. */
export interface JobHistory {
  /** Attempts of the step after the first. */
  readonly retryCount: number;
  /** Negative confirms of its final reply. */
  readonly refusalCount: number;
  /** The delivery was settled before the needful. */
  readonly settled: boolean;
  /** The delivery was lost while the step ran. */
  readonly lost: boolean;
  /** A final reply was sent and may have arrived. */
  readonly doubtful: boolean;
}

export interface JobContext<P extends ParsedJob = ParsedJob> {
  readonly delivery: Received | null;
  readonly parsed: P | null;
  /** The final reply, as soon as it is known; `problem` where the library and not the step says why. */
  readonly outcome: (Reply & { readonly problem?: Problem }) | null;
  /** null as long as all goes well. */
  readonly history: JobHistory | null;
  readonly [key: string]: unknown;
}

export const noJob = { delivery: null, parsed: null, outcome: null, history: null };

/** Times a final reply is sent while the broker refuses it. */
const replyLimit = 8;

const noHistory: JobHistory = {
  retryCount: 0,
  refusalCount: 0,
  settled: false,
  lost: false,
  doubtful: false,
};
export const historyOf = ({ history }: Pick<JobContext, 'history'>): JobHistory => history ?? noHistory;
const noting =
  (change: (history: JobHistory) => Partial<JobHistory>): Update<JobContext> =>
  (context) => {
    const history = historyOf(context);
    return { history: { ...history, ...change(history) } };
  };

export const jobUpdates = {
  take: (_, event) => ({ delivery: (event as unknown as { delivery: Received }).delivery }),
  keepOutcome: (_, event) => ({ outcome: outcomeOf(event) }),
  keepUnknown: () => ({
    outcome: failure({
      code: 'REPLY_UNKNOWN',
      message: 'whether `started` arrived is not known; the step was not begun',
    }),
  }),
  keepProblem: ({ parsed }) => ({
    outcome: parsed?.problem ? failure(parsed.problem) : { status: 'failed' },
  }),
  refuse: (_, event, params) => ({ outcome: { status: 'failed', data: dataOf(event, params) } }),
  complete: (_, event, params) => ({ outcome: { status: 'completed', data: dataOf(event, params) } }),
  countAttempt: noting(({ retryCount }) => ({ retryCount: retryCount + 1 })),
  countRefusal: noting(({ refusalCount }) => ({ refusalCount: refusalCount + 1 })),
  noteSettled: noting(() => ({ settled: true })),
  noteLoss: noting(() => ({ lost: true })),
  noteDoubt: noting(() => ({ doubtful: true })),
  forget: () => noJob,
} as const satisfies { readonly [K in JobAction]?: Update<JobContext> };

export const jobGuards = {
  isValid: ({ parsed }) => parsed?.problem === null,
  isInvalid: ({ parsed }) => parsed?.problem !== null,
  hasCompleted: ({ outcome }) => outcome?.status === 'completed',
  isLost: (context) => historyOf(context).lost,
  isUnsettled: (context) => !historyOf(context).settled,
  isDoubtful: (context) => historyOf(context).doubtful,
  hasAttemptsLeft: (context, event) =>
    event.final !== true && historyOf(context).retryCount + 1 < (context.parsed?.attemptLimit ?? 1),
  hasRepliesLeft: (context) => historyOf(context).refusalCount + 1 < replyLimit,
} as const satisfies {
  readonly [K in JobGuard]: (context: JobContext, event: AnyEventObject) => boolean;
};

type JobOutcome = NonNullable<JobContext['outcome']>;

const failure = (problem: Problem): JobOutcome => ({ status: 'failed', data: problem, problem });

const dataOf = (event: AnyEventObject, params: unknown): unknown => {
  const given = params as { readonly data?: unknown } | undefined;
  return given?.data === undefined ? event.data : given.data;
};

function outcomeOf(event: AnyEventObject): JobOutcome {
  switch (event.type) {
    case 'step.completed':
      return { status: 'completed', data: event.data };
    case 'step.failed':
      return event.problem === undefined ? { status: 'failed', data: event.data } : failure(event.problem);
    case 'deadline.passed':
      return failure({ code: 'DEADLINE_PASSED', message: deadlineText(event.state) });
    case 'cancel':
      return failure({
        code: 'CANCELLED',
        message: `the job was cancelled: ${event.reason ?? 'no reason given'}`,
      });
    default:
      return { status: 'failed', data: event.data };
  }
}

/** Why a state was left: the needful is called the step, as its users know it. */
export const deadlineText = (state: unknown): string =>
  typeof state !== 'string' || state === 'doingTheNeedful'
    ? 'the step ran longer than its deadline'
    : `the job was longer in ${state} than its deadline`;

// The names that the runtime of a lane brings to every flow: its events, and what its actions and guards mean for the
// promises of a job. The functions behind the names are the runtime's (src/worker/lane.ts) and job-outcome.ts.
import type { Problem } from '../src/contract/errors.js';
import type { Received } from '../src/contract/message.js';
import type { Vocabulary } from '../src/statechart/vocabulary.js';

/** Facts and commands that a lane answers. */
export type JobEvent =
  | { readonly type: 'delivery.received'; readonly delivery: Received }
  /** The delivery's channel ended before it was settled. */
  | { readonly type: 'delivery.lost' }
  /** The broker has the reply and a queue took it. */
  | { readonly type: 'reply.confirmed' }
  /** No queue takes the reply. */
  | { readonly type: 'reply.undeliverable' }
  /** The broker did not take the reply: a negative confirm. */
  | { readonly type: 'reply.refused' }
  /** The channel ended before the confirm: the reply may have arrived. */
  | { readonly type: 'reply.lost' }
  /** The dead letter was confirmed, or there is none to send. */
  | { readonly type: 'letter.sent' }
  /** No queue takes the dead letter, or the broker refuses it. */
  | { readonly type: 'letter.failed' }
  /** Replies and dead letters can be sent again, on a new channel. */
  | { readonly type: 'connection.opened' }
  | { readonly type: 'step.completed'; readonly data?: unknown }
  /** `data` of a failure on purpose, or the `problem` that the library found. `final`: no retry. */
  | {
      readonly type: 'step.failed';
      readonly data?: unknown;
      readonly problem?: Problem;
      readonly final?: boolean;
    }
  /** `state`: the one that lasted too long. */
  | { readonly type: 'deadline.passed'; readonly state?: string }
  /** `stopping`: because the worker stops. */
  | { readonly type: 'cancel'; readonly reason?: string; readonly stopping?: boolean }
  | { readonly type: 'stop' };

/** Every event that the runtime raises. */
const events = [
  'delivery.received',
  'delivery.lost',
  'reply.confirmed',
  'reply.undeliverable',
  'reply.refused',
  'reply.lost',
  'letter.sent',
  'letter.failed',
  'connection.opened',
  'step.completed',
  'step.failed',
  'deadline.passed',
  'cancel',
  'stop',
] as const satisfies readonly JobEvent['type'][];

const actions = {
  take: {},
  parse: { parses: true },
  /** Takes the outcome from the event; an event of one's own is a failure with its `data`. */
  keepOutcome: { keeps: 'event' },
  keepUnknown: { keeps: 'failed' },
  keepProblem: { keeps: 'failed' },
  /** The job has failed with `params.data`, or with the `data` of the event. */
  refuse: { keeps: 'failed' },
  /** The job is completed with `params.data`, or with the `data` of the event. */
  complete: { keeps: 'completed' },
  forget: { keeps: 'nothing' },
  rest: { rests: true },
  acknowledge: { settles: 'acknowledge' },
  /** Nobody is to do the job again. */
  reject: { settles: 'reject' },
  /** The delivery is settled, and the job goes on. */
  noteSettled: {},
  /** The step is tried once more. */
  countAttempt: {},
  /** The final reply was refused once more. */
  countRefusal: {},
  /** The delivery is lost while its step goes on. */
  noteLoss: {},
  /** A final reply may have arrived. */
  noteDoubt: {},
  reportStarted: { replies: 'started' },
  reportInvalid: { replies: 'failed' },
  reportCompleted: { replies: 'completed' },
  reportFailed: { replies: 'failed' },
  recordUnknown: { doubts: true },
  recordRefused: { doubts: true },
  recordUnanswered: { ends: 'unanswered' },
  recordLost: { ends: 'lost' },
  deadLetter: {},
  recordLetter: {},
  giveBack: { settles: 'requeue', ends: 'given back' },
} as const satisfies Vocabulary['actions'];

const guards = {
  isValid: 'valid',
  isInvalid: 'invalid',
  hasCompleted: 'completed',
  isLost: 'lost',
  isUnsettled: 'unsettled',
  isDoubtful: null,
  hasAttemptsLeft: null,
  hasRepliesLeft: null,
} as const;

export type JobAction = keyof typeof actions;
export type JobGuard = keyof typeof guards;
export type JobActor = 'needful';
/** How long a state may last; the runtime knows the milliseconds. */
export type JobDeadline = 'reply' | 'step' | 'resend' | 'backoff' | 'pause';

export const jobVocabulary: Vocabulary = {
  events,
  actions,
  guards,
  actors: ['needful'] satisfies JobActor[],
  deadlines: ['reply', 'step', 'resend', 'backoff', 'pause'] satisfies JobDeadline[],
  standard: {
    on: {
      cancel: { target: 'failed', actions: 'keepOutcome' },
      'delivery.lost': { target: 'lost' },
    },
    keep: 'keepOutcome',
  },
};

// The flow of one job through one lane, state for state the tutorial's chart. No I/O, clock or logger: what an action does
// is given by the runtime. A lane is persistent: it goes round this flow once per delivery, and as many lanes as the
// worker has run side by side (ADR 0001). Each policy is a drawing of its own, without ways that its worker cannot take.
import type { Flow } from '../src/statechart/flow.js';
import type { Acknowledge, JobPolicy } from './job-policy.js';
import {
  type JobAction,
  type JobActor,
  type JobDeadline,
  type JobEvent,
  type JobGuard,
  jobVocabulary,
} from './job-vocabulary.js';

export type JobState<K extends Acknowledge = 'received'> =
  | 'listening'
  | 'received'
  | 'acknowledged'
  | 'parsing'
  | 'verified'
  | 'invalid'
  | 'doingTheNeedful'
  | 'retrying'
  | 'completed'
  | 'failed'
  | 'replyUnknown'
  | 'replyRefused'
  | 'unanswered'
  | 'deadLettering'
  | 'lost'
  | 'stopped'
  | (K extends 'received' ? never : 'rejected');

export type JobFlow<K extends Acknowledge = 'received'> = Flow<
  JobState<K>,
  JobEvent['type'],
  JobAction,
  JobGuard,
  JobActor,
  JobDeadline
>;

const failing = { target: 'failed', actions: 'keepOutcome' } as const;
const unsuccessful = [
  { guard: 'hasAttemptsLeft', target: 'retrying', actions: 'keepOutcome' },
  failing,
] as const;
const notBegun = { target: 'replyUnknown', actions: 'keepUnknown' } as const;
const doubtful = { target: 'replyUnknown', actions: 'noteDoubt' } as const;
/** A final reply is on its way. */
const awaitConfirm = {
  'reply.undeliverable': { target: 'unanswered' },
  'reply.refused': [
    { guard: 'hasRepliesLeft', target: 'replyRefused', actions: 'countRefusal' },
    { target: 'unanswered' },
  ],
  'reply.lost': doubtful,
  'deadline.passed': doubtful,
} as const;
/** The final reply once more, whatever it was. */
const again = [
  { guard: 'isInvalid', target: 'invalid' },
  { guard: 'hasCompleted', target: 'completed' },
  { target: 'failed' },
] as const;
const redelivered = { 'delivery.lost': { target: 'lost' } } as const;

/** The flow as a worker's policy draws it. */
export function createJobFlow<const K extends Acknowledge = 'received'>(
  policy: JobPolicy<K> = {},
): JobFlow<K> {
  const { acknowledge = 'received', unknownReply = 'resend', deliveryLost = 'abort' } = policy;
  const early = acknowledge === 'received';
  const late = acknowledge === 'settled';
  const finishes = late && deliveryLost === 'finish';
  /** Where a job ends that nobody is to do again. */
  const refused = early
    ? ([{ target: 'listening' }] as const)
    : late
      ? ([{ target: 'rejected' }] as const)
      : ([{ guard: 'isUnsettled', target: 'rejected' }, { target: 'listening' }] as const);
  const confirmed = { 'reply.confirmed': { target: late ? 'acknowledged' : 'listening' } } as const;
  const whileUnsettled = late ? redelivered : {};
  const orLost = finishes ? ([{ guard: 'isLost', target: 'lost' }] as const) : [];

  const flow: JobFlow<'verified'> = {
    kind: 'flow',
    id: 'job',
    vocabulary: jobVocabulary,
    initial: 'listening',
    on: { stop: { target: 'stopped' } },
    states: {
      listening: {
        description: 'Waits for a job on the queue; it may wait for ever.',
        tags: ['idle'],
        entry: ['forget', 'rest'],
        on: { 'delivery.received': { target: 'received', actions: 'take' } },
      },
      received: {
        description: 'A delivery is in hand.',
        always: { target: early ? 'acknowledged' : 'parsing' },
      },
      acknowledged: {
        description: late
          ? 'The job is done and answered: the delivery is acknowledged.'
          : 'The delivery was acknowledged: from here on only this lane has the job.',
        entry: acknowledge === 'verified' ? ['acknowledge', 'noteSettled'] : 'acknowledge',
        always: { target: early ? 'parsing' : late ? 'listening' : 'verified' },
      },
      parsing: {
        description: 'The body is decoded and held against the schemas of the step it names.',
        entry: 'parse',
        always: [
          { guard: 'isValid', target: acknowledge === 'verified' ? 'acknowledged' : 'verified' },
          { target: 'invalid' },
        ],
      },
      verified: {
        description:
          'The job is valid. `started` is on its way; the needful begins once the broker confirms it.',
        entry: 'reportStarted',
        deadline: 'reply',
        on: {
          'reply.confirmed': { target: 'doingTheNeedful' },
          'reply.undeliverable': { target: 'unanswered' },
          'reply.refused': { target: 'unanswered' },
          'reply.lost': notBegun,
          'deadline.passed': notBegun,
          cancel: failing,
          ...redelivered,
        },
      },
      invalid: {
        description:
          'The job cannot be done as it was asked for. One `failed` with the reason is on its way.',
        entry: ['keepProblem', 'reportInvalid'],
        deadline: 'reply',
        on: { 'reply.confirmed': { target: 'deadLettering' }, ...awaitConfirm, ...redelivered },
      },
      doingTheNeedful: {
        description: 'The step runs.',
        run: 'needful',
        deadline: 'step',
        on: {
          'step.completed': [...orLost, { target: 'completed', actions: 'keepOutcome' }],
          'step.failed': [...orLost, ...unsuccessful],
          'deadline.passed': [...orLost, ...unsuccessful],
          cancel: [...orLost, failing],
          ...(finishes ? { 'delivery.lost': { actions: 'noteLoss' } } : whileUnsettled),
        },
      },
      retrying: {
        description: 'The step failed and is tried again after a pause.',
        deadline: 'backoff',
        on: {
          'deadline.passed': { target: 'doingTheNeedful', actions: 'countAttempt' },
          cancel: failing,
          ...whileUnsettled,
        },
      },
      completed: {
        description: 'The needful was done. `completed` is on its way.',
        entry: 'reportCompleted',
        deadline: 'reply',
        on: { ...confirmed, ...awaitConfirm, ...whileUnsettled },
      },
      failed: {
        description: 'The needful was not done. `failed` is on its way.',
        entry: 'reportFailed',
        deadline: 'reply',
        on: { ...confirmed, ...awaitConfirm, ...whileUnsettled },
      },
      replyUnknown: {
        description:
          unknownReply === 'resend'
            ? 'It is not known whether a reply arrived. The final reply is sent on the next channel.'
            : 'It is not known whether a reply arrived. A final reply is not sent a second time.',
        entry: 'recordUnknown',
        deadline: 'resend',
        ...(unknownReply === 'giveUp' && {
          always: { guard: 'isDoubtful', target: 'unanswered' } as const,
        }),
        on: {
          'connection.opened': again,
          'deadline.passed': { target: 'unanswered' },
          cancel: { target: 'unanswered' },
          ...(early ? {} : redelivered),
        },
      },
      replyRefused: {
        description:
          'The broker refused a final reply, as for a queue that is full. It is sent again after a pause.',
        entry: 'recordRefused',
        deadline: 'pause',
        on: {
          'deadline.passed': again,
          cancel: { target: 'unanswered' },
          ...(early ? {} : redelivered),
        },
      },
      unanswered: {
        description: 'Nobody can be told how the job ended; the log has it.',
        entry: 'recordUnanswered',
        always: { target: 'deadLettering' },
      },
      deadLettering: {
        description: 'The job goes where dead letters are kept, if the worker names a place.',
        entry: 'deadLetter',
        deadline: 'resend',
        on: {
          'letter.sent': refused,
          'letter.failed': refused.map((way) => ({ ...way, actions: 'recordLetter' as const })),
          'deadline.passed': refused.map((way) => ({ ...way, actions: 'recordLetter' as const })),
          'connection.opened': { target: 'deadLettering', reenter: true },
          ...(early ? {} : redelivered),
        },
      },
      rejected: {
        description: 'Nobody is to do the job again: the delivery is rejected.',
        entry: 'reject',
        always: { target: 'listening' },
      },
      lost: {
        description:
          'The channel ended before the delivery was acknowledged: the broker gives the job to a worker again.',
        entry: 'recordLost',
        always: { target: 'listening' },
      },
      stopped: {
        description: 'The lane has ended.',
        type: 'final',
        entry: 'giveBack',
      },
    },
  };
  if (!early) return flow as unknown as JobFlow<K>;
  const { rejected: _, ...states } = flow.states;
  return { ...flow, states } as unknown as JobFlow<K>;
}

/** Acknowledged when received, as in the tutorial: the flow of a worker that says nothing else. */
export const jobFlow: JobFlow = createJobFlow();

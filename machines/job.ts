// The flow of one job through one lane, state for state the tutorial's chart. No I/O, clock or logger: what an action does
// is given by the runtime. A lane is persistent: it goes round this flow once per delivery, and as many lanes as the
// worker has run side by side (ADR 0001). Acknowledged when received, as in the tutorial.
import type { Flow } from '../src/statechart/flow.js';
import {
  type JobAction,
  type JobActor,
  type JobDeadline,
  type JobEvent,
  type JobGuard,
  jobVocabulary,
} from './job-vocabulary.js';

export type JobState =
  | 'listening'
  | 'received'
  | 'acknowledged'
  | 'parsing'
  | 'verified'
  | 'invalid'
  | 'doingTheNeedful'
  | 'completed'
  | 'failed'
  | 'replyUnknown'
  | 'unanswered'
  | 'lost'
  | 'stopped';

export type JobFlow = Flow<JobState, JobEvent['type'], JobAction, JobGuard, JobActor, JobDeadline>;

const unknown = { target: 'replyUnknown' } as const;
/** A final reply is on its way. */
const awaitConfirm = {
  'reply.confirmed': { target: 'listening' },
  'reply.undeliverable': { target: 'unanswered' },
  'reply.lost': unknown,
  'deadline.passed': unknown,
} as const;
const failing = { target: 'failed', actions: 'keepOutcome' } as const;

export const jobFlow: JobFlow = {
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
      always: { target: 'acknowledged' },
    },
    acknowledged: {
      description: 'The delivery was acknowledged: from here on only this lane has the job.',
      entry: 'acknowledge',
      always: { target: 'parsing' },
    },
    parsing: {
      description: 'The body is decoded and held against the schemas of the step it names.',
      entry: 'parse',
      always: [{ guard: 'isValid', target: 'verified' }, { target: 'invalid' }],
    },
    verified: {
      description:
        'The job is valid. `started` is on its way; the needful begins once the broker confirms it.',
      entry: 'reportStarted',
      deadline: 'reply',
      on: {
        'reply.confirmed': { target: 'doingTheNeedful' },
        'reply.undeliverable': { target: 'unanswered' },
        'reply.lost': { ...unknown, actions: 'keepUnknown' },
        'deadline.passed': { ...unknown, actions: 'keepUnknown' },
        'delivery.lost': { target: 'lost' },
        cancel: failing,
      },
    },
    invalid: {
      description: 'The job cannot be done as it was asked for. One `failed` with the reason is on its way.',
      entry: ['keepProblem', 'reportInvalid'],
      deadline: 'reply',
      on: { ...awaitConfirm, 'delivery.lost': { target: 'lost' } },
    },
    doingTheNeedful: {
      description: 'The step runs.',
      run: 'needful',
      deadline: 'step',
      on: {
        'step.completed': { target: 'completed', actions: 'keepOutcome' },
        'step.failed': failing,
        'deadline.passed': failing,
        cancel: failing,
      },
    },
    completed: {
      description: 'The needful was done. `completed` is on its way.',
      entry: 'reportCompleted',
      deadline: 'reply',
      on: awaitConfirm,
    },
    failed: {
      description: 'The needful was not done. `failed` is on its way.',
      entry: 'reportFailed',
      deadline: 'reply',
      on: awaitConfirm,
    },
    replyUnknown: {
      description:
        'The channel ended before the broker confirmed a reply. The final reply is sent on the next one.',
      entry: 'recordUnknown',
      deadline: 'resend',
      on: {
        'connection.opened': [
          { guard: 'isInvalid', target: 'invalid' },
          { guard: 'hasCompleted', target: 'completed' },
          { target: 'failed' },
        ],
        'deadline.passed': { target: 'unanswered' },
        cancel: { target: 'unanswered' },
      },
    },
    unanswered: {
      description: 'Nobody can be told how the job ended; the log has it.',
      entry: 'recordUnanswered',
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

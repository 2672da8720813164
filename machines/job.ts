// The flow of one job through one lane, state for state the tutorial's chart. No I/O, clock or logger: what an action does
// is given by the runtime. A lane is persistent: it goes round this flow once per delivery, and as many lanes as the
// worker has run side by side (ADR 0001). Acknowledged when received, as in the tutorial.
import type { AnyEventObject, AnyStateMachine } from 'xstate';
import type { Problem } from '../src/contract/errors.js';
import type { Received } from '../src/contract/message.js';
import type { Address, Reply } from '../src/contract/message-format.js';
import type { Flow } from '../src/statechart/flow.js';
import { createFlowMachine, type Implementations } from '../src/statechart/machine.js';

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

/** What a parsed delivery is known by; a runtime adds what its step needs. */
export interface ParsedJob {
  readonly address: Address;
  /** Name of the step; null: unknown. */
  readonly step: string | null;
  /** Why it is refused; null: it is valid. */
  readonly problem: Problem | null;
}

/** Facts and commands that a lane answers. */
export type JobEvent =
  | { readonly type: 'delivery.received'; readonly delivery: Received }
  /** The delivery's channel ended before it was settled. */
  | { readonly type: 'delivery.lost' }
  /** The broker has the reply and a queue took it. */
  | { readonly type: 'reply.confirmed' }
  /** No queue takes the reply. */
  | { readonly type: 'reply.undeliverable' }
  /** The channel ended before the confirm: the reply may have arrived. */
  | { readonly type: 'reply.lost' }
  /** Replies can be sent again, on a new channel. */
  | { readonly type: 'connection.opened' }
  | { readonly type: 'step.completed'; readonly data?: unknown }
  /** `data` of a failure on purpose, or the `problem` that the library found. */
  | { readonly type: 'step.failed'; readonly data?: unknown; readonly problem?: Problem }
  | { readonly type: 'deadline.passed' }
  | { readonly type: 'cancel'; readonly reason?: string }
  | { readonly type: 'stop' };

export type JobAction =
  | 'take'
  | 'parse'
  | 'keepOutcome'
  | 'keepUnknown'
  | 'keepProblem'
  | 'forget'
  | 'rest'
  | 'acknowledge'
  | 'reportStarted'
  | 'reportInvalid'
  | 'reportCompleted'
  | 'reportFailed'
  | 'recordUnknown'
  | 'recordUnanswered'
  | 'recordLost'
  | 'giveBack';
export type JobGuard = 'isValid' | 'isInvalid' | 'hasCompleted';
export type JobActor = 'needful';
/** How long a state may last; the runtime knows the milliseconds. */
export type JobDeadline = 'reply' | 'step' | 'resend';

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
  id: 'job',
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

export interface JobContext<P extends ParsedJob = ParsedJob> {
  readonly delivery: Received | null;
  readonly parsed: P | null;
  /** The final reply, as soon as it is known; `problem` where the library and not the step says why. */
  readonly outcome: (Reply & { readonly problem?: Problem }) | null;
  readonly [key: string]: unknown;
}

type Effects<P extends ParsedJob> = Implementations<JobContext<P>, JobAction, JobGuard, JobActor>;

/** What a runtime gives: the pure `parse`, and the effects by name. */
export interface JobRuntime<P extends ParsedJob>
  extends Pick<Effects<P>, 'effects' | 'entered' | 'start' | 'abort' | 'threw'> {
  readonly parse: (delivery: Received) => P;
}

export const noJob = { delivery: null, parsed: null, outcome: null };

/** The machine of one lane. */
export function createJobMachine<P extends ParsedJob>(runtime: JobRuntime<P>): AnyStateMachine {
  const { parse, ...rest } = runtime;
  return createFlowMachine<
    JobContext<P>,
    JobState,
    JobEvent['type'],
    JobAction,
    JobGuard,
    JobActor,
    JobDeadline
  >(jobFlow, noJob, {
    updates: {
      take: (_, event) => ({ delivery: (event as unknown as { delivery: Received }).delivery }),
      parse: ({ delivery }) => (delivery === null ? {} : { parsed: parse(delivery) }),
      keepOutcome: (_, event) => ({ outcome: outcomeOf(event) }),
      keepUnknown: () => ({
        outcome: failure({
          code: 'REPLY_UNKNOWN',
          message: 'whether `started` arrived is not known; the step was not begun',
        }),
      }),
      keepProblem: ({ parsed }) => ({ outcome: parsed?.problem ? failure(parsed.problem) : null }),
      forget: () => noJob,
    },
    guards: {
      isValid: ({ parsed }) => parsed?.problem === null,
      isInvalid: ({ parsed }) => parsed?.problem !== null,
      hasCompleted: ({ outcome }) => outcome?.status === 'completed',
    },
    ...rest,
  });
}

type JobOutcome = NonNullable<JobContext['outcome']>;

const failure = (problem: Problem): JobOutcome => ({ status: 'failed', data: problem, problem });

function outcomeOf(event: AnyEventObject): JobOutcome {
  switch (event.type) {
    case 'step.completed':
      return { status: 'completed', data: event.data };
    case 'step.failed':
      return event.problem === undefined ? { status: 'failed', data: event.data } : failure(event.problem);
    case 'deadline.passed':
      return failure({ code: 'DEADLINE_PASSED', message: 'the step ran longer than its deadline' });
    default:
      return failure({
        code: 'CANCELLED',
        message: `the job was cancelled: ${event.reason ?? 'no reason given'}`,
      });
  }
}

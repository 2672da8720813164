// The engine's side as a machine: the jobs of a release one after the other, each started and then completed or failed;
// after a failure the rest is skipped. What a job is, how it travels and what time it is, is the runtime's.
import { assign, setup } from 'xstate';
import type { Problem } from '../src/contract/errors.js';

/** How the step under way ended. */
export interface ReleaseOutcome {
  readonly status: 'completed' | 'failed';
  /** As the worker sent it. */
  readonly data?: unknown;
  /** Why, where no worker said so. */
  readonly problem?: Problem;
}

export interface ReleaseContext {
  /** Jobs of the release. */
  readonly stepCount: number;
  /** Index of the step under way, from 0. */
  readonly position: number;
  readonly outcome: ReleaseOutcome | null;
}

export type ReleaseEngineEvent =
  | { readonly type: 'replyQueue.opened' }
  | { readonly type: 'replyQueue.refused'; readonly problem: Problem }
  | { readonly type: 'reply.started' }
  | { readonly type: 'reply.completed'; readonly data?: unknown }
  | { readonly type: 'reply.failed'; readonly data?: unknown }
  /** No reply can come, or none that can be read: undeliverable, connection lost, malformed. */
  | { readonly type: 'job.lost'; readonly problem: Problem }
  | { readonly type: 'deadline.passed'; readonly afterMs: number }
  | { readonly type: 'abort' };

/** Which deadline the runtime arms for a waiting state: `meta.deadline`. */
export type ReleaseDeadline = 'opened' | 'started' | 'finished';

export const releaseMachine = setup({
  types: {
    context: {} as ReleaseContext,
    events: {} as ReleaseEngineEvent,
    input: {} as Pick<ReleaseContext, 'stepCount'>,
    meta: {} as { readonly deadline: ReleaseDeadline },
  },
  actions: {
    /** Declares the release's reply queue and consumes it; answers replyQueue.opened or replyQueue.refused. */
    openReplyQueue: () => {},
    /** Sends the job at `position`; its replies come back as events. */
    dispatchStep: () => {},
    recordStarted: () => {},
    recordCompleted: () => {},
    recordFailed: () => {},
    /** The steps behind `position`, or all of them when none was dispatched. */
    recordSkipped: () => {},
    keepOutcome: assign({
      outcome: ({ event }) => {
        switch (event.type) {
          case 'reply.completed':
            return { status: 'completed', ...dataOf(event) };
          case 'reply.failed':
            return { status: 'failed', ...dataOf(event) };
          case 'job.lost':
          case 'replyQueue.refused':
            return { status: 'failed', problem: event.problem };
          default:
            return { status: 'failed' };
        }
      },
    }),
    keepProblem: assign({ outcome: (_, problem: Problem) => ({ status: 'failed', problem }) }),
    keepLateness: assign({
      outcome: (
        { event },
        { code, awaited }: { readonly code: Problem['code']; readonly awaited: string },
      ) => {
        const bound = event.type === 'deadline.passed' ? ` within ${event.afterMs} ms` : '';
        return { status: 'failed', problem: { code, message: `expected ${awaited}${bound}, none came` } };
      },
    }),
    advance: assign({ position: ({ context }) => context.position + 1, outcome: null }),
  },
  guards: {
    hasStep: ({ context }) => context.position < context.stepCount,
    hasRest: ({ context }) => context.position + 1 < context.stepCount,
  },
}).createMachine({
  id: 'release',
  description: 'A release: the jobs of a playbook, one at a time.',
  options: { maxIterations: 1_000 },
  context: ({ input }) => ({ stepCount: input.stepCount, position: 0, outcome: null }),
  initial: 'preparing',
  states: {
    preparing: {
      description: 'The playbook is valid; the queue for the replies is being opened.',
      meta: { deadline: 'opened' },
      entry: { type: 'openReplyQueue' },
      on: {
        'replyQueue.opened': { target: 'choosing' },
        'replyQueue.refused': { target: 'skippingRest', actions: { type: 'keepOutcome' } },
        'deadline.passed': {
          target: 'skippingRest',
          actions: { type: 'keepLateness', params: { code: 'BROKER_UNREACHABLE', awaited: 'a reply queue' } },
        },
        abort: {
          target: 'skippingRest',
          actions: { type: 'keepProblem', params: aborted('nothing was sent') },
        },
      },
    },
    choosing: {
      description: 'Is there another step?',
      always: [{ guard: 'hasStep', target: 'dispatching' }, { target: 'completed' }],
    },
    dispatching: {
      description: 'The job goes out to the worker of the step; those who asked are told.',
      entry: { type: 'dispatchStep' },
      always: { target: 'awaitingStarted' },
    },
    awaitingStarted: {
      description: 'A worker must say that it started, or refuse the job.',
      meta: { deadline: 'started' },
      on: {
        'reply.started': { target: 'awaitingFinal', actions: { type: 'recordStarted' } },
        'reply.failed': { target: 'stepFailed', actions: { type: 'keepOutcome' } },
        // All jobs of a release share its correlation id: this may as well be the step before, answered twice.
        'reply.completed': {
          target: 'stepFailed',
          actions: {
            type: 'keepProblem',
            params: {
              code: 'REPLY_OUT_OF_ORDER',
              message: 'expected started or failed first, got completed',
            },
          },
        },
        'job.lost': { target: 'stepFailed', actions: { type: 'keepOutcome' } },
        'deadline.passed': {
          target: 'stepFailed',
          actions: { type: 'keepLateness', params: { code: 'REPLY_DEADLINE_PASSED', awaited: 'started' } },
        },
        abort: {
          target: 'stepFailed',
          actions: { type: 'keepProblem', params: aborted('the job may still be done') },
        },
      },
    },
    awaitingFinal: {
      description: 'The worker does the needful; it must say completed or failed.',
      meta: { deadline: 'finished' },
      on: {
        'reply.completed': { target: 'stepCompleted', actions: { type: 'keepOutcome' } },
        'reply.failed': { target: 'stepFailed', actions: { type: 'keepOutcome' } },
        // As when a broker gives the job to another worker after the first one died: the wait begins anew.
        'reply.started': { target: 'awaitingFinal', reenter: true },
        'job.lost': { target: 'stepFailed', actions: { type: 'keepOutcome' } },
        'deadline.passed': {
          target: 'stepFailed',
          actions: {
            type: 'keepLateness',
            params: { code: 'REPLY_DEADLINE_PASSED', awaited: 'a final reply' },
          },
        },
        abort: {
          target: 'stepFailed',
          actions: { type: 'keepProblem', params: aborted('the worker may still be at it') },
        },
      },
    },
    stepCompleted: {
      description: 'The step is done; the next one may begin.',
      entry: [{ type: 'recordCompleted' }, { type: 'advance' }],
      always: { target: 'choosing' },
    },
    stepFailed: {
      description: 'The step failed, was refused or got no proper answer: the release ends here.',
      entry: { type: 'recordFailed' },
      always: [{ guard: 'hasRest', target: 'skippingRest' }, { target: 'failed' }],
    },
    skippingRest: {
      description: 'The remaining steps are not sent.',
      entry: { type: 'recordSkipped' },
      always: { target: 'failed' },
    },
    completed: { description: 'Every step was completed.', type: 'final' },
    failed: { description: 'A step failed, or none could be sent.', type: 'final' },
  },
});

function dataOf(event: { readonly data?: unknown }): { readonly data?: unknown } {
  return event.data === undefined ? {} : { data: event.data };
}

function aborted(rest: string): Problem {
  return { code: 'CANCELLED', message: `the release was aborted; ${rest}` };
}

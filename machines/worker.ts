// The life of a worker around its lanes: reach a broker, see that the queue is there, listen, come back after a loss,
// drain, stop. Low frequency, so invoke and after are welcome. What the actors do is given by the runtime.
import { assign, fromPromise, setup } from 'xstate';

export interface WorkerContext {
  readonly topology: 'check' | 'declare' | 'none';
  /** Attempts to reach the broker since it was last reached. */
  readonly attempt: number;
  /** It has listened before: what it found then may come back, so nothing is final any more. */
  readonly hasListened: boolean;
  /** Connections in a row that ended over what the broker sent. */
  readonly unreadableCount: number;
  readonly error: Error | null;
}

export type WorkerEvent =
  | { readonly type: 'start' }
  | { readonly type: 'stop' }
  /** A delivery has waited too long for a lane. */
  | { readonly type: 'lanes.filled' }
  /** A lane is free. */
  | { readonly type: 'lane.freed' }
  | { readonly type: 'connection.lost'; readonly error: Error | null }
  | { readonly type: 'consumer.cancelled'; readonly error: Error }
  /** The broker does not confirm what it was sent, on a channel that is open. */
  | { readonly type: 'broker.deaf'; readonly error: Error }
  | { readonly type: 'connection.blocked' }
  | { readonly type: 'connection.unblocked' };

interface Failure {
  readonly retry?: boolean;
  readonly code?: string;
}

/** A message that nobody can read comes again with each connection: so many of them, and it is no accident. */
const unreadableLimit = 3;

const errorOf = (event: unknown): (Error & Failure) | null =>
  (event as { error?: Error | null }).error ?? null;
const isUnreadable = (event: unknown) => errorOf(event)?.code === 'FRAME_UNREADABLE';
const nothing = () => fromPromise(async () => {});

const lost = { target: 'reconnecting', actions: ['keepError', 'countUnreadable', 'record'] } as const;
const deaf = { target: 'reconnecting', actions: ['hangUp', 'keepError', 'record'] } as const;
const poisoned = { guard: 'isPoisoned', target: 'faulted', actions: 'keepError' } as const;
/** Before it listens: the broker refused what a worker needs, or ended the channel over it. */
const refused = [
  poisoned,
  { guard: 'isTooLate', target: 'faulted', actions: 'keepError' },
  { guard: 'isPassing', ...lost },
  { target: 'faulted', actions: 'keepError' },
] as const;
const settledIn = ['forgetAttempts', 'rememberListening'] as const;

export const workerMachine = setup({
  types: {
    context: {} as WorkerContext,
    events: {} as WorkerEvent,
    input: {} as Pick<WorkerContext, 'topology'>,
    tags: {} as 'ready' | 'ended',
  },
  actors: {
    /** One attempt to open the transport. */
    connect: nothing(),
    /** Compares what the broker has with what the worker needs. */
    check: nothing(),
    /** Declares what the worker needs. */
    declare: nothing(),
    /** Starts the consumer. */
    consume: nothing(),
    /** Cancels the consumer and gives back what waits for a lane. */
    pause: nothing(),
    /** Cancels the consumer, lets jobs end or cancels them, closes the transport. */
    drain: nothing(),
    /** Closes the transport after a final error. */
    close: nothing(),
  },
  actions: {
    keepError: assign({ error: ({ event }) => errorOf(event) }),
    countUnreadable: assign({
      unreadableCount: ({ context, event }) => (isUnreadable(event) ? context.unreadableCount + 1 : 0),
    }),
    countAttempt: assign({ attempt: ({ context }) => context.attempt + 1 }),
    forgetAttempts: assign({ attempt: 0, error: null }),
    rememberListening: assign({ hasListened: true }),
    /** Replies that wait for a channel can go out. */
    resume: () => {},
    /** Gives up the channel, so that it is not known any more what became of what was sent. */
    hangUp: () => {},
    record: () => {},
    recordFault: () => {},
  },
  guards: {
    declares: ({ context }) => context.topology === 'declare',
    checks: ({ context }) => context.topology === 'check',
    /** Trying again makes sense: it worked before, or the error says so, or there is none, as when a link is cut. */
    isPassing: ({ context, event }) => {
      const error = errorOf(event);
      return context.hasListened || error === null || error.retry === true;
    },
    /** Something in the queue ends every connection that it comes over. */
    isPoisoned: ({ context, event }) => isUnreadable(event) && context.unreadableCount + 1 >= unreadableLimit,
    /** It has never listened, and the time for that is up. */
    isTooLate: () => false,
    hasFreeLane: () => true,
    /** Nothing can be published. */
    isDisconnected: () => false,
    /** The broker takes nothing from this connection. */
    isBlocked: () => false,
  },
  delays: { backoff: 0 },
}).createMachine({
  id: 'worker',
  context: ({ input }) => ({
    topology: input.topology,
    attempt: 0,
    hasListened: false,
    unreadableCount: 0,
    error: null,
  }),
  initial: 'initializing',
  on: { stop: { target: '.draining' } },
  states: {
    initializing: {
      description: 'The worker is made; it waits for `start`.',
      on: { start: { target: 'connecting' }, stop: { target: 'stopped' } },
    },
    connecting: {
      description: 'One attempt to reach the broker.',
      invoke: {
        src: 'connect',
        onDone: [
          { guard: 'declares', target: 'declaring', actions: 'resume' },
          { guard: 'checks', target: 'checking', actions: 'resume' },
          { target: 'consuming', actions: 'resume' },
        ],
        onError: refused,
      },
    },
    checking: {
      description: 'Exchange and queue must exist; nothing is declared.',
      invoke: {
        src: 'check',
        onDone: { target: 'consuming' },
        onError: refused,
      },
      on: { 'connection.lost': refused, 'broker.deaf': deaf },
    },
    declaring: {
      description: 'Exchange, queue and binding are declared.',
      invoke: {
        src: 'declare',
        onDone: { target: 'consuming' },
        onError: refused,
      },
      on: { 'connection.lost': refused, 'broker.deaf': deaf },
    },
    consuming: {
      description: 'The consumer is asked for and not yet confirmed.',
      invoke: {
        src: 'consume',
        onDone: [
          { guard: 'isBlocked', target: 'listening.blocked', actions: settledIn },
          { target: 'listening', actions: settledIn },
        ],
        onError: refused,
      },
      on: { 'connection.lost': refused, 'broker.deaf': deaf },
    },
    listening: {
      description: 'Jobs are taken from the queue.',
      initial: 'flowing',
      on: {
        'connection.lost': [poisoned, lost],
        'consumer.cancelled': lost,
        'broker.deaf': deaf,
      },
      states: {
        flowing: {
          description: 'The consumer is confirmed on a live channel.',
          tags: ['ready'],
          on: { 'lanes.filled': { target: 'pausing' }, 'connection.blocked': { target: 'blocked' } },
        },
        pausing: {
          description:
            'Every lane is busy for long: the consumer is cancelled, so that idle workers get the jobs.',
          invoke: {
            src: 'pause',
            onDone: [{ guard: 'hasFreeLane', target: 'resuming' }, { target: 'full' }],
            onError: { ...lost, target: '#worker.reconnecting' },
          },
        },
        full: {
          description: 'No job is taken until a lane is free; that may take as long as its job.',
          on: { 'lane.freed': { target: 'resuming' } },
        },
        resuming: {
          description: 'A lane is free: the consumer is asked for again.',
          invoke: {
            src: 'consume',
            onDone: [{ guard: 'isBlocked', target: 'blocked' }, { target: 'flowing' }],
            onError: { ...lost, target: '#worker.reconnecting' },
          },
        },
        blocked: {
          description: 'The broker takes nothing from this connection until its alarm ends.',
          on: { 'connection.unblocked': { target: 'flowing' } },
        },
      },
    },
    reconnecting: {
      description: 'Waits before it tries again, up to a bound that grows with every attempt.',
      entry: 'countAttempt',
      after: { backoff: { target: 'connecting' } },
    },
    draining: {
      description:
        'No new jobs. Those in hand end, or are cancelled at the deadline; then the transport is closed.',
      invoke: {
        src: 'drain',
        onDone: { target: 'stopped' },
        onError: { target: 'stopped', actions: 'keepError' },
      },
      on: { stop: {} },
      initial: 'connected',
      states: {
        connected: {
          description: 'Replies of the jobs in hand go out as they end.',
          always: { guard: 'isDisconnected', target: 'reconnecting' },
          on: { 'connection.lost': lost, 'broker.deaf': deaf },
        },
        reconnecting: {
          description: 'The jobs in hand go on; the broker is tried again, so that they can be told.',
          entry: 'countAttempt',
          after: { backoff: { target: 'connecting' } },
        },
        connecting: {
          description: 'One attempt to reach the broker; nothing is consumed any more.',
          invoke: {
            src: 'connect',
            onDone: { target: 'connected', actions: 'resume' },
            onError: lost,
          },
        },
      },
    },
    stopped: { description: 'The worker has ended.', type: 'final', tags: ['ended'] },
    faulted: {
      description: 'The worker cannot work and trying again makes no sense.',
      tags: ['ended'],
      entry: 'recordFault',
      invoke: { src: 'close' },
      on: { stop: {} },
    },
  },
  options: { maxIterations: 1000 },
});

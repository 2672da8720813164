// What goes wrong between a worker and its broker from the first connection on, and which state answers it. Data: the tests
// of this folder take their names from it, and docs/reliability.md is held to it.

export interface Fault {
  readonly cause: string;
  /** State of the worker's machine that answers it; null: it listens on. */
  readonly worker: string | null;
  /** State of the lane that has the job in hand; null: it is not concerned. */
  readonly job: string | null;
  /** How one knows that it is over. */
  readonly over: string;
  /** What depends on when the worker acknowledges. */
  readonly policy?: string;
  /** Whether it is shown on the embedded broker too; else why not. */
  readonly embedded: true | string;
}

const served = 'one consumer, a probe is answered, nothing is left in the queue';
const socket = 'no socket';
const codec = 'no frames';

export const faults = {
  F12: {
    cause: 'an operator closes the connection',
    worker: 'reconnecting',
    job: null,
    over: served,
    policy: 'settled: the delivery in hand is lost, the job comes again',
    embedded: true,
  },
  F13: {
    cause: 'the broker shuts down',
    worker: 'reconnecting',
    job: 'replyUnknown',
    over: served,
    embedded: true,
  },
  F14: {
    cause: 'the broker is killed',
    worker: 'reconnecting',
    job: 'unanswered',
    over: `${served}; reply queues went with the broker`,
    embedded: true,
  },
  F15: {
    cause: 'a middlebox resets or ends the TCP connection',
    worker: 'reconnecting',
    job: null,
    over: served,
    embedded: socket,
  },
  F16: {
    cause: 'silence, in both directions or in one',
    worker: 'reconnecting',
    job: 'replyUnknown',
    over: `${served}; not ready within three heartbeats`,
    embedded: socket,
  },
  F17: {
    cause: "a step blocks the worker's event loop",
    worker: 'reconnecting',
    job: 'replyUnknown',
    over: `${served}; the log names the step`,
    policy: 'settled: the delivery in hand is lost, the job comes again',
    embedded: 'no heartbeat',
  },
  F18: {
    cause: 'the broker is suspended',
    worker: 'reconnecting',
    job: null,
    over: served,
    embedded: socket,
  },
  F19: {
    cause: 'the worker leaves over a dead link',
    worker: 'draining.connected',
    job: null,
    over: 'stopped within its deadlines',
    embedded: socket,
  },
  F20: {
    cause: "the system's clock jumps",
    worker: null,
    job: null,
    over: 'nothing happens',
    embedded: true,
  },
  F21: {
    cause: 'a delivery is settled twice',
    worker: null,
    job: null,
    over: 'the second settlement is refused before it is sent',
    embedded: true,
  },
  F22: {
    cause: 'settling and publishing after the channel closed',
    worker: 'reconnecting',
    job: 'replyUnknown',
    over: served,
    embedded: true,
  },
  F23: {
    cause: 'a late ack of an old delivery on a new channel',
    worker: 'reconnecting',
    job: 'lost',
    over: `${served}; no other message is acknowledged by it`,
    policy: 'settled and verified only: an early ack is never late',
    embedded: true,
  },
  F24: {
    cause: "a delivery is not acknowledged within the broker's consumer_timeout",
    worker: 'reconnecting',
    job: null,
    over: `${served}; the log warned at 80 %`,
    policy: 'received: only one that waits for a lane; settled: the job in hand is lost and comes again',
    embedded: true,
  },
  F25: {
    cause: 'the reply queue is gone',
    worker: null,
    job: 'unanswered',
    over: 'not begun when `started` came back; logged whole when the final reply did',
    policy: 'settled and verified: rejected, not requeued',
    embedded: true,
  },
  F26: {
    cause: 'nobody is at a direct reply address',
    worker: null,
    job: 'unanswered',
    over: 'as F25; an address that the broker cannot decode ends no connection',
    embedded: true,
  },
  F27: {
    cause: 'the queue is deleted while it is consumed',
    worker: 'reconnecting',
    job: null,
    over: `${served}; jobs in hand ended meanwhile`,
    embedded: true,
  },
  F28: {
    cause: 'the queue is missing or in exclusive use',
    worker: 'faulted',
    job: null,
    over: 'at start an error that says what to do; later tried again, seldom',
    embedded: true,
  },
  F29: {
    cause: 'the queue was declared with other arguments',
    worker: 'faulted',
    job: null,
    over: "at start an error in the broker's words; later tried again, seldom; nothing is deleted",
    embedded: true,
  },
  F30: {
    cause: 'a publish to an exchange that is missing',
    worker: null,
    job: null,
    over: 'lines are lost and told, the job goes on',
    embedded: true,
  },
  F31: {
    cause: 'a permission is missing',
    worker: 'faulted',
    job: null,
    over: 'at start an error that names user and operation; later tried again, seldom',
    embedded: 'no users',
  },
  F32: {
    cause: 'a reply is larger than the broker takes',
    worker: 'reconnecting',
    job: 'replyRefused',
    over: `${served}; within our own limit it is \`failed\` with RESULT_TOO_LARGE`,
    embedded: 'no limit of its own',
  },
  F33: {
    cause: 'a property that the broker checks',
    worker: null,
    job: null,
    over: 'neither expiration nor user id is ever sent',
    embedded: true,
  },
  F34: {
    cause: 'a reply that the client cannot encode',
    worker: null,
    job: null,
    over: `${served}; what cannot be sent is left away, the channel lives`,
    embedded: codec,
  },
  F35: { cause: 'the queue is purged', worker: null, job: null, over: served, embedded: true },
  F36: {
    cause: 'a message that amqplib cannot decode',
    worker: null,
    job: 'invalid',
    over: `${served}; three connections ended by one that passes the guard: faulted`,
    embedded: codec,
  },
  F37: {
    cause: 'a confirm never comes',
    worker: 'reconnecting',
    job: 'replyUnknown',
    over: served,
    embedded: true,
  },
  F38: {
    cause: 'a negative confirm',
    worker: null,
    job: 'replyRefused',
    over: 'sent again after pauses, a bounded number of times, then unanswered',
    embedded: true,
  },
  F39: {
    cause: 'the broker raises an alarm',
    worker: 'listening.blocked',
    job: null,
    over: `${served}; lines were dropped and counted`,
    embedded: true,
  },
  F40: {
    cause: 'the worker leaves while it is blocked',
    worker: 'draining.connected',
    job: null,
    over: 'it waits for the end of the alarm within its deadline, then tells',
    embedded: true,
  },
  F41: {
    cause: 'lines come faster than the socket takes them',
    worker: null,
    job: null,
    over: 'lines are dropped and counted, replies are not',
    embedded: true,
  },
  F42: {
    cause: 'the broker sends channel.flow',
    worker: 'reconnecting',
    job: null,
    over: `${served}; RabbitMQ never sends it`,
    embedded: codec,
  },
  F43: {
    cause: 'a message that can never be done',
    worker: null,
    job: 'invalid',
    over: 'never requeued: refused once, in every policy',
    embedded: true,
  },
  F44: {
    cause: 'a quorum queue gives a message up',
    worker: 'reconnecting',
    job: 'lost',
    over: 'the log says how often it came; then it is a dead letter of the queue',
    policy: 'settled and verified only',
    embedded: 'no quorum queues',
  },
  F45: {
    cause: 'single active consumer: the holder leaves with a delivery in hand',
    worker: 'draining.connected',
    job: null,
    over: 'the next one is served when the connection of the holder closes',
    policy: 'received: at once',
    embedded: 'no single active consumer',
  },
  F46: {
    cause: 'the worker is killed',
    worker: null,
    job: null,
    over: 'what it had not acknowledged comes again, what it had is lost',
    policy: 'received: lost, or `started` alone; settled: run again',
    embedded: 'the broker would die with the worker',
  },
  F47: {
    cause: 'a delivery waits behind a long job',
    worker: 'listening.full',
    job: null,
    over: `an idle worker does it; ${served}`,
    policy: 'received only: else the prefetch keeps it at the broker',
    embedded: true,
  },
} as const satisfies Record<string, Fault>;

export type FaultId = keyof typeof faults;

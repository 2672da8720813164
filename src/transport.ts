// The port to a message bus. Adapters implement it, runtimes use it, the conformance suite holds both to every sentence here.
import type { Message, Received } from './contract/message.js';
import type { Difference, Topology } from './contract/topology.js';

export interface Transport {
  /**
   * One attempt, no retry inside; joins a running attempt. After `connection.closed`, or `channel.closed` of the jobs
   * channel, it may be called again: what is missing is opened, the epoch grows by 1. Resolves at once while open.
   * Rejects with a NeedfulError whose `retry` says whether trying again makes sense.
   */
  open(options?: OpenOptions): Promise<void>;
  /**
   * Idempotent, never rejects. Flushes buffered settlements, waits for open confirms for a bounded time, closes channels
   * before the connection; then everything open is `lost`.
   */
  close(): Promise<void>;
  /**
   * Idempotent: exchanges, queues, bindings, in this order, on a channel of its own, so that a refusal ends neither
   * consumers nor open publishes. Returns the topology with the names the broker chose. Other arguments than what
   * exists: TOPOLOGY_DIFFERENT with the broker's words.
   */
  declare(topology: Topology): Promise<Topology>;
  /**
   * Passive, changes nothing, same channel rule. What AMQP cannot tell (bindings, arguments) is no difference, or `unknown`.
   * An exchange named '' is the default one, which always exists: whether one may publish to it, else ACCESS_REFUSED.
   */
  check(topology: Topology): Promise<readonly Difference[]>;
  /**
   * Resolves at consume-ok; a delivery may come before that. `onDelivery` is called synchronously, one at a time, in
   * queue order, and must not throw. Rejects with QUEUE_MISSING or ACCESS_REFUSED.
   */
  consume(queue: string, options: ConsumeOptions): Promise<Consumer>;
  /**
   * Synchronous. true: go on; false: taken, but wait for `buffer.drained`. Never throws for reasons of the network.
   * With a receipt the publish is confirmed, in the order of settlements and other publishes with receipts, and
   * mandatory if the message says so. Without one it goes over a second channel, unconfirmed and never mandatory; when
   * that channel is lost (an exchange that is missing) it comes back by itself, and what was under way is gone.
   * A mandatory message to a direct reply address (`amq.rabbitmq.reply-to.…`) is `returned` too when nobody is there; it
   * may be sent after what is published later.
   */
  publish(message: Message, receipt?: Receipt): boolean;
  /**
   * Events in order of occurrence. For a lost channel: first its event (deliveries say `lost` by then), then the
   * receipts `lost`. Returns the function that ends the subscription. An observer must not throw.
   */
  subscribe(observer: (event: TransportEvent) => void): () => void;
  readonly status: TransportStatus;
}

export interface OpenOptions {
  /** A jobs channel that lives is given up as if the broker had closed it: for one that does not answer. Default false. */
  readonly renew?: boolean;
}

export interface ConsumeOptions {
  /** Most unsettled deliveries at a time. Default 1. */
  readonly prefetchCount?: number;
  readonly consumerTag?: string;
  /** Deliveries count as acknowledged when sent. `settle` is false then. Default false. */
  readonly noAck?: boolean;
  readonly exclusive?: boolean;
  readonly onDelivery: (delivery: Delivery) => void;
}

export interface Consumer {
  readonly tag: string;
  /** After it resolves no further delivery comes; unsettled ones stay valid. Never rejects. */
  cancel(): Promise<void>;
}

/**
 * Called exactly once per publish, never before `publish` returns. `returned`: no queue took a mandatory message (it
 * replaces the confirm that follows). `refused`: negative confirm, too large for the broker, or the client could not
 * send it. `lost`: the channel ended first, or the transport was not open; it may have arrived all the same.
 */
export type Receipt = (outcome: Outcome, message: Message) => void;
export type Outcome = 'confirmed' | 'returned' | 'refused' | 'lost';

export type Settlement = 'none' | 'acknowledged' | 'requeued' | 'rejected' | 'lost';

/** A message in hand. It belongs to the channel it came on: once that ended its settlement is `lost` for ever. */
export interface Delivery extends Received {
  readonly queue: string;
  readonly redelivered: boolean;
  /** Epoch of the transport in which it came. */
  readonly epoch: number;
  readonly settlement: Settlement;
  /** true for the one call that settles; false ever after, and when the channel is gone. Never throws. */
  settle(how: 'acknowledge' | 'requeue' | 'reject'): boolean;
}

export type TransportEvent =
  | { readonly type: 'connection.opened'; readonly epoch: number }
  | { readonly type: 'connection.closed'; readonly epoch: number; readonly error: Error | null }
  | { readonly type: 'connection.blocked'; readonly reason: string }
  | { readonly type: 'connection.unblocked' }
  /** `purpose`: `jobs` carries consumers, settlements and receipts, `lines` the publishes without receipt. */
  | {
      readonly type: 'channel.closed';
      readonly purpose: 'jobs' | 'lines';
      readonly epoch: number;
      readonly code: number;
      readonly error: Error;
    }
  /** By the broker, as when the queue was deleted. */
  | { readonly type: 'consumer.cancelled'; readonly tag: string; readonly queue: string }
  | { readonly type: 'buffer.drained' };

export interface TransportStatus {
  /** `open` only while the connection and its jobs channel live. */
  readonly phase: 'closed' | 'opening' | 'open' | 'closing';
  /** Grows with every connection or replaced jobs channel; 0 before the first. */
  readonly epoch: number;
  readonly blocked: boolean;
  readonly unconfirmedCount: number;
  readonly unsettledCount: number;
  /** Silence of two to three times this ends the connection, in milliseconds; 0: it may be silent for ever. */
  readonly heartbeatMs: number;
  /** In this process and nobody else's: declaring on it surprises no one. */
  readonly embedded: boolean;
  /** Where it is, without secrets: `amqp://guest@localhost:5672/`, `memory`. */
  readonly address: string;
}

export type { Message, Properties, Received } from './contract/message.js';
export type { BindingSpec, Difference, ExchangeSpec, QueueSpec, Topology } from './contract/topology.js';

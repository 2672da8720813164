// What a foreign observer sees on the broker itself, synchronously and in order: for tests and for the judge of the
// protocol, who must not depend on what a transport says of itself.
import type { Message } from '../../src/contract/message.js';
import type { Outcome } from '../../src/transport.js';
import { attempt } from './turns.js';

export type ChannelPurpose = 'jobs' | 'lines';

export type BrokerEvent =
  | {
      readonly type: 'published';
      /** The broker's own copy; the same object in every later event of this message. Not to be changed. */
      readonly message: Message;
      /** Name of the connection. */
      readonly connection: string;
      readonly purpose: ChannelPurpose;
      /** Names of the queues that took it; none: it was returned or dropped. */
      readonly queues: readonly string[];
    }
  | {
      readonly type: 'delivered';
      readonly message: Message;
      readonly connection: string;
      readonly queue: string;
      readonly consumerTag: string;
      readonly redelivered: boolean;
      /** Number of the delivery, from 1; its settlement carries it too. */
      readonly delivery: number;
    }
  | {
      readonly type: 'settled';
      /** `lost`: the channel ended first, and the message went back to its queue. */
      readonly how: 'acknowledge' | 'requeue' | 'reject' | 'lost';
      readonly message: Message;
      readonly connection: string;
      readonly queue: string;
      readonly delivery: number;
    };

/** What a simulation sees besides: on the wire, and at its ends. */
export type LinkEvent =
  /** A delivery reached its consumer. */
  | { readonly type: 'heard'; readonly connection: string; readonly delivery: number }
  /** A receipt reached its publisher. `message` is the broker's copy. */
  | {
      readonly type: 'answered';
      readonly connection: string;
      readonly message: Message;
      readonly outcome: Outcome;
    }
  /** The broker learned that a connection ended. */
  | { readonly type: 'ended'; readonly connection: string }
  /** The client learned it, or closed it itself: then it is not `lost`. */
  | { readonly type: 'left'; readonly connection: string; readonly lost: boolean }
  /** A transient message went with its broker. */
  | { readonly type: 'dropped'; readonly queue: string; readonly message: Message };

export type LinkObserver = (event: LinkEvent) => void;

/** Must not throw: what it finds wrong it keeps, and a test asks for it. */
export type BrokerObserver = (event: BrokerEvent) => void;

export class Taps {
  readonly #observers = new Set<BrokerObserver>();
  #deliveryCount = 0;

  add(observer: BrokerObserver): () => void {
    const observe = (event: BrokerEvent) => observer(event);
    this.#observers.add(observe);
    return () => void this.#observers.delete(observe);
  }

  get open(): boolean {
    return this.#observers.size > 0;
  }

  report(event: BrokerEvent): void {
    for (const observer of this.#observers) attempt(() => observer(event));
  }

  nextDelivery(): number {
    this.#deliveryCount += 1;
    return this.#deliveryCount;
  }
}

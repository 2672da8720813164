// A message in a consumer's hand. It remembers the channel it came on and settles there or nowhere.
import type { Message, Properties } from '../../src/contract/message.js';
import type { Delivery, Settlement } from '../../src/transport.js';
import type { Entry } from './backlog.js';
import { decodeProperties } from './message-copy.js';
import type { Queue } from './queue.js';

export type How = 'acknowledge' | 'requeue' | 'reject';

/** Where a delivery came from, and where its settlement goes. */
export interface DeliveryOrigin {
  readonly queue: Queue;
  readonly consumerTag: string;
  readonly epoch: number;
  /** Sends the settlement of one of its deliveries to the broker. */
  settle(delivery: MemoryDelivery, how: How): void;
  /** The broker takes one back: its channel ended. */
  settled(delivery: MemoryDelivery, how: 'lost'): void;
}

const settledAs = { acknowledge: 'acknowledged', requeue: 'requeued', reject: 'rejected' } as const;

export class MemoryDelivery implements Delivery {
  readonly body: Uint8Array;
  readonly properties: Properties;
  readonly exchange: string;
  readonly routingKey: string;
  readonly headersReadable = true;
  readonly queue: string;
  readonly redelivered: boolean;
  readonly epoch: number;
  settlement: Settlement = 'none';
  /** The broker's side of it. */
  readonly entry: Entry;
  readonly number: number;
  readonly #origin: DeliveryOrigin;

  constructor(entry: Entry, from: { readonly origin: DeliveryOrigin; readonly number: number }) {
    const message: Message = entry.message;
    this.body = Buffer.from(message.body);
    this.properties = decodeProperties(message.properties);
    this.exchange = message.exchange;
    this.routingKey = message.routingKey;
    this.queue = from.origin.queue.name;
    this.redelivered = entry.redelivered;
    this.epoch = from.origin.epoch;
    this.entry = entry;
    this.number = from.number;
    this.#origin = from.origin;
  }

  settle(how: How): boolean {
    if (this.settlement !== 'none') return false;
    this.settlement = settledAs[how];
    this.#origin.settle(this, how);
    return true;
  }

  giveBack(): void {
    this.#origin.settled(this, 'lost');
  }
}

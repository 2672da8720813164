// Deliveries of one channel and their settlement: once, on the channel they came on, or never.
import type { Channel, ConsumeMessage } from 'amqplib';
import type { Delivery, Properties, Settlement } from '../../src/transport.js';
import { fromMessageProperties, headersReadable } from './properties.js';

/** What deliveries share: their channel, its epoch, and whether it still lives. */
export class Deliveries {
  readonly channel: Channel;
  readonly epoch: number;
  ended = false;
  unsettledCount = 0;

  constructor(channel: Channel, epoch: number) {
    this.channel = channel;
    this.epoch = epoch;
  }

  /** From here on every unsettled delivery is `lost`. */
  end(): void {
    this.ended = true;
    this.unsettledCount = 0;
  }

  take(raw: ConsumeMessage, from: { readonly queue: string; readonly noAck: boolean }): Delivery {
    if (!from.noAck) this.unsettledCount++;
    return new AmqpDelivery(raw, { queue: from.queue, noAck: from.noAck, owner: this });
  }
}

const settlements = { acknowledge: 'acknowledged', requeue: 'requeued', reject: 'rejected' } as const;

class AmqpDelivery implements Delivery {
  readonly queue: string;
  readonly properties: Properties;
  readonly headersReadable: boolean;
  readonly epoch: number;
  readonly #raw: ConsumeMessage;
  readonly #owner: Deliveries;
  #settlement: Settlement = 'none';

  constructor(raw: ConsumeMessage, from: { queue: string; noAck: boolean; owner: Deliveries }) {
    this.queue = from.queue;
    this.properties = fromMessageProperties(raw.properties);
    this.headersReadable = headersReadable(raw.properties);
    this.epoch = from.owner.epoch;
    this.#raw = raw;
    this.#owner = from.owner;
    if (from.noAck) this.#settlement = 'acknowledged';
  }

  get body(): Uint8Array {
    return this.#raw.content;
  }

  get exchange(): string {
    return this.#raw.fields.exchange;
  }

  get routingKey(): string {
    return this.#raw.fields.routingKey;
  }

  get redelivered(): boolean {
    return this.#raw.fields.redelivered;
  }

  get settlement(): Settlement {
    return this.#settlement === 'none' && this.#owner.ended ? 'lost' : this.#settlement;
  }

  settle(how: keyof typeof settlements): boolean {
    if (this.settlement !== 'none') return false;
    const { channel } = this.#owner;
    try {
      if (how === 'acknowledge') channel.ack(this.#raw);
      else channel.reject(this.#raw, how === 'requeue');
    } catch {
      // The channel is on its way down and takes nothing more; its end is reported by its own event.
      this.#settlement = 'lost';
      this.#owner.unsettledCount--;
      return false;
    }
    this.#settlement = settlements[how];
    this.#owner.unsettledCount--;
    return true;
  }
}

// One consumer on one queue: its prefetch, its deliveries, and what the broker tells observers of them.
import type { ConsumeOptions } from '../../src/transport.js';
import type { Entry } from './backlog.js';
import { type DeliveryOrigin, type How, MemoryDelivery } from './delivery.js';
import type { EntrySettlement, Queue, QueueConsumer } from './queue.js';
import { attempt } from './turns.js';
import type { VirtualHost } from './virtual-host.js';

/** The channel, as its consumers see it. */
export interface ConsumerChannel {
  readonly ended: boolean;
  readonly givenUp: boolean;
  readonly epoch: number;
  delivered(delivery: MemoryDelivery): void;
  tell(run: () => void): void;
  tell(run: () => void): void;
  settle(
    delivery: MemoryDelivery,
    settlement: { readonly how: How; readonly consumer: ChannelConsumer },
  ): void;
  cancelled(tag: string, queue: Queue): void;
}

export interface ConsumerPlace {
  readonly host: VirtualHost;
  readonly channel: ConsumerChannel;
  readonly queue: Queue;
  /** Name of the connection. */
  readonly connection: string;
}

export class ChannelConsumer implements QueueConsumer, DeliveryOrigin {
  readonly consumerTag: string;
  readonly exclusive: boolean;
  readonly queue: Queue;
  readonly epoch: number;
  readonly #place: ConsumerPlace;
  readonly #options: ConsumeOptions;
  /** As in AMQP, 0 is no limit. */
  readonly #prefetchCount: number;
  /** On the broker: a settlement under way counts until it is read. */
  #heldCount = 0;

  constructor(place: ConsumerPlace, wanted: { readonly tag: string; readonly options: ConsumeOptions }) {
    this.#place = place;
    this.#options = wanted.options;
    this.#prefetchCount = wanted.options.prefetchCount ?? 1;
    this.consumerTag = wanted.tag;
    this.exclusive = wanted.options.exclusive ?? false;
    this.queue = place.queue;
    this.epoch = place.channel.epoch;
  }

  get hasRoom(): boolean {
    return this.#options.noAck === true || this.#prefetchCount === 0 || this.#heldCount < this.#prefetchCount;
  }

  deliver(entry: Entry): void {
    const { host, channel } = this.#place;
    const delivery = new MemoryDelivery(entry, { origin: this, number: host.taps.nextDelivery() });
    this.#heldCount += 1;
    if (host.taps.open) this.#reportDelivered(delivery);
    if (this.#options.noAck) {
      delivery.settlement = 'acknowledged';
      this.settled(delivery, 'acknowledge');
    } else {
      channel.delivered(delivery);
    }
    channel.tell(() => this.#hear(delivery));
  }

  #hear(delivery: MemoryDelivery): void {
    const { host, channel, connection } = this.#place;
    if (channel.givenUp) return;
    host.watcher?.({ type: 'heard', connection, delivery: delivery.number });
    attempt(() => this.#options.onDelivery(delivery));
  }

  settle(delivery: MemoryDelivery, how: How): void {
    this.#place.channel.settle(delivery, { how, consumer: this });
  }

  /** The broker read the settlement, or the channel ended before it came. */
  settled(delivery: MemoryDelivery, how: EntrySettlement): void {
    this.#heldCount -= 1;
    const { taps } = this.#place.host;
    if (taps.open) {
      const { entry, queue, number } = delivery;
      const { connection } = this.#place;
      taps.report({ type: 'settled', how, message: entry.message, connection, queue, delivery: number });
    }
    this.queue.settle(delivery.entry, how);
  }

  cancelledByBroker(): void {
    this.#place.channel.cancelled(this.consumerTag, this.queue);
  }

  #reportDelivered({ entry, queue, redelivered, number }: MemoryDelivery): void {
    const { host, connection } = this.#place;
    const { consumerTag } = this;
    const { message } = entry;
    host.taps.report({
      type: 'delivered',
      message,
      connection,
      queue,
      consumerTag,
      redelivered,
      delivery: number,
    });
  }
}

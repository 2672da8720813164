// The confirm channel on which deliveries come, settlements go, and publishes with receipts keep their order among both.
import { type ConfirmChannel, IllegalOperationError } from 'amqplib';
import { NeedfulError } from '../../src/contract/errors.js';
import type { ConsumeOptions, Consumer, Message, Receipt } from '../../src/transport.js';
import { AmqpConsumer } from './consumer.js';
import { Deliveries } from './deliveries.js';
import { DirectReplies, isDirectReply } from './direct-replies.js';
import { toPublishOptions } from './properties.js';
import { type Confirm, callReceiptLater, type OpenPublish, Receipts } from './receipts.js';
import { type ChannelEnd, channelEnd, refusal, tooLargeBytes } from './refusal.js';

export interface ChannelObserver {
  /** The broker closed this channel; the connection lives. */
  closed(end: ChannelEnd): void;
  drained(): void;
}

export interface JobsObserver extends ChannelObserver {
  cancelled(consumer: { readonly tag: string; readonly queue: string }): void;
}

export interface JobsWiring {
  readonly epoch: number;
  readonly observer: JobsObserver;
  /** Whether a queue is there; rejects when it cannot be told. */
  readonly hasQueue: (name: string) => Promise<boolean>;
}

export class JobsChannel {
  readonly deliveries: Deliveries;
  readonly #receipts = new Receipts();
  readonly #direct: DirectReplies;
  readonly #channel: ConfirmChannel;
  readonly #observer: JobsObserver;
  readonly #tags = new Set<string>();
  #error: Error | undefined;
  #givenUp = false;

  /** To be called in the turn in which amqplib gave the channel. */
  constructor(channel: ConfirmChannel, wiring: JobsWiring) {
    this.#channel = channel;
    this.#observer = wiring.observer;
    this.deliveries = new Deliveries(channel, wiring.epoch);
    this.#direct = new DirectReplies({
      exists: wiring.hasQueue,
      send: (publish) => this.#send(publish, { mandatory: false }),
    });
    channel.on('handler-error', () => {});
    channel.on('error', (error) => {
      this.#error = error;
    });
    channel.on('close', () => this.#ended());
    channel.on('drain', () => wiring.observer.drained());
    channel.on('ack', (confirm: Confirm) => this.#receipts.confirmed(confirm, 'confirmed'));
    channel.on('nack', (confirm: Confirm) => this.#receipts.confirmed(confirm, 'refused'));
    channel.on('return', (message) => this.#receipts.returned(message));
  }

  get alive(): boolean {
    return !this.deliveries.ended;
  }

  /** amqplib says `error` first when only the channel ended; without it the connection's own end follows in this turn. */
  #ended(): void {
    this.deliveries.end();
    if (this.#error !== undefined && !this.#givenUp) this.#observer.closed(channelEnd(this.#error));
  }

  /** As if the broker had closed it: it is not waited for, since over a dead link nothing answers. */
  giveUp(why: NeedfulError): void {
    if (!this.alive) return;
    this.#givenUp = true;
    this.deliveries.end();
    this.#channel.close().catch(() => {});
    this.#observer.closed({ code: 200, error: why });
  }

  get unconfirmedCount(): number {
    return this.#receipts.count + this.#direct.count;
  }

  /** Resolves when every receipt was called. */
  async confirmed(): Promise<void> {
    await this.#direct.empty();
    await this.#receipts.empty();
  }

  /** To be called when the channel's end was told: receipts that are open become `lost`. */
  lose(): void {
    const tooLarge = tooLargeBytes(this.#error);
    if (tooLarge !== undefined) this.#receipts.refuse(tooLarge);
    this.#receipts.lose();
    this.#direct.lose();
  }

  publish(message: Message, receipt: Receipt): boolean {
    if (!isDirectReply(message)) return this.#send({ message, receipt }, message);
    this.#direct.publish({ message, receipt });
    return true;
  }

  #send({ message, receipt }: OpenPublish, { mandatory }: { readonly mandatory: boolean }): boolean {
    const { exchange, routingKey, body, properties } = message;
    const content = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const options = { ...toPublishOptions(properties), mandatory };
    let goOn: boolean;
    try {
      goOn = this.#channel.publish(exchange, routingKey, content, options);
    } catch (error) {
      // Nothing was sent then: the channel is on its way down, or a property cannot be encoded.
      callReceiptLater({ receipt, message }, error instanceof IllegalOperationError ? 'lost' : 'refused');
      return true;
    }
    this.#receipts.add(message, receipt);
    return goOn;
  }

  async consume(queue: string, options: ConsumeOptions): Promise<Consumer> {
    const tag = options.consumerTag ?? '';
    // The broker would end the whole connection.
    if (this.#tags.has(tag)) {
      throw new NeedfulError('OPTION_INVALID', `Consumer tag '${tag}' is in use on this connection already.`);
    }
    if (tag !== '') this.#tags.add(tag);
    const consumer = new AmqpConsumer(queue, {
      onDelivery: options.onDelivery,
      noAck: options.noAck ?? false,
      deliveries: this.deliveries,
      cancel: async (running) => {
        await this.#channel.cancel(running).catch(() => {});
        this.#tags.delete(running);
      },
      cancelled: (ended) => {
        this.#tags.delete(ended);
        this.#observer.cancelled({ tag: ended, queue });
      },
    });
    try {
      // Both in one turn: the prefetch count holds for the next consumer of the channel, whoever asks for it.
      const [, ok] = await Promise.all([
        this.#channel.prefetch(options.prefetchCount ?? 1),
        this.#channel.consume(queue, (raw) => consumer.take(raw), {
          consumerTag: tag,
          noAck: options.noAck ?? false,
          exclusive: options.exclusive ?? false,
        }),
      ]);
      this.#tags.add(ok.consumerTag);
      consumer.tag = ok.consumerTag;
      return consumer;
    } catch (error) {
      this.#tags.delete(tag);
      throw refusal(`Consuming from queue '${queue}'`, error);
    }
  }

  /** Flushes what was published and settled. */
  async close(): Promise<void> {
    if (this.alive) await this.#channel.close().catch(() => {});
  }
}

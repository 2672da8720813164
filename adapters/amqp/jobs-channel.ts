// The confirm channel on which deliveries come, settlements go, and publishes with receipts keep their order among both.
import { type ConfirmChannel, type ConsumeMessage, IllegalOperationError } from 'amqplib';
import { NeedfulError } from '../../src/contract/errors.js';
import type { ConsumeOptions, Consumer, Message, Outcome, Receipt } from '../../src/transport.js';
import { Deliveries } from './deliveries.js';
import { toPublishOptions } from './properties.js';
import { type Confirm, callReceipt, Receipts, warn } from './receipts.js';
import { channelError, refusal } from './refusal.js';

export interface ChannelObserver {
  /** The broker closed this channel; the connection lives. */
  closed(end: ChannelEnd): void;
  drained(): void;
}

export interface ChannelEnd {
  readonly code: number;
  readonly error: NeedfulError;
}

export interface JobsObserver extends ChannelObserver {
  cancelled(consumer: { readonly tag: string; readonly queue: string }): void;
}

export class JobsChannel {
  readonly receipts = new Receipts();
  readonly deliveries: Deliveries;
  readonly #channel: ConfirmChannel;
  readonly #observer: JobsObserver;
  readonly #tags = new Set<string>();
  #error: Error | undefined;

  /** To be called in the turn in which amqplib gave the channel. */
  constructor(channel: ConfirmChannel, wiring: { readonly epoch: number; readonly observer: JobsObserver }) {
    this.#channel = channel;
    this.#observer = wiring.observer;
    this.deliveries = new Deliveries(channel, wiring.epoch);
    channel.on('handler-error', () => {});
    channel.on('error', (error) => {
      this.#error = error;
    });
    channel.on('close', () => this.#ended());
    channel.on('drain', () => wiring.observer.drained());
    channel.on('ack', (confirm: Confirm) => this.receipts.confirmed(confirm, 'confirmed'));
    channel.on('nack', (confirm: Confirm) => this.receipts.confirmed(confirm, 'refused'));
    channel.on('return', (message) => this.receipts.returned(message));
  }

  get alive(): boolean {
    return !this.deliveries.ended;
  }

  /** amqplib says `error` first when only the channel ended; without it the connection's own end follows in this turn. */
  #ended(): void {
    this.deliveries.end();
    const error = this.#error;
    if (error === undefined) return;
    const code = 'code' in error && typeof error.code === 'number' ? error.code : 541;
    this.#observer.closed({ code, error: channelError(error) });
  }

  publish(message: Message, receipt: Receipt): boolean {
    const { exchange, routingKey, body, properties, mandatory } = message;
    const content = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const options = { ...toPublishOptions(properties), mandatory };
    let goOn: boolean;
    try {
      goOn = this.#channel.publish(exchange, routingKey, content, options);
    } catch (error) {
      // Nothing was sent then: the channel is on its way down, or a property cannot be encoded.
      callLater(receipt, error instanceof IllegalOperationError ? 'lost' : 'refused', message);
      return true;
    }
    this.receipts.add(message, receipt);
    return goOn;
  }

  async consume(queue: string, options: ConsumeOptions): Promise<Consumer> {
    const tag = options.consumerTag ?? '';
    // The broker would end the whole connection.
    if (this.#tags.has(tag)) {
      throw new NeedfulError('OPTION_INVALID', `Consumer tag '${tag}' is in use on this connection already.`);
    }
    if (tag !== '') this.#tags.add(tag);
    const consumer = new AmqpConsumer(queue, { options, deliveries: this.deliveries });
    consumer.onCancelled = (ended) => {
      this.#tags.delete(ended);
      this.#observer.cancelled({ tag: ended, queue });
    };
    consumer.cancelOnBroker = async (running) => {
      await this.#channel.cancel(running).catch(() => {});
      this.#tags.delete(running);
    };
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

class AmqpConsumer implements Consumer {
  tag = '';
  readonly #queue: string;
  readonly #options: ConsumeOptions;
  readonly #deliveries: Deliveries;
  #cancelling: Promise<void> | undefined;
  onCancelled: (tag: string) => void = () => {};
  cancelOnBroker: (tag: string) => Promise<void> = async () => {};

  constructor(queue: string, wiring: { readonly options: ConsumeOptions; readonly deliveries: Deliveries }) {
    this.#queue = queue;
    this.#options = wiring.options;
    this.#deliveries = wiring.deliveries;
  }

  /** null: the broker cancelled. Must not throw: amqplib would end the channel or the connection. */
  take(raw: ConsumeMessage | null): void {
    if (raw === null) {
      if (this.#cancelling !== undefined) return;
      this.#cancelling = Promise.resolve();
      this.onCancelled(this.tag);
      return;
    }
    const noAck = this.#options.noAck ?? false;
    const delivery = this.#deliveries.take(raw, { queue: this.#queue, noAck });
    try {
      this.#options.onDelivery(delivery);
    } catch (error) {
      warn('onDelivery', error);
    }
  }

  cancel(): Promise<void> {
    this.#cancelling ??= this.cancelOnBroker(this.tag);
    return this.#cancelling;
  }
}

export function callLater(...[receipt, outcome, message]: [Receipt, Outcome, Message]): void {
  setImmediate(callReceipt, receipt, outcome, message);
}

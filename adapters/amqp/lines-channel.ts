// The channel for publishes without receipt. One to an exchange that is missing ends it, so it comes back by itself.
import type { Channel, ChannelModel } from 'amqplib';
import type { Message } from '../../src/transport.js';
import type { ChannelObserver } from './jobs-channel.js';
import { toPublishOptions } from './properties.js';
import { channelEnd } from './refusal.js';

/** Frames under way before a publisher is asked to wait: a burst of lines passes, and yet memory stays bounded. */
const highWaterMark = 4_096;

/** Messages that are kept while the channel is on its way back; further ones are dropped. */
const waitingLimit = 1_000;

export interface LinesObserver extends ChannelObserver {
  /** It came back after a loss: what filled it is gone. */
  reopened(): void;
}

export class LinesChannel {
  readonly #model: ChannelModel;
  readonly #observer: LinesObserver;
  readonly #waiting: Message[] = [];
  #channel: Channel | undefined;
  #opening: Promise<void> | undefined;
  #closed = false;

  constructor(model: ChannelModel, observer: LinesObserver) {
    this.#model = model;
    this.#observer = observer;
  }

  /** Rejects when there is no channel to be had; the next publish tries again. */
  open(): Promise<void> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(): Promise<void> {
    const channel = await this.#model.createChannel({ highWaterMark });
    let error: Error | undefined;
    channel.on('handler-error', () => {});
    channel.on('error', (cause) => {
      error = cause;
    });
    channel.on('close', () => {
      this.#channel = undefined;
      if (error !== undefined && !this.#closed) this.#lost(error);
    });
    channel.on('drain', () => this.#observer.drained());
    this.#channel = channel;
    for (const message of this.#waiting.splice(0)) this.publish(message);
  }

  #lost(error: Error): void {
    this.#observer.closed(channelEnd(error));
    this.#reopen();
  }

  #reopen(): void {
    this.open().then(
      () => this.#observer.reopened(),
      () => {},
    );
  }

  publish(message: Message): boolean {
    if (this.#closed) return true;
    if (this.#channel === undefined) return this.#keep(message);
    const { exchange, routingKey, body, properties } = message;
    const content = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    try {
      return this.#channel.publish(exchange, routingKey, content, toPublishOptions(properties));
    } catch {
      // It cannot be encoded, or the channel is on its way down: nobody asked for a receipt.
      return true;
    }
  }

  #keep(message: Message): boolean {
    if (this.#waiting.length < waitingLimit) this.#waiting.push(message);
    this.#reopen();
    return this.#waiting.length < waitingLimit;
  }

  /** Flushes what was published. */
  async close(): Promise<void> {
    await this.#opening?.catch(() => {});
    this.#closed = true;
    await this.#channel?.close().catch(() => {});
  }
}

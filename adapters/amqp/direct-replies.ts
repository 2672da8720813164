// Replies to the pseudo queues of RabbitMQ's direct reply-to. The broker returns a mandatory one also when it arrived,
// confirms one that nobody gets, and ends the connection over an address it cannot decode; so it is asked first whether
// somebody is there, and the message is not mandatory.
import type { Message } from '../../src/transport.js';
import { callReceipt, type OpenPublish } from './receipts.js';

export function isDirectReply({ exchange, routingKey }: Message): boolean {
  return exchange === '' && routingKey.startsWith('amq.rabbitmq.reply-to.');
}

export interface DirectReplyWiring {
  /** Rejects when it cannot be told. */
  readonly exists: (queue: string) => Promise<boolean>;
  readonly send: (publish: OpenPublish) => void;
}

export class DirectReplies {
  readonly #wiring: DirectReplyWiring;
  /** Oldest first. */
  readonly #waiting = new Set<OpenPublish>();
  /** The question about the last one; they go one after another, so their order stays. */
  #last: Promise<void> = Promise.resolve();

  constructor(wiring: DirectReplyWiring) {
    this.#wiring = wiring;
  }

  get count(): number {
    return this.#waiting.size;
  }

  publish(publish: OpenPublish): void {
    this.#waiting.add(publish);
    this.#last = this.#last.then(() => this.#ask(publish));
  }

  /** Resolves when all were sent or are known to reach nobody. */
  empty(): Promise<void> {
    return this.#last;
  }

  /** All that were not sent become `lost`, oldest first. */
  lose(): void {
    for (const publish of this.#waiting) {
      this.#waiting.delete(publish);
      callReceipt(publish, 'lost');
    }
  }

  async #ask(publish: OpenPublish): Promise<void> {
    if (!this.#waiting.has(publish)) return;
    const { routingKey, mandatory } = publish.message;
    const exists = await this.#wiring.exists(routingKey).catch(() => null);
    if (!this.#waiting.delete(publish)) return;
    if (exists) this.#wiring.send(publish);
    else if (exists === null) callReceipt(publish, 'refused');
    else callReceipt(publish, mandatory ? 'returned' : 'confirmed');
  }
}

// The engine of a soak, one for each policy: sends jobs as fast as it may, hears replies, and comes back whenever its own
// connection is lost. Jobs and replies are persistent and their queues durable, so that a broker that is killed loses none.
import { createAmqpTransport } from '../../adapters/amqp/index.js';
import { releaseEngine } from '../../src/contract/release-engine.js';
import type { Delivery, Transport } from '../../src/transport.js';
import { lettersOf, nowhere, type Policy, queueOf, repliesOf } from './kinds.js';
import type { JobEntry, Ledger } from './ledger.js';

export interface EngineOptions {
  readonly url: string;
  readonly policy: Policy;
  readonly ledger: Ledger;
  /** Jobs a second at most. */
  readonly rate: number;
}

/** Jobs that wait for an answer, at most. */
const windowCount = 200;
const tickMs = 20;

export class SoakEngine {
  readonly #options: EngineOptions;
  readonly #transport: Transport;
  #sends = false;
  #credit = 0;
  #lastHeard = Date.now();
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#transport = createAmqpTransport({ url: options.url, name: `engine-${options.policy}` });
    this.#transport.subscribe(({ type }) => {
      if (type === 'connection.closed' || type === 'channel.closed') void this.#open();
    });
  }

  async open(): Promise<void> {
    await this.#open();
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  send(on: boolean): void {
    this.#sends = on;
  }

  /** Milliseconds since a reply came. */
  get silentMs(): number {
    return Date.now() - this.#lastHeard;
  }

  get ledger(): Ledger {
    return this.#options.ledger;
  }

  /** Enters in the ledger what is left in queue and graveyard; nobody else consumes them any more. */
  async countLeft(): Promise<void> {
    const { policy, ledger } = this.#options;
    for (const id of await this.#leftIn(releaseEngine.queueName(queueOf(policy)))) ledger.left(id, 'queued');
    for (const id of await this.#leftIn(lettersOf(policy))) ledger.left(id, 'letters');
  }

  async #leftIn(name: string): Promise<readonly string[]> {
    const ids: string[] = [];
    const marker = `end of ${name}`;
    await new Promise<void>((resolve, reject) => {
      const onDelivery = ({ properties: { correlationId } }: Delivery) => {
        if (correlationId === marker) resolve();
        else ids.push(correlationId ?? '');
      };
      const properties = { correlationId: marker };
      const message = { exchange: '', routingKey: name, body: new Uint8Array(), mandatory: true, properties };
      this.#transport.publish(message, (outcome) => {
        if (outcome !== 'confirmed') return reject(new Error(`the ${marker} was ${outcome}`));
        this.#transport.consume(name, { noAck: true, onDelivery }).catch(reject);
      });
    });
    return ids;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#transport.close();
  }

  async #open(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#transport.open();
        await this.#transport.consume(repliesOf(this.#options.policy), {
          prefetchCount: 500,
          onDelivery: (delivery) => this.#hear(delivery),
        });
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  #hear(delivery: Delivery): void {
    this.#lastHeard = Date.now();
    const reply = releaseEngine.decodeReply(delivery);
    const { correlationId, messageId = '', headers } = delivery.properties;
    const { status, data } = reply.ok ? reply.value : { status: 'unreadable', data: undefined };
    this.#options.ledger.heard(correlationId, { status, data, messageId, copy: String(headers?.copy) });
    delivery.settle('acknowledge');
  }

  #tick(): void {
    const { ledger, rate } = this.#options;
    const { phase, blocked } = this.#transport.status;
    if (!this.#sends || phase !== 'open' || blocked) return;
    this.#credit = Math.min(this.#credit + (rate * tickMs) / 1000, rate);
    while (this.#credit >= 1 && ledger.openCount < windowCount) {
      this.#credit -= 1;
      this.#publish(ledger.next());
    }
  }

  #publish(entry: JobEntry): void {
    const { policy, ledger } = this.#options;
    const { n, kind, ms } = entry.job;
    const parameters = { n: kind === 'invalid' ? 'none' : n, kind, ms };
    const replyTo = kind === 'gone' ? nowhere : repliesOf(policy);
    const address = { replyTo, correlationId: entry.id };
    const message = releaseEngine.encodeJob({ step: `${queueOf(policy)}:Do`, parameters }, address);
    const properties = { ...message.properties, persistent: true };
    const settled = {
      confirmed: 'confirmed',
      lost: 'unsure',
      refused: 'refused',
      returned: 'refused',
    } as const;
    this.#transport.publish({ ...message, properties }, (outcome) => ledger.settle(entry, settled[outcome]));
  }
}

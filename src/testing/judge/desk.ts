// The judge's place on the bus. Each check has a reply queue of its own, so that a reply under a wrong correlation id, or a late
// one, is still known to be of it; the queue hears output lines, too, and replies that go astray over the exchange.
import type { Clock } from '../../clock.js';
import { NeedfulError } from '../../contract/errors.js';
import type { Received } from '../../contract/message.js';
import { engineExchange, outputKey } from '../../contract/names.js';
import type { Delivery, Transport } from '../../transport.js';
import type { Case } from './cases.js';
import { type Hearing, isOpen, type SentJob } from './hearing.js';

export interface DeskOptions {
  readonly transport: Transport;
  /** The worker's queue. */
  readonly queue: string;
  readonly clock: Clock;
  /** A correlation id that nobody else uses. */
  readonly newId: () => string;
}

interface Posted {
  readonly job: SentJob;
  readonly hearing: Hearing;
}

export class Desk {
  readonly #options: DeskOptions;
  readonly #byId = new Map<string, Posted>();
  /** Also those under a reply queue that there is not. */
  readonly #byReplyTo = new Map<string, Hearing>();
  readonly #observers = new Set<() => void>();
  #lost: NeedfulError | undefined;
  replyCount = 0;
  jobCount = 0;
  /** Whether output lines can be heard. */
  hearsLines = true;

  /** Why nothing can be heard any more. */
  get lost(): NeedfulError | undefined {
    return this.#lost;
  }

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Rejects with ACCESS_REFUSED and what else a broker may have against it. */
  async open(): Promise<void> {
    const { transport } = this.#options;
    transport.subscribe((event) => {
      if (event.type !== 'connection.closed' && event.type !== 'channel.closed') return;
      const words = event.error?.message ?? 'it was closed';
      this.#lost ??= new NeedfulError('CONNECTION_LOST', `the judge lost its connection: ${words}`);
      this.#changed();
    });
    const exchange = { name: engineExchange, type: 'topic', durable: true } as const;
    const missing = await transport.check({ exchanges: [exchange], queues: [], bindings: [] });
    this.hearsLines = missing.length === 0;
  }

  async #openQueue(hearing: Hearing): Promise<string> {
    const { transport } = this.#options;
    const spec = { durable: false, exclusive: true };
    const made = await transport.declare({ exchanges: [], queues: [{ name: '', ...spec }], bindings: [] });
    const name = made.queues[0]?.name ?? '';
    if (this.hearsLines) {
      const bindings = [outputKey, name].map((routingKey) => ({
        exchange: engineExchange,
        queue: name,
        routingKey,
      }));
      await transport.declare({ exchanges: [], queues: [], bindings });
    }
    await transport.consume(name, { noAck: true, onDelivery: (delivery) => this.#hear(delivery, hearing) });
    this.#byReplyTo.set(name, hearing);
    return name;
  }

  #hear(received: Received, hearing: Hearing): void {
    const id = received.properties.correlationId ?? null;
    const named = hearing.jobs.find(({ address }) => address.correlationId === id);
    if (received.exchange === engineExchange && received.routingKey === outputKey) {
      // Every queue hears all lines; only where the replies come is their order known.
      if (named !== undefined) hearing.output(received, named);
      return;
    }
    this.replyCount += 1;
    const job = named ?? hearing.jobs.find(isOpen) ?? hearing.jobs.at(-1);
    if (job !== undefined) hearing.reply(received, job);
    this.#changed();
  }

  /** Sends a case's messages. `sameId`: the correlation id of an earlier job. */
  async post(sent: Case, to: { readonly hearing: Hearing; readonly sameId?: string }): Promise<void> {
    const { hearing } = to;
    const queue = sent.replyTo === 'here' ? await this.#openQueue(hearing) : null;
    for (const body of sent.bodies) {
      const own = sent.correlationId === 'same' ? to.sameId : undefined;
      const correlationId = sent.correlationId === 'absent' ? null : (own ?? this.#options.newId());
      const job = hearing.send({ address: { replyTo: queue, correlationId }, kind: sent.kind, body });
      if (correlationId !== null) this.#byId.set(correlationId, { job, hearing });
      const replyTo = sent.replyTo === 'gone' ? `gone-${this.#options.newId()}` : queue;
      if (replyTo !== null) this.#byReplyTo.set(replyTo, hearing);
      this.jobCount += 1;
      const properties = {
        ...(correlationId === null ? {} : { correlationId }),
        ...(replyTo === null ? {} : { replyTo }),
      };
      this.#options.transport.publish(
        { exchange: '', routingKey: this.#options.queue, body, properties, mandatory: false },
        // With a receipt, so that jobs stay in their order with what the judge settles.
        () => undefined,
      );
    }
  }

  /** The job that this message from the worker's queue is; undefined: it is nobody's here. */
  jobOf({ properties: { correlationId, replyTo } }: Delivery): Posted | undefined {
    const hearing = replyTo === undefined ? undefined : this.#byReplyTo.get(replyTo);
    if (hearing === undefined) return correlationId === undefined ? undefined : this.#byId.get(correlationId);
    const job = hearing.jobs.find(({ address }) => address.correlationId === (correlationId ?? null));
    return job === undefined ? undefined : { job, hearing };
  }

  /** Resolves when no reply came for the time. */
  async quiet(ms: number): Promise<void> {
    for (let seen = -1; seen !== this.replyCount; ) {
      seen = this.replyCount;
      const { clock } = this.#options;
      for (const until = clock.now() + ms; clock.now() < until && seen === this.replyCount; ) {
        await this.change(until - clock.now());
      }
    }
  }

  /** Resolves when something was heard, or after the time. Rejects when the connection is gone. */
  async change(withinMs: number): Promise<void> {
    const { clock } = this.#options;
    if (this.#lost !== undefined) throw this.#lost;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#observers.delete(done);
        clock.clearTimeout(timer);
        resolve();
      };
      const timer = clock.setTimeout(done, withinMs);
      this.#observers.add(done);
    });
    if (this.#lost !== undefined) throw this.#lost;
  }

  #changed(): void {
    for (const observer of this.#observers) observer();
  }
}

// The judge's place on the bus: two queues for replies, one for what is judged and one for the valid jobs in between, so that
// a reply under a wrong correlation id is still known to be somebody's. Both hear output lines and what goes astray.
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

type Slot = 'judged' | 'between';

interface Posted {
  readonly slot: Slot;
  readonly job: SentJob;
  readonly hearing: Hearing;
}

export class Desk {
  readonly #options: DeskOptions;
  readonly #queues: Record<Slot, string> = { judged: '', between: '' };
  readonly #posted = new Map<string, Posted>();
  /** By reply queue: whose a reply is that names nobody. */
  readonly #current: Record<Slot, Hearing | undefined> = { judged: undefined, between: undefined };
  readonly #observers = new Set<() => void>();
  #lost: NeedfulError | undefined;
  replyCount = 0;
  jobCount = 0;
  /** Whether output lines can be heard. */
  hearsLines = true;

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
    for (const slot of ['judged', 'between'] as const) this.#queues[slot] = await this.#openQueue(slot);
  }

  async #openQueue(slot: Slot): Promise<string> {
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
    await transport.consume(name, { noAck: true, onDelivery: (delivery) => this.#hear(delivery, slot) });
    return name;
  }

  #hear(received: Received, slot: Slot): void {
    const id = received.properties.correlationId;
    const posted = id === undefined ? undefined : this.#posted.get(id);
    if (received.exchange === engineExchange && received.routingKey === outputKey) {
      // Where replies to its job come, since queues have no common order. Of nobody here: a line for a job of others.
      if (posted?.slot === slot) posted.hearing.output(received, posted.job);
      return;
    }
    this.replyCount += 1;
    const found = posted ?? this.#guess(slot);
    if (found !== undefined) found.hearing.reply(received, found.job);
    this.#changed();
  }

  #guess(slot: Slot): Posted | undefined {
    const hearing = this.#current[slot];
    const job = hearing?.jobs.find(isOpen) ?? hearing?.jobs.at(-1);
    return hearing === undefined || job === undefined ? undefined : { slot, job, hearing };
  }

  /** Sends a case's messages. `sameId`: the correlation id of an earlier job. */
  post(sent: Case, to: { readonly hearing: Hearing; readonly slot: Slot; readonly sameId?: string }): void {
    const { hearing, slot } = to;
    this.#current[slot] = hearing;
    for (const body of sent.bodies) {
      const own = sent.correlationId === 'same' ? to.sameId : undefined;
      const correlationId = sent.correlationId === 'absent' ? null : (own ?? this.#options.newId());
      const replyTo = { here: this.#queues[slot], absent: null, gone: `gone-${this.#options.newId()}` }[
        sent.replyTo
      ];
      const address = { replyTo: sent.replyTo === 'here' ? replyTo : null, correlationId };
      const job = hearing.send({ address, kind: sent.kind, body });
      if (correlationId !== null) this.#posted.set(correlationId, { slot, job, hearing });
      this.jobCount += 1;
      this.#options.transport.publish(
        {
          exchange: '',
          routingKey: this.#options.queue,
          body,
          properties: {
            ...(correlationId === null ? {} : { correlationId }),
            ...(replyTo === null ? {} : { replyTo }),
          },
          mandatory: false,
        },
        // Confirmed, so that jobs stay in their order with what the judge settles.
        () => undefined,
      );
    }
  }

  /** The job that this message from the worker's queue is; undefined: it is nobody's here. */
  jobOf({ properties, body }: Delivery): Posted | undefined {
    const { correlationId } = properties;
    if (correlationId !== undefined) return this.#posted.get(correlationId);
    const hearing = this.#current.judged;
    const job = hearing?.jobs.find((one) => one.body.byteLength === body.byteLength);
    return hearing === undefined || job === undefined ? undefined : { slot: 'judged', job, hearing };
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

// The engine's side of jobs, on any transport: sends them, hears their replies and output lines. Nothing waits by the clock.
import { randomUUID } from 'node:crypto';
import type { JobRequest, Reply } from '../../src/contract/message-format.js';
import { releaseEngine } from '../../src/contract/release-engine.js';
import type { Delivery, Outcome, Transport } from '../../src/transport.js';
import { Trace } from '../adapters/bus.js';

export interface HeardReply extends Reply {
  readonly messageId: string | undefined;
}

export interface SentJob {
  readonly correlationId: string;
  readonly replies: Trace<HeardReply>;
  /** Statuses so far. */
  readonly statuses: readonly string[];
  /** The final reply, once it came. */
  final(): Promise<HeardReply>;
}

export interface SendOptions extends Omit<JobRequest, 'step'> {
  /** Default: the engine's own queue. null: none. */
  readonly replyTo?: string | null;
  /** Default: a new one. */
  readonly correlationId?: string;
}

export class Engine {
  readonly transport: Transport;
  readonly lines: Trace<string>;
  readonly #jobs = new Map<string, SentJob>();
  #replyTo = '';

  constructor(transport: Transport) {
    this.transport = transport;
    this.lines = new Trace();
  }

  get replyTo(): string {
    return this.#replyTo;
  }

  /** `hears`: output lines are heard too; the exchange must exist or be declared by it. */
  async open(options: { readonly lines?: boolean } = {}): Promise<this> {
    await this.transport.open();
    this.#replyTo = await this.#listen([], (delivery) => {
      const reply = releaseEngine.decodeReply(delivery);
      const job = this.#jobs.get(delivery.properties.correlationId ?? '');
      if (reply.ok) job?.replies.add({ ...reply.value, messageId: delivery.properties.messageId });
    });
    if (options.lines) {
      await this.#listen([releaseEngine.output], (delivery) => {
        const line = releaseEngine.decodeOutput(delivery);
        if (line.ok) this.lines.add(String(line.value));
      });
    }
    return this;
  }

  /** Sends one job; it is in its queue, or was refused, when this resolves. */
  async send(
    step: string,
    { replyTo, correlationId = randomUUID(), ...request }: SendOptions = {},
  ): Promise<SentJob> {
    const replies = new Trace<HeardReply>();
    const job: SentJob = {
      correlationId,
      replies,
      get statuses() {
        return replies.all.map(({ status }) => status);
      },
      async final() {
        const [reply] = await replies.first(1, ({ status }) => status !== 'started');
        if (reply === undefined) throw new Error('no final reply');
        return reply;
      },
    };
    this.#jobs.set(correlationId, job);
    const address = { replyTo: replyTo === undefined ? this.#replyTo : replyTo, correlationId };
    const message = releaseEngine.encodeJob({ step, ...request }, address);
    const outcome = await new Promise<Outcome>((resolve) => this.transport.publish(message, resolve));
    if (outcome !== 'confirmed') throw new Error(`the job ${step} was ${outcome}`);
    return job;
  }

  async #listen(
    bindings: readonly { readonly exchange: string; readonly routingKey: string }[],
    onDelivery: (delivery: Delivery) => void,
  ): Promise<string> {
    const { queues } = await this.transport.declare({
      exchanges: bindings.map(({ exchange }) => ({ name: exchange, type: 'topic', durable: true })),
      queues: [{ name: '', durable: false, exclusive: true }],
      bindings: bindings.map((binding) => ({ ...binding, queue: '' })),
    });
    const [queue] = queues;
    if (queue === undefined) throw new Error('no queue was declared');
    await this.transport.consume(queue.name, { noAck: true, onDelivery });
    return queue.name;
  }
}

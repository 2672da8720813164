// What the cases of the conformance suite are written in: clients of a bus that remember what they heard. Nothing here
// waits by the clock: it awaits an event, a receipt or a delivery, or polls the broker a bounded number of times.
import type {
  ConsumeOptions,
  Consumer,
  Delivery,
  Message,
  Outcome,
  QueueSpec,
  Transport,
  TransportEvent,
} from '../../src/transport.js';
import type { ConformanceHarness } from './harness.js';

export type Case = (bus: Bus) => Promise<void>;
export type Cases = Readonly<Record<string, Case>>;

const pollLimit = 5_000;

/** The next turn of the event loop. */
export const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Asks until the answer is yes; `what` names the wait that failed. */
export async function until(what: string, answer: () => boolean | Promise<boolean>): Promise<void> {
  for (let asked = 0; asked < pollLimit; asked++) {
    if (await answer()) return;
    await turn();
  }
  throw new Error(`Waited in vain until ${what}.`);
}

/** What came, in order; it can be awaited. */
export class Trace<T> {
  readonly all: T[] = [];
  #waiting: { readonly isEnough: () => boolean; readonly resolve: () => void }[] = [];

  add(item: T): void {
    this.all.push(item);
    const enough = this.#waiting.filter(({ isEnough }) => isEnough());
    this.#waiting = this.#waiting.filter((wait) => !enough.includes(wait));
    for (const { resolve } of enough) resolve();
  }

  /** The first `count` that fit, once there are so many. */
  async first(count: number, fits: (item: T) => boolean = () => true): Promise<readonly T[]> {
    const isEnough = () => this.all.filter(fits).length >= count;
    if (!isEnough()) await new Promise<void>((resolve) => this.#waiting.push({ isEnough, resolve }));
    return this.all.filter(fits).slice(0, count);
  }
}

export interface Intake {
  readonly consumer: Consumer;
  readonly deliveries: Trace<Delivery>;
}

export const text = (received: { readonly body: Uint8Array }) => Buffer.from(received.body).toString();
export const texts = (list: readonly { readonly body: Uint8Array }[]) => list.map(text);

/** To the default exchange: `queue` is the routing key. */
export function message(queue: string, changes: Partial<Message> & { readonly text?: string } = {}): Message {
  const { text = '', ...rest } = changes;
  return {
    exchange: '',
    routingKey: queue,
    body: Buffer.from(text),
    properties: {},
    mandatory: true,
    ...rest,
  };
}

/** A transport, and all that it said. */
export class Client {
  readonly transport: Transport;
  readonly name: string;
  readonly events = new Trace<TransportEvent>();
  /** Types of events and outcomes of receipts, in the order in which they came. */
  readonly log = new Trace<TransportEvent['type'] | Outcome>();

  constructor(transport: Transport, name: string) {
    this.transport = transport;
    this.name = name;
    transport.subscribe((event) => {
      this.events.add(event);
      this.log.add(event.type);
    });
  }

  /** The first event of a type, once it came. */
  async heard<T extends TransportEvent['type']>(type: T): Promise<Extract<TransportEvent, { type: T }>> {
    await this.events.first(1, (event) => event.type === type);
    const is = (event: TransportEvent): event is Extract<TransportEvent, { type: T }> => event.type === type;
    const found = this.events.all.find(is);
    if (!found) throw new Error(`No event ${type}.`);
    return found;
  }

  /** Publishes with a receipt, and resolves with what it says. */
  publish(given: Message): Promise<Outcome> {
    return new Promise((resolve) => {
      this.transport.publish(given, (outcome) => {
        this.log.add(outcome);
        resolve(outcome);
      });
    });
  }

  async consume(queue: string, options: Omit<ConsumeOptions, 'onDelivery'> = {}): Promise<Intake> {
    const deliveries = new Trace<Delivery>();
    const onDelivery = (delivery: Delivery) => deliveries.add(delivery);
    const consumer = await this.transport.consume(queue, { ...options, onDelivery });
    return { consumer, deliveries };
  }

  /** Breaks a rule of AMQP: the broker closes the jobs channel with 404. */
  loseJobsChannel(): Promise<Outcome> {
    return this.publish(message('x', { exchange: `missing-${this.name}` }));
  }
}

export class Bus {
  readonly harness: ConformanceHarness;
  readonly #clients: Client[] = [];
  readonly #queues: string[] = [];

  constructor(harness: ConformanceHarness) {
    this.harness = harness;
  }

  /** A client that was not opened. */
  client(): Client {
    const name = this.harness.unique('connection');
    const client = new Client(this.harness.connect(name), name);
    this.#clients.push(client);
    return client;
  }

  async open(): Promise<Client> {
    const client = this.client();
    await client.transport.open();
    return client;
  }

  name(prefix: string): string {
    return this.harness.unique(prefix);
  }

  /** A queue that outlives connections and goes after the case. */
  async queue(by: Client, spec: Partial<QueueSpec> = {}): Promise<string> {
    const name = spec.name ?? this.name('queue');
    this.#queues.push(name);
    const queues = [{ durable: true, ...spec, name }];
    await by.transport.declare({ exchanges: [], queues, bindings: [] });
    return name;
  }

  /** A queue with these bindings to an exchange that every broker has: `amq.topic`, `amq.direct`, `amq.fanout`. */
  async bound(
    by: Client,
    { exchange, keys }: { readonly exchange: string; readonly keys: readonly string[] },
  ) {
    const queue = await this.queue(by);
    const bindings = keys.map((routingKey) => ({ exchange, queue, routingKey }));
    await by.transport.declare({ exchanges: [], queues: [], bindings });
    return queue;
  }

  /** Ready messages, from the broker. */
  async ready(queue: string): Promise<number> {
    return (await this.harness.queue(queue))?.readyCount ?? 0;
  }

  /** Resolves once so many messages are ready; the broker's counts may lag behind. */
  holds(queue: string, count: number): Promise<void> {
    return until(`${queue} holds ${count} messages`, async () => (await this.ready(queue)) === count);
  }

  hasConsumers(queue: string, count: number): Promise<void> {
    const counted = async () => (await this.harness.queue(queue))?.consumerCount;
    return until(`${queue} has ${count} consumers`, async () => (await counted()) === count);
  }

  /** Not by counts: what is there, or came back to its old place, would be delivered before the witness. */
  async isEmpty(queue: string): Promise<void> {
    const witness = await this.open();
    await witness.publish(message(queue, { text: 'witness' }));
    const [first] = await this.drain(queue, 1);
    if (!first || text(first) !== 'witness')
      throw new Error(`${queue} is not empty: ${first && text(first)}`);
  }

  /** Takes all that is ready, settled, in order. */
  async drain(queue: string, count: number): Promise<readonly Delivery[]> {
    const client = await this.open();
    const { deliveries } = await client.consume(queue, { noAck: true });
    const taken = await deliveries.first(count);
    await client.transport.close();
    return taken;
  }

  async end(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.transport.close()));
    await Promise.all(this.#queues.map((queue) => this.harness.deleteQueue(queue)));
  }
}

// A bus with a foreigner on it, who plays the engine and hears everything: on RabbitMQ through amqplib alone, on the embedded
// broker as a plain client. What is heard goes to the protocol's judge, too; on the embedded broker that is the broker's tap.
import { type ConsumeMessage, connect } from 'amqplib';
import { describe } from 'vitest';
import { guardFrames } from '../../adapters/amqp/frame-guard.js';
import { createAmqpTransport } from '../../adapters/amqp/index.js';
import { createMemoryBroker } from '../../adapters/memory/index.js';
import { readMessage, readTap } from '../../src/contract/bus-event.js';
import type { Properties } from '../../src/contract/message.js';
import { createProtocol, type Violation } from '../../src/contract/protocol.js';
import type { Delivery, Transport } from '../../src/transport.js';
import type { RunningWorker } from '../../src/worker/running-worker.js';
import { Trace } from '../adapters/bus.js';
import { type RawMessage, sendRaw } from '../bad-input/raw-publish.js';
import { describeRabbitMQ } from '../rabbitmq.js';
import { Heard, type Seen } from './heard.js';

export type { Seen } from './heard.js';

/** A job as the engine sends it: to `re`. */
export interface Sent {
  readonly routingKey: string;
  readonly body: Uint8Array | string;
  readonly properties: Properties;
}

export interface ForeignBus {
  /** For a worker; not opened. */
  connect(): Transport;
  /** Hears a queue of this name, made for it; nothing is bound to it. What goes to `re` is always heard. */
  hear(queue: string): Promise<void>;
  send(sent: Sent): Promise<void>;
  /** Byte by byte; only where there are bytes. */
  readonly sendRaw?: (message: RawMessage) => Promise<void>;
  /** Makes a worker's queue, bound to its key; what is rejected there is heard as if it came to `rejected.<queue>`. */
  watch(queue: string): Promise<void>;
  /** Takes the first message of a queue and gives it back, so that it is delivered again. */
  putBack(queue: string): Promise<void>;
  readonly heard: Heard;
  /** Messages in the queue that nobody holds. */
  readyCount(queue: string): Promise<number>;
  /** What the protocol's judge has found; the bus must be quiet. */
  judge(): readonly Violation[];
  /** Deletes these queues and those it made. */
  end(...queues: readonly string[]): Promise<void>;
}

/** The states of each job of a worker with one lane, once the lane listens again. */
export function jobPaths(worker: RunningWorker): Trace<readonly string[]> {
  const paths = new Trace<readonly string[]>();
  let path: string[] = [];
  worker.subscribe(({ machine, to }) => {
    if (machine !== 'job') return;
    path.push(to);
    if (to !== 'listening') return;
    paths.add(path);
    path = [];
  });
  return paths;
}

type BusName = 'the embedded broker' | 'RabbitMQ';

/** The same suite on both brokers. */
export function describeOnEachBus(
  name: string,
  body: (open: () => Promise<ForeignBus>, on: BusName) => void,
): void {
  describe(`${name}, on the embedded broker`, () => body(openMemory, 'the embedded broker'));
  describeRabbitMQ(`${name}, on RabbitMQ`, ({ url }) => body(() => openRabbitMQ(url), 'RabbitMQ'));
}

const exchange = { name: 're', type: 'topic', durable: true } as const;
const onlooker = 'onlooker';

/** `judged: false`: nothing is remembered of what was said, as the judge does. */
export async function openMemory({ judged = true } = {}): Promise<ForeignBus> {
  const broker = createMemoryBroker();
  const protocol = createProtocol();
  const heard = new Heard();
  const engine = broker.connect({ name: 'engine' });
  await engine.open();
  broker.tap((event) => {
    const said = judged ? readTap(event) : null;
    if (said) protocol.observe(said);
  });
  const hear = async (queue: string, bindings: readonly string[] = []) => {
    broker.declare({
      exchanges: [exchange],
      queues: [{ name: queue, durable: false }],
      bindings: bindings.map((routingKey) => ({ exchange: exchange.name, queue, routingKey })),
    });
    await engine.consume(queue, {
      noAck: true,
      onDelivery: (delivery) => heard.add({ ...pick(delivery), queue }),
    });
  };
  await hear(onlooker, ['#']);
  return {
    connect: () => broker.connect(),
    hear: (queue) => hear(queue),
    async watch(queue) {
      broker.declare({
        exchanges: [exchange],
        queues: [{ name: queue, durable: true }],
        bindings: [{ exchange: exchange.name, queue, routingKey: queue }],
      });
      broker.tap((event) => {
        if (event.type !== 'settled' || event.how !== 'reject' || event.queue !== queue) return;
        heard.add({ ...pick(event.message), queue: `rejected.${queue}` });
      });
    },
    async send({ routingKey, body, properties }) {
      engine.publish({
        exchange: exchange.name,
        routingKey,
        body: Buffer.from(body),
        properties,
        mandatory: false,
      });
    },
    async putBack(queue) {
      const held = new Trace<Delivery>();
      const consumer = await engine.consume(queue, { onDelivery: (delivery) => held.add(delivery) });
      const [delivery] = await held.first(1);
      await consumer.cancel();
      delivery?.settle('requeue');
    },
    heard,
    readyCount: async (queue) => broker.queue(queue)?.readyCount ?? 0,
    judge() {
      protocol.end();
      return protocol.violations;
    },
    end: () => engine.close(),
  };
}

const pick = ({ exchange, routingKey, properties, body }: Omit<Seen, 'queue'>) => ({
  exchange,
  routingKey,
  properties,
  body,
});

async function openRabbitMQ(url: string): Promise<ForeignBus> {
  const connection = await connect(url);
  // What a worker must survive it hears too.
  guardFrames(connection);
  const channel = await connection.createConfirmChannel();
  // Several queues: their order among each other is not known.
  const protocol = createProtocol({ ordered: false });
  const heard = new Heard();
  const replyQueues = new Set<string>();
  const consume = (queue: string) =>
    channel.consume(
      queue,
      (message) => {
        if (message === null) return;
        const seen = { ...asSeen(message), queue: message.fields.consumerTag };
        const said = readMessage(seen);
        // Whether a reply came to a queue that nobody hears is not known.
        const isHeard =
          said?.type !== 'job' || said.address.replyTo === null || replyQueues.has(said.address.replyTo);
        if (said && isHeard) protocol.observe(said);
        heard.add(seen);
      },
      { noAck: true, consumerTag: queue },
    );
  await channel.assertExchange(exchange.name, exchange.type, { durable: true });
  await channel.assertQueue(onlooker, { exclusive: true });
  await channel.bindQueue(onlooker, exchange.name, '#');
  await consume(onlooker);
  return {
    connect: () => createAmqpTransport({ url }),
    async hear(queue) {
      replyQueues.add(queue);
      await channel.assertQueue(queue, { exclusive: true });
      await consume(queue);
    },
    async watch(queue) {
      const rejected = `rejected.${queue}`;
      await channel.assertQueue(rejected, { exclusive: true });
      await consume(rejected);
      await channel.assertQueue(queue, {
        durable: true,
        deadLetterExchange: '',
        deadLetterRoutingKey: rejected,
      });
      await channel.bindQueue(queue, exchange.name, queue);
    },
    sendRaw: (message) => sendRaw(connection, [message]),
    async send({ routingKey, body, properties }) {
      channel.publish(exchange.name, routingKey, Buffer.from(body), { ...properties });
      await channel.waitForConfirms();
    },
    async putBack(queue) {
      const message = await channel.get(queue);
      if (message !== false) channel.nack(message, false, true);
    },
    heard,
    readyCount: async (queue) => (await channel.checkQueue(queue)).messageCount,
    judge() {
      protocol.end();
      return protocol.violations;
    },
    async end(...queues) {
      for (const queue of queues) await channel.deleteQueue(queue);
      await channel.close();
      await connection.close();
    },
  };
}

/** Every property that is there counts, also one that Needful has no name for. */
function asSeen({ fields, properties, content }: ConsumeMessage): Omit<Seen, 'queue'> {
  const present = Object.entries(properties).filter(
    ([name, value]) => value !== undefined && !(name === 'headers' && Object.keys(value).length === 0),
  );
  return {
    exchange: fields.exchange,
    routingKey: fields.routingKey,
    properties: Object.fromEntries(present),
    body: content,
  };
}

export const jsonOf = (message: { readonly body: Uint8Array }): unknown =>
  JSON.parse(new TextDecoder().decode(message.body));

// The conformance suite's view of RabbitMQ: a private node, looked at over a connection of its own and
// harmed by an operator, never through the adapter.
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { createAmqpTransport } from '../../adapters/amqp/index.js';
import type { Broker } from '../../scripts/broker.js';
import type { Transport } from '../../src/transport.js';
import { operate } from '../operator.js';
import type { ConformanceHarness, QueueCounts } from './harness.js';

export const skippedCases: Readonly<Record<string, string>> = {};

/** `broker` is private; the harness stops it. */
export async function createRabbitMQHarness(broker: Broker): Promise<ConformanceHarness> {
  const admin = await connect(broker.url);
  const operator = await operate(broker.rabbitmqctl);
  const transports: Transport[] = [];
  let last = 0;
  const unique = (prefix: string) => `${prefix}-${++last}`;
  return {
    skipped: skippedCases,
    unique,
    connect(name = unique('connection')) {
      const transport = createAmqpTransport({ url: broker.url, name });
      transports.push(transport);
      return transport;
    },
    cut: (name) => operator.cut(name),
    block: () => operator.alarm(true),
    unblock: () => operator.alarm(false),
    deleteQueue: (name) => deleteQueue(admin, name),
    queue: (name) => queueCounts(admin, name),
    async stop() {
      await Promise.all(transports.map((transport) => transport.close()));
      await admin.close();
      operator.end();
      await broker.stop();
    },
  };
}

/** On a channel of its own: a refusal ends the channel. */
async function onChannel<T>(admin: ChannelModel, use: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await admin.createChannel();
  channel.on('error', () => {});
  const result = await use(channel);
  await channel.close();
  return result;
}

/** An exclusive queue of a connection that lives is refused; it goes with that connection. */
async function deleteQueue(admin: ChannelModel, name: string): Promise<void> {
  await onChannel(admin, (channel) => channel.deleteQueue(name)).catch(() => {});
}

/** Asked over AMQP, where the numbers are exact: in the HTTP API they are seconds old. */
async function queueCounts(admin: ChannelModel, name: string): Promise<QueueCounts | undefined> {
  try {
    const counts = await onChannel(admin, (channel) => channel.checkQueue(name));
    return { readyCount: counts.messageCount, consumerCount: counts.consumerCount };
  } catch (error) {
    if (error instanceof Error && /NOT_FOUND/.test(error.message)) return undefined;
    throw error;
  }
}

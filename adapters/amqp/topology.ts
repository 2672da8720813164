// Declaring and checking exchanges, queues and bindings, each time on a channel that is thrown away: the broker answers
// a refusal by closing the channel it came on.
import { randomUUID } from 'node:crypto';
import type { Channel, ChannelModel } from 'amqplib';
import type { BindingSpec, Difference, ExchangeSpec, QueueSpec, Topology } from '../../src/transport.js';
import { brokerWords, refusal, replyCode } from './refusal.js';

/** A channel for `use` alone. Its loss is only seen in what `use` awaits. */
export async function withChannel<T>(model: ChannelModel, use: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await model.createChannel();
  channel.on('error', () => {});
  channel.on('handler-error', () => {});
  try {
    return await use(channel);
  } finally {
    // Not awaited: a blocked connection answers late, and whether it closes well matters to nobody.
    channel.close().catch(() => {});
  }
}

export async function declareTopology(model: ChannelModel, topology: Topology): Promise<Topology> {
  for (const spec of topology.exchanges) await declareExchange(model, spec);
  return withChannel(model, async (channel) => {
    const queues: QueueSpec[] = [];
    for (const spec of topology.queues) {
      const { queue } = await assertQueue(channel, spec).catch(refused(`Declaring queue '${spec.name}'`));
      queues.push({ ...spec, name: queue });
    }
    const bindings: BindingSpec[] = [];
    const chosen = queues.find((_, index) => topology.queues[index]?.name === '')?.name ?? '';
    for (const spec of topology.bindings) {
      const binding = spec.queue === '' ? { ...spec, queue: chosen } : spec;
      const { queue, exchange, routingKey } = binding;
      await channel
        .bindQueue(queue, exchange, routingKey)
        .catch(refused(`Binding queue '${queue}' to exchange '${exchange}'`));
      bindings.push(binding);
    }
    return { exchanges: topology.exchanges, queues, bindings };
  });
}

/** The exchange is the engine's as well: who may not declare it can use the one that is there. */
async function declareExchange(model: ChannelModel, spec: ExchangeSpec): Promise<void> {
  try {
    await withChannel(model, (channel) => assertExchange(channel, spec));
  } catch (error) {
    const isThere = () =>
      withChannel(model, (channel) => channel.checkExchange(spec.name)).then(
        () => true,
        () => false,
      );
    if (replyCode(error) === 403 && (await isThere())) return;
    throw refusal(`Declaring exchange '${spec.name}'`, error);
  }
}

export const assertExchange = (channel: Channel, { name, type, durable }: ExchangeSpec) =>
  channel.assertExchange(name, type, { durable });

export const assertQueue = (channel: Channel, spec: QueueSpec) =>
  channel.assertQueue(spec.name, {
    durable: spec.durable,
    exclusive: spec.exclusive ?? false,
    autoDelete: spec.autoDelete ?? false,
    arguments: { ...spec.arguments },
  });

const refused = (what: string) => (error: unknown) => {
  throw refusal(what, error);
};

export async function checkTopology(model: ChannelModel, topology: Topology): Promise<Difference[]> {
  const differences: Difference[] = [];
  const note = (difference: Difference | undefined) => {
    if (difference !== undefined) differences.push(difference);
  };
  for (const { name } of topology.exchanges) {
    if (name === '') await probeDefaultExchange(model);
    else
      note(await passive(model, { kind: 'exchange', name, ask: (channel) => channel.checkExchange(name) }));
  }
  for (const { name } of topology.queues) {
    if (name === '') continue;
    note(await passive(model, { kind: 'queue', name, ask: (channel) => channel.checkQueue(name) }));
  }
  for (const { queue, exchange, routingKey } of topology.bindings) {
    const name = `${exchange} -> ${queue} (${routingKey})`;
    note({ kind: 'binding', name, found: 'unknown', detail: 'AMQP has no way to list bindings.' });
  }
  return differences;
}

interface Question {
  readonly kind: 'exchange' | 'queue';
  readonly name: string;
  readonly ask: (channel: Channel) => Promise<unknown>;
}

async function passive(model: ChannelModel, question: Question): Promise<Difference | undefined> {
  const { kind, name, ask } = question;
  try {
    await withChannel(model, ask);
    return undefined;
  } catch (error) {
    const code = replyCode(error);
    // 405: it exists, but belongs to another connection alone.
    if (code !== 404 && code !== 405) throw refusal(`Checking ${kind} '${name}'`, error);
    return { kind, name, found: code === 404 ? 'missing' : 'different', detail: brokerWords(error) };
  }
}

/**
 * A passive declare needs no permission and so proves none; a publish does. This one is for a queue that nobody has: the
 * broker returns and confirms it, or closes the channel.
 */
async function probeDefaultExchange(model: ChannelModel): Promise<void> {
  const channel = await model.createConfirmChannel();
  const refused = new Promise<never>((_, reject) => {
    channel.on('error', reject);
    channel.on('close', () => reject(new Error('channel closed')));
  });
  channel.on('handler-error', () => {});
  try {
    channel.publish('', `needful-probe-${randomUUID()}`, Buffer.alloc(0), { mandatory: true });
    await Promise.race([channel.waitForConfirms(), refused]);
  } catch (error) {
    throw refusal('Publishing to the default exchange', error);
  } finally {
    channel.close().catch(() => {});
  }
}

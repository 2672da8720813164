// Holds what exists against what is wanted, arguments and all: beyond the port, since only AMQP does it like this, by
// declaring again what exists.
import type { Channel, ChannelModel } from 'amqplib';
import type { Difference, Topology } from '../../src/transport.js';
import { brokerWords, refusal, replyCode } from './refusal.js';
import { assertExchange, assertQueue, withChannel } from './topology.js';

/** Exchanges and queues; of each the first difference. */
export async function compareTopology(
  model: ChannelModel,
  { exchanges, queues }: Topology,
): Promise<readonly Difference[]> {
  const differences: Difference[] = [];
  for (const spec of exchanges) {
    const { name } = spec;
    // Whether it is there is asked first, on the same channel: a channel ends with the answer that it is not, and what was to
    // be declared on it is not sent.
    const ask = (channel: Channel) =>
      Promise.all([channel.checkExchange(name), assertExchange(channel, spec)]);
    differences.push(...(await compare(model, { kind: 'exchange', name, ask })));
  }
  for (const spec of queues) {
    const { name } = spec;
    const ask = (channel: Channel) => Promise.all([channel.checkQueue(name), assertQueue(channel, spec)]);
    differences.push(...(await compare(model, { kind: 'queue', name, ask })));
  }
  return differences;
}

interface Question {
  readonly kind: 'exchange' | 'queue';
  readonly name: string;
  readonly ask: (channel: Channel) => Promise<unknown>;
}

const found = { 403: 'unknown', 404: 'missing', 405: 'different', 406: 'different' } as const;
const forbidden = 'its arguments cannot be compared: this user may not declare it';

async function compare(model: ChannelModel, { kind, name, ask }: Question): Promise<readonly Difference[]> {
  try {
    await withChannel(model, ask);
    return [];
  } catch (error) {
    const code = replyCode(error);
    if (code !== 403 && code !== 404 && code !== 405 && code !== 406)
      throw refusal(`Comparing ${kind} '${name}'`, error);
    const detail = code === 403 ? forbidden : brokerWords(error);
    return [{ kind, name, found: found[code], detail }];
  }
}

// settle: once, on the channel a delivery came on, or never.
import { expect } from 'vitest';
import type { Delivery } from '../../../src/transport.js';
import { type Bus, type Cases, type Client, message, text, texts } from '../bus.js';

interface Held {
  readonly client: Client;
  readonly queue: string;
  readonly held: readonly Delivery[];
}

/** A consumer that holds messages `0`, `1`, `2` … of a queue, all of them unsettled; it is cancelled. */
async function holding(bus: Bus, count: number): Promise<Held> {
  const client = await bus.open();
  const queue = await bus.queue(client);
  for (let n = 0; n < count; n++) await client.publish(message(queue, { text: String(n) }));
  const { consumer, deliveries } = await client.consume(queue, { prefetchCount: count });
  const held = await deliveries.first(count);
  await consumer.cancel();
  return { client, queue, held };
}

const summary = (list: readonly Delivery[]) => list.map((d) => `${text(d)}${d.redelivered ? ' again' : ''}`);

export const settlingCases: Cases = {
  'what was acknowledged never comes back': async (bus) => {
    const { client, queue, held } = await holding(bus, 3);
    for (const delivery of held) expect(delivery.settle('acknowledge')).toBe(true);
    expect(held.map((delivery) => delivery.settlement)).toEqual(Array(3).fill('acknowledged'));
    await client.transport.close();
    await bus.isEmpty(queue);
  },
  'what was not settled comes back when its transport closes': async (bus) => {
    const { client, queue, held } = await holding(bus, 3);
    held[1]?.settle('acknowledge');
    await client.transport.close();
    await bus.holds(queue, 2);
    expect(summary(await bus.drain(queue, 2))).toEqual(['0 again', '2 again']);
  },
  'what was requeued takes its old place and says redelivered': async (bus) => {
    const { client, queue, held } = await holding(bus, 4);
    await client.publish(message(queue, { text: 'new' }));
    held[0]?.settle('acknowledge');
    for (const delivery of held.slice(1).reverse()) expect(delivery.settle('requeue')).toBe(true);
    expect(held[1]?.settlement).toBe('requeued');
    await bus.holds(queue, 4);
    expect(summary(await bus.drain(queue, 4))).toEqual(['1 again', '2 again', '3 again', 'new']);
  },
  'what was requeued in another order comes in the order of the queue all the same': async (bus) => {
    const { queue, held } = await holding(bus, 4);
    for (const n of [2, 0, 3, 1]) held[n]?.settle('requeue');
    await bus.holds(queue, 4);
    expect(texts(await bus.drain(queue, 4))).toEqual(['0', '1', '2', '3']);
  },
  'a requeued message is delivered again to the same consumer if it is alone': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    await client.publish(message(queue, { text: 'a' }));
    const { deliveries } = await client.consume(queue);
    const [first] = await deliveries.first(1);
    first?.settle('requeue');
    const [, second] = await deliveries.first(2);
    expect(second?.redelivered).toBe(true);
    expect(second?.settlement).toBe('none');
    expect(first?.settlement).toBe('requeued');
  },
  'what was rejected is dropped': async (bus) => {
    const { client, queue, held } = await holding(bus, 2);
    expect(held[0]?.settle('reject')).toBe(true);
    expect(held[0]?.settlement).toBe('rejected');
    await client.transport.close();
    await bus.holds(queue, 1);
    expect(summary(await bus.drain(queue, 1))).toEqual(['1 again']);
  },
  'a delivery is settled once: every later call is false and changes nothing': async (bus) => {
    const { client, queue, held } = await holding(bus, 1);
    const [delivery] = held;
    expect(delivery?.settle('acknowledge')).toBe(true);
    expect(delivery?.settle('acknowledge')).toBe(false);
    expect(delivery?.settle('requeue')).toBe(false);
    expect(delivery?.settle('reject')).toBe(false);
    expect(delivery?.settlement).toBe('acknowledged');
    expect(await client.publish(message(queue))).toBe('confirmed');
    expect(client.log.all).not.toContain('channel.closed');
  },
  'deliveries may be settled in any order': async (bus) => {
    const { client, queue, held } = await holding(bus, 5);
    for (const n of [4, 1, 3]) expect(held[n]?.settle('acknowledge')).toBe(true);
    await client.transport.close();
    await bus.holds(queue, 2);
    expect(texts(await bus.drain(queue, 2))).toEqual(['0', '2']);
  },
  'after a cut a delivery is lost, and settle is false': async (bus) => {
    const { client, held } = await holding(bus, 2);
    held[0]?.settle('acknowledge');
    await bus.harness.cut(client.name);
    await client.heard('connection.closed');
    expect(held.map((delivery) => delivery.settlement)).toEqual(['acknowledged', 'lost']);
    expect(held.map((delivery) => delivery.settle('acknowledge'))).toEqual([false, false]);
    expect(held[1]?.settlement).toBe('lost');
    expect(client.transport.status.unsettledCount).toBe(0);
  },
  'a delivery of a dead channel settles nothing on the next one': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    for (const body of ['a', 'b']) await client.publish(message(queue, { text: body }));
    const before = await (await client.consume(queue, { prefetchCount: 2 })).deliveries.first(2);
    await client.loseJobsChannel();
    await client.transport.open();
    const { deliveries } = await client.consume(queue, { prefetchCount: 2 });
    const after = await deliveries.first(2);
    for (const delivery of before) expect(delivery.settle('acknowledge')).toBe(false);
    expect(after.map(({ epoch, redelivered }) => ({ epoch, redelivered }))).toEqual(
      Array(2).fill({ epoch: 2, redelivered: true }),
    );
    expect(after.map((delivery) => delivery.settlement)).toEqual(['none', 'none']);
    await client.transport.close();
    await bus.holds(queue, 2);
  },
  'an acknowledgement before a publish with receipt counted once that is confirmed': async (bus) => {
    const { client, queue, held } = await holding(bus, 1);
    const other = await bus.queue(client);
    held[0]?.settle('acknowledge');
    expect(await client.publish(message(other))).toBe('confirmed');
    await bus.harness.cut(client.name);
    await client.heard('connection.closed');
    const witness = await bus.open();
    await witness.publish(message(queue, { text: 'witness' }));
    expect(summary(await bus.drain(queue, 1))).toEqual(['witness']);
  },
  'acknowledgements of one turn all count': async (bus) => {
    const { client, queue, held } = await holding(bus, 200);
    for (const delivery of held) delivery.settle('acknowledge');
    expect(client.transport.status.unsettledCount).toBe(0);
    await client.transport.close();
    await bus.isEmpty(queue);
  },
};

// consume and cancel: order, prefetch, refusals.
import { expect } from 'vitest';
import type { Delivery } from '../../../src/transport.js';
import { type Bus, type Case, type Cases, type Client, message, text, texts, until } from '../bus.js';

async function fill(
  client: Client,
  { queue, bodies }: { readonly queue: string; readonly bodies: readonly string[] },
) {
  await Promise.all(bodies.map((body) => client.publish(message(queue, { text: body }))));
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => String(n));

/** A queue with `count` messages `0`, `1`, `2` … */
async function filled(bus: Bus, count: number): Promise<{ readonly client: Client; readonly queue: string }> {
  const client = await bus.open();
  const queue = await bus.queue(client);
  await fill(client, { queue, bodies: numbers(count) });
  return { client, queue };
}

const prefetchOverTwoConsumers: Case = async (bus) => {
  const { client: one, queue } = await filled(bus, 6);
  const two = await bus.open();
  const first = await one.consume(queue, { prefetchCount: 2 });
  const second = await two.consume(queue, { prefetchCount: 2 });
  await first.deliveries.first(2);
  await second.deliveries.first(2);
  await bus.holds(queue, 2);
  first.deliveries.all[0]?.settle('acknowledge');
  second.deliveries.all[0]?.settle('acknowledge');
  await first.deliveries.first(3);
  await second.deliveries.first(3);
  expect([...texts(first.deliveries.all), ...texts(second.deliveries.all)].sort()).toEqual(numbers(6));
};

const callsFromNobodysStack: Case = async (bus) => {
  const { client, queue } = await filled(bus, 2);
  let depth = 0;
  const depths: number[] = [];
  await new Promise<void>((resolve) => {
    const onDelivery = (delivery: Delivery) => {
      depth += 1;
      depths.push(depth);
      delivery.settle('acknowledge');
      if (depths.length < 5) client.transport.publish(message(queue));
      else resolve();
      depth -= 1;
    };
    depth += 1;
    client.transport.consume(queue, { prefetchCount: 3, onDelivery }).catch(() => {});
    depth -= 1;
  });
  expect([...new Set(depths)]).toEqual([1]);
};

export const consumingCases: Cases = {
  'deliveries come in the order of the queue': async (bus) => {
    const { client, queue } = await filled(bus, 50);
    const { deliveries } = await client.consume(queue, { prefetchCount: 50 });
    expect(texts(await deliveries.first(50))).toEqual(numbers(50));
  },
  'messages that come later are delivered in the order of their publishes': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    const { deliveries } = await client.consume(queue, { prefetchCount: 50 });
    await fill(client, { queue, bodies: numbers(50) });
    expect(texts(await deliveries.first(50))).toEqual(numbers(50));
  },
  'the prefetch count is 1 by default: the second waits until the first is settled': async (bus) => {
    const { client, queue } = await filled(bus, 3);
    const { deliveries } = await client.consume(queue);
    const [first] = await deliveries.first(1);
    await bus.holds(queue, 2);
    expect(deliveries.all.length).toBe(1);
    first?.settle('acknowledge');
    expect(texts(await deliveries.first(2))).toEqual(['0', '1']);
    await bus.holds(queue, 1);
    expect(deliveries.all.length).toBe(2);
  },
  'the prefetch count bounds unsettled deliveries': async (bus) => {
    const { client, queue } = await filled(bus, 10);
    const { deliveries } = await client.consume(queue, { prefetchCount: 4 });
    await deliveries.first(4);
    await bus.holds(queue, 6);
    expect(client.transport.status.unsettledCount).toBe(4);
    for (const delivery of deliveries.all.slice(0, 2)) delivery.settle('acknowledge');
    await deliveries.first(6);
    await bus.holds(queue, 4);
    expect(deliveries.all.length).toBe(6);
  },
  'two consumers share a queue, each up to its prefetch count': prefetchOverTwoConsumers,
  'two consumers of one transport have a prefetch count each': async (bus) => {
    const { client, queue } = await filled(bus, 6);
    const other = await bus.queue(client);
    await fill(client, { queue: other, bodies: numbers(6) });
    const one = await client.consume(queue, { prefetchCount: 1 });
    const two = await client.consume(other, { prefetchCount: 3 });
    await one.deliveries.first(1);
    await two.deliveries.first(3);
    await bus.holds(queue, 5);
    await bus.holds(other, 3);
  },
  'a delivery says where it came from': async (bus) => {
    const client = await bus.open();
    const key = bus.name('key');
    const queue = await bus.bound(client, { exchange: 'amq.topic', keys: [key] });
    await client.publish(message(key, { exchange: 'amq.topic' }));
    const { deliveries } = await client.consume(queue);
    const [delivery] = await deliveries.first(1);
    expect(delivery).toMatchObject({
      queue,
      exchange: 'amq.topic',
      routingKey: key,
      redelivered: false,
      epoch: 1,
      settlement: 'none',
      headersReadable: true,
    });
  },
  'onDelivery is called one at a time, never inside a call of the consumer': callsFromNobodysStack,
  'a consumer has the tag that was asked for': async (bus) => {
    const { client, queue } = await filled(bus, 0);
    const consumerTag = bus.name('tag');
    expect((await client.consume(queue, { consumerTag })).consumer.tag).toBe(consumerTag);
  },
  'a consumer without a tag gets one': async (bus) => {
    const { client, queue } = await filled(bus, 0);
    const [one, two] = [await client.consume(queue), await client.consume(queue)];
    expect(one.consumer.tag).not.toBe('');
    expect(two.consumer.tag).not.toBe(one.consumer.tag);
  },
  'after cancel nothing more is delivered': async (bus) => {
    const { client, queue } = await filled(bus, 1);
    const { consumer, deliveries } = await client.consume(queue, { prefetchCount: 10 });
    await deliveries.first(1);
    await consumer.cancel();
    await fill(client, { queue, bodies: ['late', 'later'] });
    await bus.holds(queue, 2);
    expect(deliveries.all.length).toBe(1);
    await bus.hasConsumers(queue, 0);
  },
  'cancel may be called again': async (bus) => {
    const { client, queue } = await filled(bus, 0);
    const { consumer } = await client.consume(queue);
    await Promise.all([consumer.cancel(), consumer.cancel()]);
    await consumer.cancel();
    expect(client.log.all).toEqual(['connection.opened']);
  },
  'cancel resolves when the connection is gone': async (bus) => {
    const { client, queue } = await filled(bus, 0);
    const { consumer } = await client.consume(queue);
    await client.transport.close();
    await expect(consumer.cancel()).resolves.toBe(undefined);
  },
  'an unsettled delivery stays valid after cancel': async (bus) => {
    const { client, queue } = await filled(bus, 2);
    const { consumer, deliveries } = await client.consume(queue, { prefetchCount: 2 });
    const [first, second] = await deliveries.first(2);
    await consumer.cancel();
    expect(first?.settlement).toBe('none');
    expect(first?.settle('acknowledge')).toBe(true);
    expect(second?.settle('requeue')).toBe(true);
    expect(texts(await bus.drain(queue, 1))).toEqual(['1']);
    expect(client.log.all).not.toContain('channel.closed');
  },
  'a delivery that waits beside an idle consumer reaches it after cancel and requeue': async (bus) => {
    const { client: busy, queue } = await filled(bus, 2);
    const { consumer, deliveries } = await busy.consume(queue, { prefetchCount: 2 });
    const [long, waiting] = await deliveries.first(2);
    const idle = await (await bus.open()).consume(queue);
    await consumer.cancel();
    expect(waiting?.settle('requeue')).toBe(true);
    const [taken] = await idle.deliveries.first(1);
    expect(taken && text(taken)).toBe('1');
    expect(taken?.redelivered).toBe(true);
    expect(long?.settle('acknowledge')).toBe(true);
    const again = await busy.consume(queue);
    taken?.settle('acknowledge');
    await idle.consumer.cancel();
    await fill(busy, { queue, bodies: ['next'] });
    expect(texts(await again.deliveries.first(1))).toEqual(['next']);
  },
  'consuming from a queue that is missing is refused with QUEUE_MISSING': async (bus) => {
    const client = await bus.open();
    const missing = bus.name('missing');
    await expect(client.consume(missing)).rejects.toMatchObject({ code: 'QUEUE_MISSING' });
    // As in AMQP, the refusal may have ended the jobs channel.
    await until('the transport is of use again', async () => {
      await client.transport.open();
      return (await client.publish(message(bus.name('nobody')))) === 'returned';
    });
  },
  'a queue in exclusive use refuses another consumer with ACCESS_REFUSED': async (bus) => {
    const { client, queue } = await filled(bus, 1);
    const { deliveries } = await client.consume(queue, { exclusive: true });
    await deliveries.first(1);
    const other = await bus.open();
    await expect(other.consume(queue)).rejects.toMatchObject({ code: 'ACCESS_REFUSED' });
    await bus.hasConsumers(queue, 1);
  },
  'an exclusive consumer is refused where others consume': async (bus) => {
    const { client, queue } = await filled(bus, 0);
    await client.consume(queue);
    const other = await bus.open();
    await expect(other.consume(queue, { exclusive: true })).rejects.toMatchObject({ code: 'ACCESS_REFUSED' });
  },
  'with noAck deliveries count as acknowledged, past any prefetch count': async (bus) => {
    const { client, queue } = await filled(bus, 5);
    const { deliveries } = await client.consume(queue, { noAck: true, prefetchCount: 1 });
    const [first] = await deliveries.first(5);
    expect(first?.settlement).toBe('acknowledged');
    expect(first?.settle('acknowledge')).toBe(false);
    expect(client.transport.status.unsettledCount).toBe(0);
    await client.transport.close();
    await bus.isEmpty(queue);
  },
};

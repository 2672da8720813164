// What a broker or its operator does to a client, and what a close leaves behind.
import { expect } from 'vitest';
import type { Outcome } from '../../../src/transport.js';
import { type Cases, message, texts, until } from '../bus.js';

export const faultCases: Cases = {
  'a cut is heard as connection.closed with an error, and the transport is closed': async (bus) => {
    const client = await bus.open();
    await bus.harness.cut(client.name);
    const { epoch, error } = await client.heard('connection.closed');
    expect(epoch).toBe(1);
    expect(error).toBeInstanceOf(Error);
    expect(client.transport.status.phase).toBe('closed');
  },
  'after a cut open connects again: the epoch grows by 1': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    for (let epoch = 2; epoch <= 3; epoch++) {
      await bus.harness.cut(client.name);
      await client.events.first(epoch - 1, (event) => event.type === 'connection.closed');
      await client.transport.open();
      expect(client.transport.status).toMatchObject({ phase: 'open', epoch });
      expect(await client.publish(message(queue))).toBe('confirmed');
    }
  },
  'a cut ends one connection alone': async (bus) => {
    const [client, other] = [await bus.open(), await bus.open()];
    const queue = await bus.queue(other);
    await bus.harness.cut(client.name);
    await client.heard('connection.closed');
    expect(await other.publish(message(queue))).toBe('confirmed');
    expect(other.log.all).toEqual(['connection.opened', 'confirmed']);
  },
  'at the event of a cut deliveries are lost already, and receipts come after it': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    await client.publish(message(queue));
    const { deliveries } = await client.consume(queue);
    const [held] = await deliveries.first(1);
    const atEvent: unknown[] = [];
    client.transport.subscribe((event) => {
      if (event.type === 'connection.closed') atEvent.push(held?.settlement, client.transport.status.phase);
    });
    const open: Promise<Outcome>[] = [];
    const cut = bus.harness.cut(client.name);
    for (let n = 0; n < 20; n++) open.push(client.publish(message(queue)));
    await cut;
    await client.heard('connection.closed');
    const outcomes = await Promise.all(open);
    expect(atEvent).toEqual(['lost', 'closed']);
    const log = client.log.all;
    const lost = log.filter((entry) => entry === 'lost').length;
    expect(log.lastIndexOf('confirmed')).toBeLessThan(log.indexOf('connection.closed'));
    expect(log.slice(log.indexOf('connection.closed') + 1)).toEqual(Array(lost).fill('lost'));
    expect(outcomes.filter((outcome) => outcome === 'lost').length).toBe(lost);
  },
  'after a cut everything unsettled reaches another consumer, in order, as redelivered': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    for (const body of ['a', 'b', 'c', 'd']) await client.publish(message(queue, { text: body }));
    const { deliveries } = await client.consume(queue, { prefetchCount: 3 });
    const [first] = await deliveries.first(3);
    first?.settle('acknowledge');
    await deliveries.first(4);
    const other = await (await bus.open()).consume(queue, { prefetchCount: 10 });
    await bus.harness.cut(client.name);
    const again = await other.deliveries.first(3);
    expect(texts(again)).toEqual(['b', 'c', 'd']);
    expect(again.every((delivery) => delivery.redelivered)).toBe(true);
  },
  'a consumer is gone after a cut, also when its transport opened again': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    const { deliveries } = await client.consume(queue);
    await bus.harness.cut(client.name);
    await client.heard('connection.closed');
    await client.transport.open();
    expect(await client.publish(message(queue))).toBe('confirmed');
    await bus.holds(queue, 1);
    expect(deliveries.all).toEqual([]);
  },
  'an exclusive queue goes with its connection, a durable one stays': async (bus) => {
    const client = await bus.open();
    const durable = await bus.queue(client);
    const exclusive = bus.name('exclusive');
    const topology = {
      exchanges: [],
      queues: [
        { name: durable, durable: true },
        { name: exclusive, durable: false, exclusive: true },
      ],
      bindings: [],
    };
    await client.transport.declare(topology);
    await client.publish(message(durable, { properties: { persistent: true } }));
    await bus.harness.cut(client.name);
    await client.heard('connection.closed');
    await client.transport.open();
    await until('the exclusive queue is gone', async () => {
      const found = await client.transport.check(topology);
      return found.length === 1 && found[0]?.name === exclusive && found[0].found === 'missing';
    });
    await bus.holds(durable, 1);
  },
  'an exclusive queue refuses other connections': async (bus) => {
    const [client, other] = [await bus.open(), await bus.open()];
    const queues = [{ name: bus.name('exclusive'), durable: false, exclusive: true }];
    const topology = { exchanges: [], queues, bindings: [] };
    await client.transport.declare(topology);
    await expect(other.transport.declare(topology)).rejects.toMatchObject({ code: 'ACCESS_REFUSED' });
    await expect(other.consume(queues[0]?.name ?? '')).rejects.toMatchObject({ code: 'ACCESS_REFUSED' });
    await client.transport.declare(topology);
  },
  'deleting a queue cancels its consumer, and the channel lives on': async (bus) => {
    const client = await bus.open();
    const [queue, other] = [await bus.queue(client), await bus.queue(client)];
    await client.publish(message(queue));
    const { consumer, deliveries } = await client.consume(queue);
    const [held] = await deliveries.first(1);
    await bus.harness.deleteQueue(queue);
    expect(await client.heard('consumer.cancelled')).toEqual({
      type: 'consumer.cancelled',
      tag: consumer.tag,
      queue,
    });
    expect(held?.settle('acknowledge')).toBe(true);
    expect(await client.publish(message(other))).toBe('confirmed');
    expect(await client.publish(message(queue))).toBe('returned');
    await consumer.cancel();
    expect(client.transport.status).toMatchObject({ phase: 'open', epoch: 1 });
  },
  'after the queue came back it can be consumed again': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    await client.consume(queue);
    await bus.harness.deleteQueue(queue);
    await client.heard('consumer.cancelled');
    await bus.queue(client, { name: queue });
    const { deliveries } = await client.consume(queue);
    await client.publish(message(queue, { text: 'new' }));
    expect(texts(await deliveries.first(1))).toEqual(['new']);
  },
  'an alarm is heard as blocked, its end as unblocked, and what was sent meanwhile arrives': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    await client.publish(message(queue));
    await bus.harness.block();
    // What makes the broker block the connection it may still take; nothing after it.
    const taken = client.publish(message(queue));
    let during: Promise<Outcome> | undefined;
    try {
      expect((await client.heard('connection.blocked')).reason).not.toBe('');
      during = client.publish(message(queue));
      expect(client.transport.status).toMatchObject({ phase: 'open', blocked: true });
      expect(client.transport.status.unconfirmedCount).toBeGreaterThan(0);
    } finally {
      await bus.harness.unblock();
    }
    await client.heard('connection.unblocked');
    expect(client.transport.status.blocked).toBe(false);
    expect([await taken, await during]).toEqual(['confirmed', 'confirmed']);
    await bus.holds(queue, 3);
  },
  'close flushes 500 publishes without receipt': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    const bodies = Array.from({ length: 500 }, (_, n) => String(n));
    for (const body of bodies) client.transport.publish(message(queue, { text: body }));
    await client.transport.close();
    expect(texts(await bus.drain(queue, 500))).toEqual(bodies);
  },
  'close waits for open receipts': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    const outcomes = Promise.all(Array.from({ length: 500 }, () => client.publish(message(queue))));
    await client.transport.close();
    expect(await outcomes).toEqual(Array(500).fill('confirmed'));
    expect(client.log.all.at(-1)).toBe('connection.closed');
    await bus.holds(queue, 500);
  },
  'close flushes settlements, and gives back what was not settled': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    for (let n = 0; n < 20; n++) await client.publish(message(queue, { text: String(n) }));
    const { deliveries } = await client.consume(queue, { prefetchCount: 20 });
    const held = await deliveries.first(20);
    for (const delivery of held.slice(0, 17)) delivery.settle('acknowledge');
    await client.transport.close();
    expect(held.slice(17).map((delivery) => delivery.settlement)).toEqual(Array(3).fill('lost'));
    expect(held[18]?.settle('acknowledge')).toBe(false);
    await bus.holds(queue, 3);
    expect(texts(await bus.drain(queue, 3))).toEqual(['17', '18', '19']);
  },
};

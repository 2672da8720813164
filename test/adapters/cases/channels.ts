// The two channels: what ends one of them, what lives on, and how it comes back.
import { expect } from 'vitest';
import { type Cases, message, texts, until } from '../bus.js';

export const channelCases: Cases = {
  'a publish without receipt arrives': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    expect(client.transport.publish(message(queue, { text: 'line' }))).toBe(true);
    expect(texts(await bus.drain(queue, 1))).toEqual(['line']);
  },
  'a publish without receipt that no queue takes is dropped, mandatory or not': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    client.transport.publish(message(bus.name('nobody'), { mandatory: true }));
    client.transport.publish(message(queue, { text: 'next' }));
    expect(texts(await bus.drain(queue, 1))).toEqual(['next']);
    expect(client.log.all).toEqual(['connection.opened']);
  },
  'a publish without receipt to a missing exchange ends the lines channel alone': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    await client.publish(message(queue, { text: 'in hand' }));
    const { deliveries } = await client.consume(queue);
    const [held] = await deliveries.first(1);
    client.transport.publish(message('x', { exchange: bus.name('missing') }));
    expect(await client.heard('channel.closed')).toMatchObject({ purpose: 'lines', code: 404 });
    expect(client.transport.status).toMatchObject({ phase: 'open', epoch: 1, unsettledCount: 1 });
    expect(held?.settlement).toBe('none');
    expect(held?.settle('acknowledge')).toBe(true);
    expect(await client.publish(message(queue, { text: 'next' }))).toBe('confirmed');
    expect(texts(await deliveries.first(2))).toEqual(['in hand', 'next']);
  },
  'the lines channel comes back by itself, as often as it must': async (bus) => {
    const client = await bus.open();
    for (let round = 1; round <= 2; round++) {
      client.transport.publish(message('x', { exchange: bus.name('missing') }));
      await client.events.first(round, (event) => event.type === 'channel.closed');
      const queue = await bus.queue(client);
      await until('a line arrives', async () => {
        client.transport.publish(message(queue, { text: 'line' }));
        return (await bus.ready(queue)) > 0;
      });
    }
    expect(client.transport.status).toMatchObject({ phase: 'open', epoch: 1 });
  },
  'a publish with receipt to a missing exchange ends the jobs channel': async (bus) => {
    const client = await bus.open();
    expect(await client.publish(message('x', { exchange: bus.name('missing') }))).toBe('lost');
    const event = await client.heard('channel.closed');
    expect(event).toMatchObject({ purpose: 'jobs', epoch: 1, code: 404 });
    expect(event.error.message).toMatch(/no exchange/);
    expect(client.transport.status.phase).toBe('closed');
    expect(client.log.all).toEqual(['connection.opened', 'channel.closed', 'lost']);
  },
  'a jobs channel that lives is given up and replaced: first its event, then receipts, and the broker gets back what was unsettled':
    async (bus) => {
      const client = await bus.open();
      const queue = await bus.queue(client);
      await client.publish(message(queue, { text: 'in hand' }));
      const { deliveries } = await client.consume(queue);
      const [held] = await deliveries.first(1);
      const open = client.publish(message(queue, { text: 'under way' }));
      await client.transport.open({ renew: true });
      expect(await open).toBe('lost');
      expect(held?.settlement).toBe('lost');
      expect(held?.settle('acknowledge')).toBe(false);
      expect(client.transport.status).toMatchObject({ phase: 'open', epoch: 2, unsettledCount: 0 });
      const log = ['connection.opened', 'confirmed', 'channel.closed', 'lost'];
      expect(client.log.all).toEqual(log);
      expect(await client.heard('channel.closed')).toMatchObject({ purpose: 'jobs', epoch: 1, code: 200 });
      const again = await client.consume(queue);
      expect(texts(await again.deliveries.first(1))).toEqual(['in hand']);
      expect(deliveries.all).toHaveLength(1);
    },
  'renewing what is closed is opening it': async (bus) => {
    const client = bus.client();
    await client.transport.open({ renew: true });
    expect(client.transport.status).toMatchObject({ phase: 'open', epoch: 1 });
  },
  'when the jobs channel ends, deliveries are lost by its event, and receipts follow it': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    await client.publish(message(queue));
    const { deliveries } = await client.consume(queue);
    const [held] = await deliveries.first(1);
    const atEvent: unknown[] = [];
    client.transport.subscribe((event) => {
      const { phase, unsettledCount } = client.transport.status;
      if (event.type === 'channel.closed') atEvent.push(held?.settlement, phase, unsettledCount);
    });
    const outcomes = await Promise.all([
      client.loseJobsChannel(),
      ...Array.from({ length: 10 }, () => client.publish(message(queue))),
    ]);
    expect(atEvent).toEqual(['lost', 'closed', 0]);
    expect(outcomes).toEqual(Array(11).fill('lost'));
    expect(client.log.all.slice(2)).toEqual(['channel.closed', ...Array(11).fill('lost')]);
    expect(held?.settle('acknowledge')).toBe(false);
  },
  'open brings the jobs channel back on the same connection: the epoch grows by 1': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    const exclusive = await client.transport.declare({
      exchanges: [],
      queues: [{ name: '', durable: false, exclusive: true }],
      bindings: [],
    });
    await client.loseJobsChannel();
    await client.transport.open();
    expect(client.transport.status).toMatchObject({ phase: 'open', epoch: 2 });
    expect(await client.transport.check({ ...exclusive, bindings: [] })).toEqual([]);
    expect(client.log.all).not.toContain('connection.closed');
    const { deliveries } = await client.consume(queue);
    expect(await client.publish(message(queue, { text: 'b' }))).toBe('confirmed');
    const [delivery] = await deliveries.first(1);
    expect(delivery?.epoch).toBe(2);
    expect(delivery?.settle('acknowledge')).toBe(true);
  },
  'while the jobs channel is gone a message with a receipt is lost': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    await client.loseJobsChannel();
    expect(await client.publish(message(queue))).toBe('lost');
    await bus.isEmpty(queue);
  },
  'what the ended jobs channel held is delivered again': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    for (const body of ['a', 'b']) await client.publish(message(queue, { text: body }));
    await (await client.consume(queue, { prefetchCount: 2 })).deliveries.first(2);
    const other = await (await bus.open()).consume(queue, { prefetchCount: 2 });
    await client.loseJobsChannel();
    const again = await other.deliveries.first(2);
    expect(texts(again)).toEqual(['a', 'b']);
    expect(again.every((delivery) => delivery.redelivered)).toBe(true);
  },
  'close resolves when the jobs channel is gone already': async (bus) => {
    const client = await bus.open();
    await client.loseJobsChannel();
    await client.transport.close();
    expect(client.log.all.at(-1)).toBe('connection.closed');
    expect(client.transport.status.phase).toBe('closed');
  },
};

// declare and check, and which queues a message reaches.
import { expect } from 'vitest';
import type { Topology } from '../../../src/transport.js';
import { type Cases, message, texts } from '../bus.js';

const empty: Topology = { exchanges: [], queues: [], bindings: [] };

export const topologyCases: Cases = {
  'declare is idempotent and returns the topology': async (bus) => {
    const { transport } = await bus.open();
    const exchange = bus.name('exchange');
    const queue = bus.name('queue');
    const topology: Topology = {
      exchanges: [{ name: exchange, type: 'topic', durable: false }],
      queues: [{ name: queue, durable: false, exclusive: true }],
      bindings: [{ exchange, queue, routingKey: 'a.*' }],
    };
    expect(await transport.declare(topology)).toEqual(topology);
    expect(await transport.declare(topology)).toEqual(topology);
  },
  'a queue declared with other arguments is TOPOLOGY_DIFFERENT, and the channels live on': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client, { durable: true });
    const intake = await client.consume(queue);
    const other = { ...empty, queues: [{ name: queue, durable: false }] };
    await expect(client.transport.declare(other)).rejects.toMatchObject({ code: 'TOPOLOGY_DIFFERENT' });
    expect(await client.publish(message(queue, { text: 'still here' }))).toBe('confirmed');
    expect(texts(await intake.deliveries.first(1))).toEqual(['still here']);
    expect(client.log.all).toEqual(['connection.opened', 'confirmed']);
  },
  "the broker's words say which argument differs": async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client, { durable: true });
    const other = { ...empty, queues: [{ name: queue, durable: false }] };
    await expect(client.transport.declare(other)).rejects.toThrow(/inequivalent arg 'durable'/);
  },
  'an exchange declared with another type is TOPOLOGY_DIFFERENT': async (bus) => {
    const { transport } = await bus.open();
    const exchanges = [{ name: 'amq.topic', type: 'fanout', durable: true }] as const;
    await expect(transport.declare({ ...empty, exchanges })).rejects.toMatchObject({
      code: 'TOPOLOGY_DIFFERENT',
    });
  },
  'a binding to an exchange that is missing is refused with EXCHANGE_MISSING': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    const bindings = [{ exchange: bus.name('missing'), queue, routingKey: 'a' }];
    await expect(client.transport.declare({ ...empty, bindings })).rejects.toMatchObject({
      code: 'EXCHANGE_MISSING',
    });
    expect(client.transport.status).toMatchObject({ phase: 'open', epoch: 1 });
  },
  'check finds nothing missing or different where all is declared': async (bus) => {
    const client = await bus.open();
    const queue = await bus.bound(client, { exchange: 'amq.topic', keys: [bus.name('key')] });
    const found = await client.transport.check({
      exchanges: [{ name: 'amq.topic', type: 'topic', durable: true }],
      queues: [{ name: queue, durable: true }],
      bindings: [{ exchange: 'amq.topic', queue, routingKey: 'a' }],
    });
    expect(found.filter(({ found }) => found !== 'unknown')).toEqual([]);
  },
  'check finds what is missing, creates nothing, and the channels live on': async (bus) => {
    const client = await bus.open();
    const exchange = bus.name('exchange');
    const queue = bus.name('queue');
    const topology: Topology = {
      exchanges: [{ name: exchange, type: 'topic', durable: false }],
      queues: [{ name: queue, durable: true }],
      bindings: [],
    };
    for (let asked = 0; asked < 2; asked++) {
      expect(await client.transport.check(topology)).toMatchObject([
        { kind: 'exchange', name: exchange, found: 'missing' },
        { kind: 'queue', name: queue, found: 'missing' },
      ]);
    }
    expect(client.log.all).toEqual(['connection.opened']);
  },
  'a queue without a name gets one, and the bindings that mean it': async (bus) => {
    const client = await bus.open();
    const routingKey = bus.name('key');
    const declared = await client.transport.declare({
      exchanges: [],
      queues: [{ name: '', durable: false, exclusive: true }],
      bindings: [{ exchange: 'amq.topic', queue: '', routingKey }],
    });
    const queue = declared.queues[0]?.name ?? '';
    expect(queue).not.toBe('');
    expect(declared.bindings).toEqual([{ exchange: 'amq.topic', queue, routingKey }]);
    const { deliveries } = await client.consume(queue);
    expect(await client.publish(message(routingKey, { exchange: 'amq.topic', text: 'hi' }))).toBe(
      'confirmed',
    );
    expect(texts(await deliveries.first(1))).toEqual(['hi']);
  },
  'a queue without a name gets a new one each time': async (bus) => {
    const { transport } = await bus.open();
    const nameless = { ...empty, queues: [{ name: '', durable: false, exclusive: true }] };
    const [one, two] = [await transport.declare(nameless), await transport.declare(nameless)];
    expect(one.queues[0]?.name).not.toBe(two.queues[0]?.name);
  },
  'the default exchange reaches the queue that the routing key names': async (bus) => {
    const client = await bus.open();
    const [queue, other] = [await bus.queue(client), await bus.queue(client)];
    await client.publish(message(queue, { text: 'mine' }));
    await client.publish(message(other, { text: 'not mine' }));
    expect(texts(await bus.drain(queue, 1))).toEqual(['mine']);
    await bus.isEmpty(queue);
    await bus.holds(other, 1);
  },
  'a queue with several bindings that match gets a message once': async (bus) => {
    const client = await bus.open();
    const key = bus.name('key');
    const queue = await bus.bound(client, {
      exchange: 'amq.topic',
      keys: [`${key}.a`, `${key}.*`, `${key}.#`],
    });
    for (const word of ['a', 'b']) {
      await client.publish(message(`${key}.${word}`, { exchange: 'amq.topic', text: word }));
    }
    expect(texts(await bus.drain(queue, 2))).toEqual(['a', 'b']);
    await bus.isEmpty(queue);
  },
  'a message reaches every queue whose binding matches': async (bus) => {
    const client = await bus.open();
    const key = bus.name('key');
    const one = await bus.bound(client, { exchange: 'amq.topic', keys: [key] });
    const two = await bus.bound(client, { exchange: 'amq.topic', keys: [key] });
    await client.publish(message(key, { exchange: 'amq.topic', text: 'both' }));
    expect(texts(await bus.drain(one, 1))).toEqual(['both']);
    expect(texts(await bus.drain(two, 1))).toEqual(['both']);
  },
  'in a topic * stands for one word': async (bus) => {
    const client = await bus.open();
    const key = bus.name('key');
    await bus.bound(client, { exchange: 'amq.topic', keys: [`${key}.*.end`] });
    const outcome = (rest: string) => client.publish(message(`${key}${rest}`, { exchange: 'amq.topic' }));
    expect(await outcome('.one.end')).toBe('confirmed');
    expect(await outcome('.end')).toBe('returned');
    expect(await outcome('.one.two.end')).toBe('returned');
    expect(await outcome('.one.other')).toBe('returned');
  },
  'in a topic # stands for any number of words, none included': async (bus) => {
    const client = await bus.open();
    const key = bus.name('key');
    await bus.bound(client, { exchange: 'amq.topic', keys: [`${key}.#.end`] });
    const outcome = (rest: string) => client.publish(message(`${key}${rest}`, { exchange: 'amq.topic' }));
    expect(await outcome('.end')).toBe('confirmed');
    expect(await outcome('.one.end')).toBe('confirmed');
    expect(await outcome('.one.two.end')).toBe('confirmed');
    expect(await outcome('.one.two')).toBe('returned');
  },
  'a direct exchange takes the key as it is': async (bus) => {
    const client = await bus.open();
    const key = bus.name('key');
    await bus.bound(client, { exchange: 'amq.direct', keys: [`${key}.*`] });
    const outcome = (rest: string) => client.publish(message(`${key}${rest}`, { exchange: 'amq.direct' }));
    expect(await outcome('.*')).toBe('confirmed');
    expect(await outcome('.a')).toBe('returned');
  },
  'a fanout exchange takes any key': async (bus) => {
    const client = await bus.open();
    const queue = await bus.bound(client, { exchange: 'amq.fanout', keys: [''] });
    await client.publish(message(bus.name('key'), { exchange: 'amq.fanout', text: 'all' }));
    expect(texts(await bus.drain(queue, 1))).toEqual(['all']);
  },
};

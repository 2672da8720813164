// What the embedded broker has beyond the port: its hand for operators, its tap, and its manners in a process.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SimulatedClock } from 'xstate';
import { type BrokerEvent, createMemoryBroker, type MemoryBroker } from '../../adapters/memory/index.js';
import type { Delivery, Outcome, Transport, TransportEvent } from '../../src/transport.js';
import { message, texts, turn } from './bus.js';

let clock: SimulatedClock;
let broker: MemoryBroker;
let transport: Transport;
let events: TransportEvent[];

beforeEach(async () => {
  clock = new SimulatedClock();
  broker = createMemoryBroker({ clock });
  broker.declare({ exchanges: [], queues: [{ name: 'q', durable: true }], bindings: [] });
  transport = broker.connect({ name: 'worker' });
  events = [];
  transport.subscribe((event) => events.push(event));
  await transport.open();
});

afterEach(() => {
  broker.releaseConfirms();
  broker.cut();
});

async function consume(prefetchCount: number): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  await transport.consume('q', { prefetchCount, onDelivery: (delivery) => deliveries.push(delivery) });
  await broker.idle();
  return deliveries;
}

function publish(text: string, outcomes: Outcome[] = []): Outcome[] {
  transport.publish(message('q', { text }), (outcome) => outcomes.push(outcome));
  return outcomes;
}

const types = () => events.map((event) => event.type);

describe('connections', () => {
  test('while it refuses connections, open rejects with BROKER_UNREACHABLE and says try again', async () => {
    broker.refuse();
    const other = broker.connect();
    await expect(other.open()).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE', retry: true });
    expect(other.status).toMatchObject({ phase: 'closed', epoch: 0 });
    expect(transport.status.phase).toBe('open');
    broker.accept();
    await other.open();
    expect(other.status).toMatchObject({ phase: 'open', epoch: 1 });
  });

  test('a cut without a name ends all connections', async () => {
    const other = broker.connect();
    await other.open();
    broker.cut();
    await broker.idle();
    expect([transport.status.phase, other.status.phase]).toEqual(['closed', 'closed']);
  });

  test('what was sent and not read before a cut is gone: its receipts are lost, its messages nowhere', async () => {
    const outcomes = publish('a');
    broker.cut();
    publish('b', outcomes);
    await broker.idle();
    expect(outcomes).toEqual(['lost', 'lost']);
    expect(broker.queue('q')?.readyCount).toBe(0);
  });

  test('an acknowledgement that a cut overtakes is lost though settle was true', async () => {
    publish('a');
    const [delivery] = await consume(1);
    expect(delivery?.settle('acknowledge')).toBe(true);
    broker.cut();
    await broker.idle();
    expect(broker.queue('q')).toMatchObject({ readyCount: 1, unsettledCount: 0 });
    expect(delivery?.settlement).toBe('acknowledged');
  });

  test('what is asked of a connection that is cut is rejected with CONNECTION_LOST', async () => {
    const asked = transport.consume('q', { onDelivery: () => {} });
    broker.cut();
    await expect(asked).rejects.toMatchObject({ code: 'CONNECTION_LOST', retry: true });
  });

  test('a close during open wins: open rejects, and nothing stays open', async () => {
    const other = broker.connect();
    const opening = other.open();
    const closing = other.close();
    await expect(opening).rejects.toMatchObject({ code: 'TRANSPORT_CLOSED' });
    await closing;
    expect(other.status).toMatchObject({ phase: 'closed', epoch: 0 });
  });

  test('it is embedded, at the address memory', () => {
    expect(transport.status).toMatchObject({ embedded: true, address: 'memory' });
  });
});

describe('channels', () => {
  test('closeChannel ends the jobs channel with the code and the words it is given', async () => {
    broker.closeChannel({ name: 'worker', code: 541, reason: 'INTERNAL_ERROR' });
    await broker.idle();
    expect(events.at(-1)).toMatchObject({ type: 'channel.closed', purpose: 'jobs', code: 541 });
    expect(transport.status.phase).toBe('closed');
    await transport.open();
    expect(transport.status).toMatchObject({ phase: 'open', epoch: 2 });
  });

  test('closeChannel can end the lines channel alone', async () => {
    broker.closeChannel({ purpose: 'lines' });
    await broker.idle();
    expect(events.at(-1)).toMatchObject({ type: 'channel.closed', purpose: 'lines' });
    transport.publish(message('q', { text: 'line' }));
    await broker.idle();
    expect(broker.queue('q')?.readyCount).toBe(1);
  });

  test('cancelConsumers leaves the queue and what is in hand', async () => {
    for (const text of ['a', 'b']) publish(text);
    const deliveries = await consume(1);
    expect(broker.cancelConsumers('q')).toBe(true);
    await broker.idle();
    expect(events.at(-1)).toMatchObject({ type: 'consumer.cancelled', queue: 'q' });
    expect(deliveries[0]?.settle('acknowledge')).toBe(true);
    await broker.idle();
    expect(broker.queue('q')).toMatchObject({ readyCount: 1, unsettledCount: 0, consumerCount: 0 });
    expect(broker.cancelConsumers('nowhere')).toBe(false);
  });
});

describe('confirms and alarms', () => {
  test('while confirms are held a message arrives and its receipt waits', async () => {
    broker.holdConfirms();
    const outcomes = publish('a');
    await broker.idle();
    expect(outcomes).toEqual([]);
    expect(broker.queue('q')?.readyCount).toBe(1);
    broker.releaseConfirms();
    await broker.idle();
    expect(outcomes).toEqual(['confirmed']);
  });

  test('a cut turns a held confirm into lost, after connection.closed, and the message stays', async () => {
    broker.holdConfirms();
    const outcomes = publish('a');
    await broker.idle();
    transport.subscribe(() => expect(outcomes).toEqual([]));
    broker.cut();
    await broker.idle();
    broker.releaseConfirms();
    await broker.idle();
    expect(outcomes).toEqual(['lost']);
    expect(broker.queue('q')?.readyCount).toBe(1);
  });

  test('close waits for a held confirm, but not for ever', async () => {
    broker.holdConfirms();
    const outcomes = publish('a');
    const closing = transport.close();
    await broker.idle();
    expect(transport.status.phase).toBe('closing');
    clock.increment(1_999);
    await turn();
    expect(transport.status.phase).toBe('closing');
    clock.increment(1);
    await closing;
    expect(outcomes).toEqual(['lost']);
    expect(types()).toEqual(['connection.opened', 'connection.closed']);
  });

  test('an alarm stops the reading at the next publish; acknowledgements before it count, later ones wait', async () => {
    for (const text of ['a', 'b', 'c']) publish(text);
    const deliveries = await consume(2);
    broker.block('low on disk');
    deliveries[0]?.settle('acknowledge');
    await broker.idle();
    expect(texts(deliveries)).toEqual(['a', 'b', 'c']);
    const outcomes = publish('d');
    deliveries[1]?.settle('acknowledge');
    await broker.idle();
    expect(outcomes).toEqual([]);
    expect(broker.queue('q')).toMatchObject({ readyCount: 0, unsettledCount: 2 });
    expect(events.at(-1)).toEqual({ type: 'connection.blocked', reason: 'low on disk' });
    broker.unblock();
    await broker.idle();
    expect(outcomes).toEqual(['confirmed']);
    expect(texts(deliveries)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a connection that comes during an alarm hears of it', async () => {
    broker.block();
    const other = broker.connect();
    await other.open();
    await broker.idle();
    expect(other.status.blocked).toBe(true);
  });

  test('publish says wait when much is under way, and buffer.drained when it was read', async () => {
    broker.block();
    const answers = Array.from({ length: 3_000 }, () => transport.publish(message('q')));
    expect(answers[0]).toBe(true);
    expect(answers.at(-1)).toBe(false);
    await broker.idle();
    expect(types()).not.toContain('buffer.drained');
    broker.unblock();
    await broker.idle();
    expect(types().filter((type) => type === 'buffer.drained').length).toBe(1);
    expect(broker.queue('q')?.readyCount).toBe(3_000);
    expect(transport.publish(message('q'))).toBe(true);
  });

  test('who waits for buffer.drained hears it also when the buffer went with its connection', async () => {
    broker.block();
    for (let n = 0; n < 3_000; n++) transport.publish(message('q'));
    broker.cut();
    await broker.idle();
    expect(types().slice(-2)).toEqual(['connection.closed', 'buffer.drained']);
  });
});

describe('queues and messages', () => {
  test('rejected messages are counted and not kept', async () => {
    for (const text of ['a', 'b']) publish(text);
    const deliveries = await consume(2);
    for (const delivery of deliveries) delivery.settle('reject');
    await broker.idle();
    expect(broker.queue('q')).toEqual({
      readyCount: 0,
      unsettledCount: 0,
      consumerCount: 1,
      rejectedCount: 2,
    });
  });

  test('an auto-delete queue goes with its last consumer', async () => {
    broker.declare({
      exchanges: [],
      queues: [{ name: 'brief', durable: false, autoDelete: true }],
      bindings: [],
    });
    const consumer = await transport.consume('brief', { onDelivery: () => {} });
    await consumer.cancel();
    expect(broker.queue('brief')).toBe(undefined);
  });

  test('what a publisher or a consumer changes later changes no other copy', async () => {
    const body = Buffer.from('original');
    const headers = { list: [1] };
    transport.publish({ ...message('q'), body, properties: { headers } }, () => {});
    body.fill('x');
    headers.list.push(2);
    const deliveries = await consume(1);
    expect(texts(deliveries)).toEqual(['original']);
    expect(deliveries[0]?.properties.headers).toEqual({ list: [1] });
    deliveries[0]?.body.fill(0);
    Object.assign(deliveries[0]?.properties.headers ?? {}, { list: [] });
    deliveries[0]?.settle('requeue');
    await broker.idle();
    expect(texts(deliveries.slice(1))).toEqual(['original']);
    expect(deliveries[1]?.properties.headers).toEqual({ list: [1] });
  });

  test('headers exchanges are refused with a remedy', () => {
    const exchanges = [{ name: 'h', type: 'headers', durable: true }] as const;
    expect(() => broker.declare({ exchanges, queues: [], bindings: [] })).toThrow(/Use RabbitMQ/);
  });

  test('names that begin with amq. are the broker\u2019s own', async () => {
    const queues = [{ name: 'amq.mine', durable: true }];
    await expect(transport.declare({ exchanges: [], queues, bindings: [] })).rejects.toMatchObject({
      code: 'ACCESS_REFUSED',
    });
  });
});

describe('manners', () => {
  test('a message that is requeued for ever leaves the process its turns', async () => {
    publish('poison');
    let count = 0;
    const requeue = (delivery: Delivery) => {
      count += 1;
      delivery.settle('requeue');
    };
    const consumer = await transport.consume('q', { onDelivery: requeue });
    for (let turns = 0; turns < 20; turns++) await turn();
    expect(count).toBeGreaterThan(20);
    await consumer.cancel();
    const after = count;
    await turn();
    expect(count).toBe(after);
  });

  test('an observer that throws is a warning of the process, and harms neither broker nor others', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    transport.subscribe(() => {
      throw new Error('no observer may do this');
    });
    const heard: string[] = [];
    transport.subscribe((event) => heard.push(event.type));
    broker.closeChannel({ purpose: 'lines' });
    await broker.idle();
    expect(heard).toEqual(['channel.closed']);
    expect((await warned).message).toMatch(/no observer may do this/);
    expect(publish('a')).toEqual([]);
    await broker.idle();
    expect(broker.queue('q')?.readyCount).toBe(1);
  });
});

describe('tap', () => {
  test('sees publishes, deliveries and settlements in order, with one object per message', async () => {
    const seen: BrokerEvent[] = [];
    const end = broker.tap((event) => seen.push(event));
    publish('a');
    transport.publish(message('nobody'));
    const deliveries = await consume(1);
    deliveries[0]?.settle('requeue');
    await broker.idle();
    deliveries[1]?.settle('acknowledge');
    await broker.idle();
    end();
    publish('unseen');
    await broker.idle();
    const [first] = seen;
    expect(seen).toMatchObject([
      { type: 'published', connection: 'worker', purpose: 'jobs', queues: ['q'] },
      { type: 'published', connection: 'worker', purpose: 'lines', queues: [] },
      { type: 'delivered', connection: 'worker', queue: 'q', redelivered: false, delivery: 1 },
      { type: 'settled', how: 'requeue', delivery: 1 },
      { type: 'delivered', redelivered: true, delivery: 2 },
      { type: 'settled', how: 'acknowledge', delivery: 2 },
    ]);
    for (const event of seen.slice(2)) expect(event.message).toBe(first?.message);
  });

  test('a settlement that its channel did not live to see is lost', async () => {
    publish('a');
    await consume(1);
    const seen: BrokerEvent[] = [];
    broker.tap((event) => seen.push(event));
    broker.cut();
    expect(seen).toMatchObject([
      { type: 'settled', how: 'lost', queue: 'q', connection: 'worker', delivery: 1 },
    ]);
  });
});

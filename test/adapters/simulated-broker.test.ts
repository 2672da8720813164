// The embedded broker in the hand of a simulation: what is lost where a link breaks, and who notices when.
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedClock } from 'xstate';
import {
  createSimulatedBroker,
  type Link,
  type LinkEvent,
  type Scheduler,
  type SimulatedBroker,
} from '../../adapters/memory/index.js';
import type { Delivery, Outcome, Transport } from '../../src/transport.js';
import { message, text, texts } from './bus.js';

/** Does what is due when it is told to, line by line. */
class Hand implements Scheduler {
  readonly due: { readonly work: () => void; readonly line: string }[] = [];

  later(work: () => void, line: string): void {
    this.due.push({ work, line });
  }

  /** The next piece of work of that line. */
  step(line: string): void {
    const at = this.due.findIndex((due) => due.line === line);
    const [next] = at < 0 ? [] : this.due.splice(at, 1);
    if (next === undefined) throw new Error(`nothing is due on ${line}; due are ${this.lines.join(', ')}`);
    next.work();
  }

  get lines(): readonly string[] {
    return this.due.map(({ line }) => line);
  }

  /** All that is due, promises included. */
  async rest(): Promise<void> {
    do {
      this.due.shift()?.work();
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.due.length > 0);
  }
}

let hand: Hand;
let broker: SimulatedBroker;
let transport: Transport;
let heard: string[];
let watched: LinkEvent[];
let outcomes: Outcome[];
let deliveries: Delivery[];

beforeEach(async () => {
  hand = new Hand();
  broker = createSimulatedBroker({ clock: new SimulatedClock(), scheduler: hand });
  broker.declare({ exchanges: [], queues: [{ name: 'q', durable: true }], bindings: [] });
  [heard, watched, outcomes, deliveries] = [[], [], [], []];
  broker.watch((event) => watched.push(event));
  transport = await opened('worker');
  transport.subscribe((event) => heard.push(event.type));
});

async function opened(name: string): Promise<Transport> {
  const one = broker.connect({ name });
  const opening = one.open();
  await hand.rest();
  await opening;
  return one;
}

const publish = (words: string, changes: object = {}) =>
  transport.publish(message('q', { text: words, ...changes }), (outcome) => outcomes.push(outcome));

async function consume(prefetchCount = 10): Promise<void> {
  const consuming = transport.consume('q', {
    prefetchCount,
    onDelivery: (delivery) => deliveries.push(delivery),
  });
  await hand.rest();
  await consuming;
}

function link(): Link {
  const found = broker.link('worker');
  if (found === undefined) throw new Error('there is no link');
  return found;
}

describe('under a scheduler', () => {
  test('nothing happens before it is chosen, and each way of a link is one line', async () => {
    await consume();
    publish('a');
    publish('b');
    expect(hand.lines).toEqual(['worker up']);
    hand.step('worker up');
    expect(hand.lines).toEqual(['queue q', 'worker confirms', 'worker up']);
    hand.step('worker up');
    hand.step('worker confirms');
    expect(outcomes).toEqual([]);
    hand.step('worker down');
    expect(outcomes).toEqual(['confirmed']);
    hand.step('queue q');
    expect(deliveries).toEqual([]);
    await hand.rest();
    expect(texts(deliveries)).toEqual(['a', 'b']);
  });

  test('a delivery may be under way when its confirm is not sent yet', async () => {
    await consume();
    publish('a');
    hand.step('worker up');
    hand.step('queue q');
    hand.step('worker down');
    expect([texts(deliveries), outcomes]).toEqual([['a'], []]);
  });
});

describe('a link that breaks', () => {
  test('loses what the broker has not read, but for what it still reads', async () => {
    for (const words of ['a', 'b', 'c']) publish(words);
    expect(link()).toMatchObject({ unreadCount: 3, unreadReceiptCount: 3 });
    link().sever({ readCount: 2 });
    publish('d');
    await hand.rest();
    expect(outcomes).toEqual(['lost', 'lost', 'lost', 'lost']);
    expect(broker.queue('q')?.readyCount).toBe(2);
    expect(heard).toEqual(['connection.closed']);
  });

  test('loses what its client has not heard, but for what it still hears', async () => {
    for (const words of ['a', 'b']) publish(words);
    for (let frame = 0; frame < 2; frame++) hand.step('worker up');
    for (let frame = 0; frame < 2; frame++) hand.step('worker confirms');
    expect(link().unheardCount).toBe(2);
    link().sever({ heardCount: 1 });
    await hand.rest();
    expect(outcomes).toEqual(['confirmed', 'lost']);
  });

  test('is noticed by its client first: the broker gives what it holds to another once it notices too', async () => {
    await consume();
    publish('a');
    await hand.rest();
    link().sever();
    hand.step('worker down');
    expect(heard).toEqual(['connection.closed']);
    expect(deliveries[0]?.settlement).toBe('lost');
    expect(broker.queue('q')).toMatchObject({ readyCount: 0, unsettledCount: 1 });
    hand.step('worker up');
    expect(broker.queue('q')).toMatchObject({ readyCount: 1, unsettledCount: 0 });
    expect(watched.map(({ type }) => type).slice(-2)).toEqual(['left', 'ended']);
  });

  test('is noticed by the broker first: what its client settles meanwhile counts for nothing', async () => {
    await consume();
    publish('a');
    await hand.rest();
    link().sever();
    hand.step('worker up');
    expect(broker.link('worker')).toBeUndefined();
    expect(deliveries[0]?.settle('acknowledge')).toBe(true);
    await hand.rest();
    expect(broker.queue('q')).toMatchObject({ readyCount: 1, unsettledCount: 0 });
  });

  test('rejects what was asked over it and not answered', async () => {
    const asked = transport.declare({ exchanges: [], queues: [{ name: 'r', durable: true }], bindings: [] });
    hand.step('worker up');
    link().sever();
    const rejected = expect(asked).rejects.toMatchObject({ code: 'CONNECTION_LOST', retry: true });
    await hand.rest();
    await rejected;
    expect(broker.queue('r')).toBeDefined();
  });
});

describe('a link that is silent', () => {
  test('upwards: nothing arrives and nobody is told until it is severed', async () => {
    link().silence('up');
    publish('a');
    await hand.rest();
    expect([outcomes, heard]).toEqual([[], []]);
    link().sever();
    await hand.rest();
    expect([outcomes, heard]).toEqual([['lost'], ['connection.closed']]);
    expect(broker.queue('q')?.readyCount).toBe(0);
  });

  test('downwards: the broker takes what its client sends, which hears nothing of it', async () => {
    link().silence('down');
    publish('a');
    await hand.rest();
    expect(broker.queue('q')?.readyCount).toBe(1);
    link().sever();
    await hand.rest();
    expect(outcomes).toEqual(['lost']);
  });
});

test('what is held up arrives once it is released, in its order', async () => {
  link().hold('up');
  for (const words of ['a', 'b']) publish(words);
  await hand.rest();
  expect(broker.queue('q')?.readyCount).toBe(0);
  link().release('up');
  await hand.rest();
  expect(outcomes).toEqual(['confirmed', 'confirmed']);
  await consume();
  expect(texts(deliveries)).toEqual(['a', 'b']);
});

test('a process that is killed is never called back, and what it held comes back', async () => {
  await consume();
  publish('a');
  await hand.rest();
  publish('b');
  publish('c');
  broker.kill('worker', { readCount: 1 });
  publish('d');
  let answered = false;
  void transport.consume('q', { onDelivery: () => {} }).then(() => {
    answered = true;
  });
  await hand.rest();
  expect(answered).toBe(false);
  expect(outcomes).toEqual(['confirmed']);
  expect(heard).toEqual([]);
  expect(broker.queue('q')).toMatchObject({ readyCount: 2, unsettledCount: 0, consumerCount: 0 });
});

test('a process that is killed while it connects never connects', async () => {
  const other = broker.connect({ name: 'other' });
  let opened = false;
  void other.open().then(() => {
    opened = true;
  });
  await Promise.resolve();
  broker.kill('other');
  await hand.rest();
  expect([opened, broker.link('other')]).toEqual([false, undefined]);
});

test('a restart keeps what is durable and persistent, and nothing else', async () => {
  broker.declare({ exchanges: [], queues: [{ name: 'passing', durable: false }], bindings: [] });
  publish('kept', { properties: { persistent: true } });
  publish('gone');
  await hand.rest();
  broker.restart();
  await hand.rest();
  expect(broker.queue('passing')).toBeUndefined();
  expect(watched.filter(({ type }) => type === 'dropped')).toHaveLength(1);
  transport = await opened('worker');
  await consume();
  expect(texts(deliveries)).toEqual(['kept']);
});

test('publishes can be refused, or left without a confirm, and forgiven', async () => {
  broker.refusePublishes(1);
  link().loseConfirms(2);
  for (const words of ['a', 'b']) publish(words);
  await hand.rest();
  link().forgive();
  publish('c');
  await hand.rest();
  expect(outcomes).toEqual(['refused', 'confirmed']);
  expect(broker.queue('q')?.readyCount).toBe(2);
});

test('a message can be put into its queue as one that was given before', async () => {
  await consume();
  expect(broker.publish(message('q', { text: 'a' }), { redelivered: true })).toEqual(['q']);
  await hand.rest();
  expect(deliveries.map((delivery) => [text(delivery), delivery.redelivered])).toEqual([['a', true]]);
});

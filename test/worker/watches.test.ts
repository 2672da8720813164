// What a worker keeps an eye on beside its jobs: the event loop, deliveries that are not settled, lines that are not taken.
import { describe, expect, test } from 'vitest';
import { SimulatedClock } from 'xstate';
import { createMemoryBroker } from '../../adapters/memory/index.js';
import type { Delivery, Settlement } from '../../src/transport.js';
import { watchAcks } from '../../src/worker/ack-watch.js';
import { createLines } from '../../src/worker/lines.js';
import { watchLoop } from '../../src/worker/loop-watch.js';
import { message } from '../adapters/bus.js';
import { loggerThat } from './stage.js';

describe('the event loop', () => {
  test('that stood still is told, with how long at least', async () => {
    const told = new Promise<number>((resolve) => {
      const end = watchLoop({
        limitMs: 50,
        onStall: (ms) => {
          end();
          resolve(ms);
        },
      });
    });
    const until = performance.now() + 120;
    while (performance.now() < until);
    expect(await told).toBeGreaterThanOrEqual(119);
  });
});

describe('a delivery', () => {
  const delivery = (settlement: Settlement = 'none') =>
    ({ settlement }) as { -readonly [K in keyof Delivery]: Delivery[K] };
  const watch = () => {
    const clock = new SimulatedClock();
    const late: Delivery[] = [];
    return { clock, late, acks: watchAcks(clock, { limitMs: 1000, onLate: (held) => late.push(held) }) };
  };

  test('that is not settled in time is told once', () => {
    const { clock, late, acks } = watch();
    const [first, second] = [delivery(), delivery()];
    acks.add(first);
    clock.increment(500);
    acks.add(second);
    clock.increment(499);
    expect(late).toEqual([]);
    clock.increment(1);
    expect(late).toEqual([first]);
    clock.increment(10_000);
    expect(late).toEqual([first, second]);
  });

  test('that is settled or lost is not', () => {
    const { clock, late, acks } = watch();
    const held = [delivery(), delivery(), delivery()];
    for (const one of held) acks.add(one);
    for (const [index, how] of (['acknowledged', 'lost', 'requeued'] as const).entries()) {
      const one = held[index];
      if (one) one.settlement = how;
    }
    clock.increment(1000);
    expect(late).toEqual([]);
  });

  test('of many is found among those that are settled, whatever their order', () => {
    const { clock, late, acks } = watch();
    const slow = [3, 400, 999];
    const all = Array.from({ length: 1000 }, () => delivery());
    for (const [index, one] of all.entries()) {
      acks.add(one);
      if (!slow.includes(index)) one.settlement = 'acknowledged';
    }
    clock.increment(1000);
    expect(late).toEqual(slow.map((index) => all[index]));
  });

  test('is forgotten by a worker that ends', () => {
    const { clock, late, acks } = watch();
    acks.add(delivery());
    acks.stop();
    clock.increment(1000);
    expect(late).toEqual([]);
  });
});

describe('output lines', () => {
  async function lines() {
    const broker = createMemoryBroker();
    const clock = new SimulatedClock();
    const transport = broker.connect({ name: 'worker' });
    const said: { message: string; fields: Record<string, unknown> }[] = [];
    const logger = loggerThat((text, fields) => said.push({ message: text, fields }));
    const way = createLines({ transport, clock, logger });
    const send = (count: number) => {
      for (let n = 0; n < count; n++) if (way.take()) way.publish(message('nowhere'));
    };
    await transport.open();
    return { broker, clock, transport, said, way, send };
  }

  test('are dropped before there is a connection, when it is lost, and during an alarm', async () => {
    const { broker, transport, way, send } = await lines();
    send(10);
    expect(way.droppedCount).toBe(0);
    broker.block();
    await broker.idle();
    send(3);
    expect(way.droppedCount).toBe(3);
    broker.unblock();
    await broker.idle();
    send(10);
    expect(way.droppedCount).toBe(3);
    broker.cut();
    await broker.idle();
    send(2);
    expect(way.droppedCount).toBe(5);
    await transport.open();
    send(10);
    expect(way.droppedCount).toBe(5);
    await transport.close();
    send(1);
    expect(way.droppedCount).toBe(6);
  });

  test('are dropped while more is under way than is good, and sent again when it is not', async () => {
    const { broker, way, send } = await lines();
    send(10_000);
    const dropped = way.droppedCount;
    expect(dropped).toBeGreaterThan(5000);
    await broker.idle();
    send(10);
    expect(way.droppedCount).toBe(dropped);
  });

  test('that are dropped are told at most every ten seconds, with how many', async () => {
    const { broker, clock, said, send } = await lines();
    broker.block();
    await broker.idle();
    send(100);
    clock.increment(9_999);
    send(100);
    clock.increment(1);
    send(1);
    expect(said).toEqual(
      [1, 200].map((dropped) => ({
        message: 'output lines are dropped',
        fields: { dropped, why: 'the connection is blocked' },
      })),
    );
  });

  test('whose channel is closed are told as well', async () => {
    const { broker, said, way } = await lines();
    way.publish(message('x', { exchange: 'no-such-exchange' }));
    await broker.idle();
    expect(said).toEqual([
      { message: 'output lines are lost', fields: { closed: 1, why: expect.stringMatching(/no exchange/) } },
    ]);
  });
});

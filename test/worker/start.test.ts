// How a worker comes to listen, or says why it cannot.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { createAmqpTransport } from '../../adapters/amqp/index.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { silentLogger } from '../../src/worker/logger.js';
import { turn } from '../adapters/bus.js';
import { describeRabbitMQ } from '../rabbitmq.js';
import { holdingWorker, Stage } from './stage.js';

let stage: Stage;
let clock: SimulatedClock;
beforeEach(() => {
  stage = new Stage();
  clock = new SimulatedClock();
});
afterEach(() => stage.end());

const { definition } = holdingWorker();

describe('start', () => {
  it('declares on the embedded broker without being asked', async () => {
    const worker = stage.worker(definition);
    await worker.start();
    expect(worker.status()).toMatchObject({ state: 'listening.flowing', ready: true, queue: 'worker.held' });
    expect(worker.route('worker')).toEqual(['connecting', 'declaring', 'consuming', 'listening.flowing']);
    expect(stage.broker.queue('worker.held')).toMatchObject({ consumerCount: 1 });
  });

  it('called twice starts once', async () => {
    const worker = stage.worker(definition);
    const both = [worker.start(), worker.start()];
    await Promise.all(both);
    expect(stage.broker.queue('worker.held')).toMatchObject({ consumerCount: 1 });
  });

  it('with topology check names --declare where the exchange, then the queue is missing', async () => {
    const first = stage.worker(definition, { topology: 'check' });
    const missing = await first.start().catch((error: unknown) => error);
    expect(missing).toMatchObject({
      code: 'EXCHANGE_MISSING',
      message: expect.stringContaining('--declare'),
    });
    expect(await first.ended).toMatchObject({ state: 'faulted', error: missing });
    stage.broker.declare({
      exchanges: [{ name: 're', type: 'topic', durable: true }],
      queues: [],
      bindings: [],
    });
    const second = stage.worker(definition, { topology: 'check' });
    await expect(second.start()).rejects.toMatchObject({
      code: 'QUEUE_MISSING',
      message: expect.stringContaining('--declare'),
    });
  });

  it('with topology none consumes the queue as it is', async () => {
    await expect(stage.worker(definition, { topology: 'none' }).start()).rejects.toMatchObject({
      code: 'QUEUE_MISSING',
    });
    stage.broker.declare({ exchanges: [], queues: [{ name: 'worker.held', durable: false }], bindings: [] });
    const worker = stage.worker(definition, { topology: 'none' });
    await worker.start();
    expect(worker.route('worker')).toEqual(['connecting', 'consuming', 'listening.flowing']);
  });

  it('tries again while no broker answers, waiting longer each time, and gives up at its deadline', async () => {
    stage.broker.refuse();
    const worker = stage.worker(definition, { clock, connectDeadlineMs: 5000, random: () => 0.999 });
    const started = worker.start().catch((error: unknown) => error);
    const waits: number[] = [];
    let since = 0;
    for (let count = 1; worker.status().state !== 'faulted' && count < 20; ) {
      await turn();
      if (worker.route('worker').filter((state) => state === 'reconnecting').length === count) {
        if (count > 1) waits.push(clock.now() - since);
        since = clock.now();
        count += 1;
      }
      clock.increment(10);
    }
    expect(await started).toMatchObject({ code: 'BROKER_UNREACHABLE' });
    expect(waits.length).toBeGreaterThan(2);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(clock.now()).toBeGreaterThanOrEqual(5000);
  });

  it('listens as soon as the broker is there', async () => {
    stage.broker.refuse();
    const worker = stage.worker(definition, { random: () => 0 });
    const started = worker.start();
    await worker.reached('reconnecting', 2);
    stage.broker.accept();
    await started;
    expect(worker.status()).toMatchObject({ ready: true });
  });

  it('is not ready while the connection is blocked, and again when it is not', async () => {
    const worker = stage.worker(definition);
    await worker.start();
    stage.broker.block('low on memory');
    await worker.reached('listening.blocked');
    expect(worker.status().ready).toBe(false);
    stage.broker.unblock();
    await worker.reached('listening.flowing', 2);
    expect(worker.status().ready).toBe(true);
  });
});

describeRabbitMQ('start on RabbitMQ', ({ url }) => {
  it('declares nothing unasked: a queue that is missing is named, with --declare', async () => {
    const transport = createAmqpTransport({ url });
    const worker = createWorker(definition, { transport, queue: 'not-there', logger: silentLogger });
    await expect(worker.start()).rejects.toMatchObject({
      code: expect.stringMatching(/^(QUEUE|EXCHANGE)_MISSING$/),
      message: expect.stringContaining('--declare'),
    });
    expect(await worker.ended).toMatchObject({ state: 'faulted' });
  });
});

// Section 1.4 of the catalogue, second part: messages that come again and again, workers beside each other and after each
// other.
import { expect } from 'vitest';
import type { QueueSpec } from '../../src/transport.js';
import { until } from '../adapters/bus.js';
import { file, json, type Running, start } from '../cli/needful.js';
import { type Ground, loss, running } from './ground.js';
import type { RabbitMQGround } from './rabbitmq-ground.js';
import { onBoth, onRabbitMQ, type Story } from './stories.js';

/** The queue of this ground's workers, with arguments. */
const declareQueue = (ground: Ground, spec: Partial<QueueSpec>) =>
  ground.declare({
    exchanges: [{ name: 're', type: 'topic', durable: true }],
    queues: [{ name: ground.queueName, durable: true, ...spec }],
    bindings: [{ exchange: 're', queue: ground.queueName, routingKey: ground.queueName }],
  });

/** `channel.flow`, stop, on channel 1. */
const flow = Buffer.from([1, 0, 1, 0, 0, 0, 5, 0, 20, 0, 20, 0, 0xce]);

/** A worker in a process of its own. */
async function child(ground: RabbitMQGround, acknowledge: string): Promise<Running> {
  const worker = start(
    ['run', file('held.ts'), '--declare', '--json', '--amqp', ground.node.broker.url, '--queue', ground.name],
    { env: { ACKNOWLEDGE: acknowledge } },
  );
  await worker.line(/"type":"listening"/);
  return worker;
}

async function kill(worker: Running): Promise<void> {
  worker.child.kill('SIGKILL');
  await worker.exit;
}

export const competitionStories: readonly Story[] = [
  onRabbitMQ('F42', 'amqplib ends the connection over it, and the worker comes back', async (ground) => {
    const { worker, cable } = await ground.playBehindCable();
    const lost = loss(worker);
    cable.inject(flow);
    await lost;
    await ground.logged('warn', /does not listen/, ({ code }) => code === 'FRAME_UNREADABLE');
    await ground.over(worker);
  }),

  ...(['received', 'verified', 'settled'] as const).map((acknowledge) =>
    onBoth('F43', `refused once (${acknowledge})`, async (ground) => {
      const worker = await ground.play({ acknowledge });
      const jobs = [];
      for (let n = 0; n < 3; n++) jobs.push(await ground.engine.send(`${ground.name}:NoSuchStep`));
      for (const job of jobs) expect(await job.final()).toMatchObject({ status: 'failed' });
      await worker.reached('listening', 3);
      expect(worker.status().counts).toMatchObject({ received: 3, redelivered: 0, invalid: 3 });
      await ground.over(worker);
    }),
  ),

  onRabbitMQ(
    'F44',
    'the log says how often it came, then it is where the queue keeps dead letters',
    async (ground) => {
      const dead = `dead-${ground.queueName}`;
      await ground.declare({ exchanges: [], queues: [{ name: dead, durable: true }], bindings: [] });
      await declareQueue(ground, {
        arguments: {
          'x-queue-type': 'quorum',
          'x-delivery-limit': 2,
          'x-dead-letter-exchange': '',
          'x-dead-letter-routing-key': dead,
        },
      });
      const worker = await ground.play({ acknowledge: 'settled' }, { topology: 'check' });
      await worker.job();
      for (let count = 1; count <= 3; count++) {
        await worker.held(count);
        await ground.cut(worker.name);
        await worker.reached('lost', count);
      }
      await until('it is a dead letter', async () => (await ground.queue(dead))?.readyCount === 1);
      const again = ground.log.all.filter(({ message }) => message === 'a job comes again');
      expect(again.map(({ deliveryCount }) => deliveryCount)).toEqual([1, 2]);
      await ground.deleteQueue(dead);
      await ground.over(worker);
      await ground.deleteQueue(worker.queueName);
    },
  ),

  onRabbitMQ('F45', 'with an early ack the next one is served at once', async (ground) => {
    await declareQueue(ground, { arguments: { 'x-single-active-consumer': true } });
    const holder = await ground.play({}, { topology: 'check' });
    const { job, step } = await running(holder);
    const next = await ground.play({}, { topology: 'check' });
    const stopped = holder.stop();
    await holder.reached('draining.connected');
    const second = await next.job();
    (await next.held(1)).end('by the next one');
    expect(await second.final()).toMatchObject({ data: 'by the next one' });
    expect(holder.status().state).toBe('draining.connected');
    step.end();
    await job.final();
    await stopped;
    await ground.over(next);
  }),
  onRabbitMQ('F45', 'with a late ack the next one is served once the holder is gone', async (ground) => {
    await declareQueue(ground, { arguments: { 'x-single-active-consumer': true } });
    const holder = await ground.play({ acknowledge: 'settled' }, { topology: 'check' });
    const { job, step } = await running(holder);
    const next = await ground.play({ acknowledge: 'settled' }, { topology: 'check' });
    const stopped = holder.stop();
    await holder.reached('draining.connected');
    const second = await next.job();
    step.end();
    await job.final();
    await stopped;
    (await next.held(1)).end('by the next one');
    expect(await second.final()).toMatchObject({ data: 'by the next one' });
    await ground.over(next);
  }),

  onRabbitMQ(
    'F46',
    'with an early ack its job is lost after `started`, what waited is done by another',
    async (ground) => {
      const worker = await child(ground, 'received');
      const job = await ground.engine.send(`${ground.name}:Hold`);
      await worker.line(/"to":"doingTheNeedful"/);
      const waiting = await ground.engine.send(`${ground.name}:Hold`);
      await until(
        'it is not in the queue',
        async () => (await ground.queue(ground.queueName))?.readyCount === 0,
      );
      await kill(worker);
      const other = await ground.play();
      (await other.held(1)).end('by another');
      expect(await waiting.final()).toMatchObject({ data: 'by another' });
      expect(waiting.statuses).toEqual(['started', 'completed']);
      expect(job.statuses).toEqual(['started']);
      await ground.over(other);
    },
  ),
  onRabbitMQ('F46', 'with a late ack its job is begun again by another', async (ground) => {
    const worker = await child(ground, 'settled');
    const job = await ground.engine.send(`${ground.name}:Hold`);
    await worker.line(/"to":"doingTheNeedful"/);
    await kill(worker);
    const other = await ground.play({ acknowledge: 'settled' });
    (await other.held(1)).end('by another');
    expect(await job.final()).toMatchObject({ data: 'by another' });
    expect(job.statuses).toEqual(['started', 'started', 'completed']);
    expect(other.status().counts).toMatchObject({ received: 1, redelivered: 1 });
    await ground.over(other);
  }),
  onRabbitMQ('F46', 'while it is idle nothing is lost', async (ground) => {
    const worker = await child(ground, 'received');
    await kill(worker);
    expect(json(await worker.line(/"type":"listening"/))).toMatchObject({ queue: ground.queueName });
    const other = await ground.play();
    await ground.over(other);
  }),

  onBoth(
    'F47',
    'it goes back, an idle worker does it, the consumer comes back with the lane',
    async (ground) => {
      const busy = await ground.play({}, { holdMs: 50 });
      const { job, step } = await running(busy);
      const short = await busy.job();
      const idle = await ground.play();
      (await idle.held(1)).end('by the idle one');
      expect(await short.final()).toMatchObject({ data: 'by the idle one' });
      expect(short.statuses).toEqual(['started', 'completed']);
      await busy.reached('listening.full');
      expect(busy.status()).toMatchObject({ ready: false, counts: { received: 1, returned: 1 } });
      await idle.stop();
      step.end('at last');
      expect(await job.final()).toMatchObject({ data: 'at last' });
      await busy.listens();
      expect(busy.route('worker').slice(-4)).toEqual([
        'listening.pausing',
        'listening.full',
        'listening.resuming',
        'listening.flowing',
      ]);
      await ground.over(busy);
    },
  ),
];

// Section 1.4 of the catalogue, first part: a broker that does not confirm, refuses, or takes nothing more.
import { expect } from 'vitest';
import { SimulatedClock } from 'xstate';
import { turn } from '../adapters/bus.js';
import { type Ground, type HeldWorker, loss, running, sameChannel } from './ground.js';
import { alone, onBoth, onEmbedded, onRabbitMQ, type Story } from './stories.js';

/** An alarm is raised, and the worker knows; the alarm ends whatever comes. */
async function duringAlarm(
  ground: Ground,
  { worker, story }: { worker: HeldWorker; story: () => Promise<void> },
): Promise<void> {
  const before = worker.route('worker').length;
  await ground.alarm(true);
  try {
    // RabbitMQ blocks a connection when it publishes.
    worker.begun.all.at(-1)?.context.output.info('a line');
    await worker.reached('listening.blocked', 1);
    await story();
  } finally {
    await ground.alarm(false);
  }
  expect(worker.route('worker').slice(before)).toContain('listening.blocked');
}

/** Waits in a reply queue that takes one message. */
const fullAfterOne = { 'x-max-length': 1, 'x-overflow': 'reject-publish' };

export const pressureStories: readonly Story[] = [
  onEmbedded('F37', 'the channel is given up, the final reply goes out on the next one', async (ground) => {
    const clock = new SimulatedClock();
    const worker = await ground.play({}, { clock });
    const { job, step } = await running(worker);
    const taken = ground.stage.withhold('completed');
    step.end('perhaps twice');
    await taken;
    const lost = loss(worker);
    clock.increment(30_000);
    await lost;
    await worker.reached('replyUnknown');
    ground.stage.release();
    while (worker.status().state !== 'listening.flowing') {
      clock.increment(100);
      await ground.broker.idle();
    }
    const [, first, second] = await job.replies.first(3);
    expect(second).toEqual(first);
    await worker.reached('listening');
    expect(worker.transport.status).toMatchObject({ epoch: 2 });
    await ground.over(worker);
  }),
  onRabbitMQ(
    'F37',
    'the channel, then the connection is given up, the reply goes out on the next one',
    async (ground) => {
      // Far sooner than any heartbeat.
      const { worker, cable } = await ground.playBehindCable(
        {},
        { replyDeadlineMs: 200, amqp: { connectTimeoutMs: 300, heartbeatSeconds: 60 } },
      );
      const { job, step } = await running(worker);
      const lost = loss(worker);
      cable.freeze('toClient');
      step.end('perhaps twice');
      await lost;
      const [, first, second] = await job.replies.first(3);
      expect(second).toEqual(first);
      await ground.logged('warn', /does not listen/, ({ code }) => code === 'REPLY_UNKNOWN');
      await ground.over(worker);
    },
  ),

  onEmbedded('F38', 'a final reply is sent again after a pause', async (ground) => {
    const worker = await ground.play();
    const { job, step } = await running(worker);
    ground.broker.refusePublishes(2, worker.name);
    step.end('in the end');
    expect(await job.final()).toMatchObject({ status: 'completed', data: 'in the end' });
    expect(worker.route('job').filter((state) => state === 'replyRefused')).toHaveLength(2);
    expect(job.statuses).toEqual(['started', 'completed']);
    await ground.over(worker);
  }),
  onEmbedded(
    'F38',
    'a bounded number of times; and a job whose `started` is refused is not begun',
    async (ground) => {
      const worker = await ground.play();
      const { job, step } = await running(worker);
      ground.broker.refusePublishes(1000, worker.name);
      step.end('for nobody');
      await worker.reached('unanswered');
      for (const untold of [job, await worker.job()]) ground.untold(untold);
      await worker.reached('unanswered', 2);
      expect(worker.begun.all).toHaveLength(1);
      await worker.stop();
    },
  ),
  onRabbitMQ(
    'F38',
    'a final reply is sent again after a pause, a bounded number of times',
    async (ground) => {
      const worker = await ground.play();
      const name = `full-${ground.queueName}`;
      await ground.declare({
        exchanges: [],
        queues: [{ name, durable: false, arguments: { ...fullAfterOne, 'x-expires': 60_000 } }],
        bindings: [],
      });
      // `started` fills it.
      const first = await running(worker, { replyTo: name });
      first.step.end('in the end');
      await worker.reached('replyRefused', 2);
      await ground.purge(name);
      await worker.reached('listening');
      expect(await ground.queue(name)).toMatchObject({ readyCount: 1 });
      await ground.purge(name);
      const second = await running(worker, { replyTo: name });
      second.step.end('for nobody');
      await worker.reached('unanswered');
      expect(worker.status().counts).toMatchObject({ completed: 1, unanswered: 1 });
      sameChannel(worker);
      await ground.over(worker);
    },
  ),

  alone(
    onBoth(
      'F39',
      'not ready, the reply waits longer than its deadline, lines are dropped and counted',
      async (ground) => {
        const clock = new SimulatedClock();
        const worker = await ground.play({}, { clock });
        const { job, step } = await running(worker);
        await duringAlarm(ground, {
          worker,
          async story() {
            expect(worker.status()).toMatchObject({ ready: false });
            await ground.logged('warn', /takes nothing until its alarm ends/);
            const { linesDropped } = worker.status().counts;
            for (let n = 0; n < 100; n++) step.context.output.info(`line ${n}`);
            expect(worker.status().counts.linesDropped).toBe(linesDropped + 100);
            step.end('during the alarm');
            await worker.reached('completed');
            clock.increment(600_000);
            expect(worker.route('job').at(-1)).toBe('completed');
          },
        });
        expect(await job.final()).toMatchObject({ data: 'during the alarm' });
        await worker.listens();
        expect(job.statuses).toEqual(['started', 'completed']);
        await worker.reached('listening');
        expect(worker.status().counts).toMatchObject({ completed: 1, unanswered: 0 });
        await ground.over(worker);
      },
    ),
  ),

  alone(
    onBoth('F40', 'it waits for the end of the alarm, and the reply goes out', async (ground) => {
      const worker = await ground.play();
      const { job, step } = await running(worker);
      const stopped = await new Promise<ReturnType<HeldWorker['stop']>>((resolve, reject) => {
        duringAlarm(ground, {
          worker,
          async story() {
            const stopping = worker.stop();
            step.end('during the alarm');
            await worker.reached('draining.connected');
            expect(await ground.queue(worker.queueName)).toBeDefined();
            expect(worker.status().state).toBe('draining.connected');
            resolve(stopping);
          },
        }).catch(reject);
      });
      expect(await stopped).toMatchObject({ state: 'stopped', counts: { completed: 1, unanswered: 0 } });
      expect(await stopped).not.toHaveProperty('error');
      expect(await job.final()).toMatchObject({ data: 'during the alarm' });
    }),
  ),
  alone(
    onBoth('F40', 'an alarm that outlasts its deadline: it goes, and tells what it left', async (ground) => {
      const clock = new SimulatedClock();
      const worker = await ground.play({}, { clock, amqp: { closeTimeoutMs: 50 } });
      const { job, step } = await running(worker);
      ground.untold(job);
      await duringAlarm(ground, {
        worker,
        async story() {
          step.end('during the alarm');
          await worker.reached('completed');
          const stopping = worker.stop();
          await worker.reached('draining.connected');
          clock.increment(25_000);
          await turn();
          clock.increment(5_000);
          const { error, ...status } = await stopping;
          expect(status).toMatchObject({ state: 'stopped', counts: { unanswered: 1 } });
          expect(error).toMatchObject({ code: 'DRAIN_DEADLINE_PASSED', exit: 75 });
        },
      });
    }),
  ),

  onBoth(
    'F41',
    'they are dropped and counted, replies are not, and lines go on afterwards',
    async (ground) => {
      const worker = await ground.play();
      const { job, step } = await running(worker);
      const many = 100_000;
      for (let n = 0; n < many; n++) step.context.output.info(`line ${n} of very many that come in one turn`);
      const dropped = worker.status().counts.linesDropped;
      expect(dropped).toBeGreaterThan(0);
      expect(dropped).toBeLessThan(many - 1000);
      expect(await ground.logged('warn', /output lines are dropped/)).toMatchObject({ dropped: 1 });
      step.end('whole');
      expect(await job.final()).toMatchObject({ data: 'whole' });
      expect(job.statuses).toEqual(['started', 'completed']);
      await ground.over(worker);
      expect(worker.status().counts.linesDropped).toBeLessThan(dropped + 10);
    },
  ),
];

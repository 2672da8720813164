// Section 1.2 of the catalogue, the stories: connections that are lost, and how a worker notices and comes back.
import { expect, vi } from 'vitest';
import { SimulatedClock } from 'xstate';
import { until } from '../adapters/bus.js';
import { type HeldWorker, loss, running } from './ground.js';
import { alone, onBoth, onEmbedded, onRabbitMQ, type Story } from './stories.js';

/** The states through which a worker comes back when the first attempt succeeds. */
const comesBack = ['reconnecting', 'connecting', 'declaring', 'consuming', 'listening.flowing'];

const heartbeatMs = 1000;
const hearty = { amqp: { heartbeatSeconds: heartbeatMs / 1000, connectTimeoutMs: 1000 } };

/** A job is in hand while `fall` makes the link silent; not ready within three heartbeats, and the job is done once. */
async function silence(worker: HeldWorker, fall: () => void): Promise<void> {
  const { job, step } = await running(worker);
  const lost = loss(worker);
  const since = performance.now();
  fall();
  await lost;
  // Timers may be late on a busy machine.
  expect(performance.now() - since).toBeLessThan(3 * heartbeatMs + 500);
  step.end('done');
  expect(await job.final()).toMatchObject({ status: 'completed', data: 'done' });
  expect(job.statuses).toEqual(['started', 'completed']);
}

/** Nothing else happens in this process. */
function computeFor(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

export const connectionStories: readonly Story[] = [
  onBoth('F12', 'the job runs on, the worker comes back and answers it', async (ground) => {
    const worker = await ground.play();
    const { job, step } = await running(worker);
    const lost = loss(worker);
    await ground.cut(worker.name);
    await lost;
    await worker.listens();
    expect(worker.route('worker').slice(-5)).toEqual(comesBack);
    expect(step.context.signal.aborted).toBe(false);
    step.end('done all the same');
    expect(await job.final()).toMatchObject({ status: 'completed', data: 'done all the same' });
    expect(job.statuses).toEqual(['started', 'completed']);
    const first = await ground.logged('warn', /does not listen/);
    expect(first).toMatchObject({ code: 'CONNECTION_LOST', attempt: 1 });
    await ground.over(worker);
  }),
  onBoth(
    'F12',
    'a job that is acknowledged when settled is lost, aborted, and done again',
    async (ground) => {
      const worker = await ground.play({ acknowledge: 'settled' });
      const { job, step } = await running(worker);
      await ground.cut(worker.name);
      await worker.reached('lost');
      expect(step.context.signal.reason).toMatchObject({ code: 'DELIVERY_LOST' });
      (await worker.held(2)).end('the second time');
      expect(await job.final()).toMatchObject({ status: 'completed', data: 'the second time' });
      expect(job.statuses).toEqual(['started', 'started', 'completed']);
      await worker.reached('listening', 2);
      expect(worker.status().counts).toMatchObject({ received: 2, redelivered: 1, lost: 1, completed: 1 });
      await ground.over(worker);
    },
  ),
  onBoth('F12', 'a delivery that waits for a lane goes to another worker', async (ground) => {
    const worker = await ground.play({}, { holdMs: 600_000 });
    await running(worker);
    const waiting = await worker.job();
    await until('it waits', () => worker.transport.status.unsettledCount === 1);
    const other = await ground.play();
    await ground.cut(worker.name);
    (await other.held()).end('by the other one');
    expect(await waiting.final()).toMatchObject({ status: 'completed', data: 'by the other one' });
    expect(waiting.statuses).toEqual(['started', 'completed']);
  }),

  onEmbedded(
    'F13',
    'the worker tries again until the broker is there; the reply waits for it',
    async (ground) => {
      const worker = await ground.play();
      const { job, step } = await running(worker);
      ground.broker.refuse();
      await ground.cut(worker.name);
      await worker.reached('reconnecting', 3);
      step.end('meanwhile');
      await worker.reached('replyUnknown');
      expect(worker.status()).toMatchObject({ ready: false });
      ground.broker.accept();
      expect(await job.final()).toMatchObject({ status: 'completed', data: 'meanwhile' });
      expect(job.statuses).toEqual(['started', 'completed']);
      await ground.over(worker);
    },
  ),
  alone(
    onRabbitMQ(
      'F13',
      'the worker tries again until the broker is there; replies may find nobody',
      async (ground) => {
        const worker = await ground.play();
        const { step } = await running(worker);
        const lost = loss(worker);
        await ground.evaluate('rabbit:stop()');
        await lost;
        await worker.reached('reconnecting', 5);
        await ground.logged('error', /does not listen/, ({ code }) => code === 'BROKER_UNREACHABLE');
        step.end('meanwhile');
        await worker.reached('replyUnknown');
        await ground.evaluate('rabbit:start()');
        await worker.listens();
        // Its engine's queue went with the broker.
        await worker.reached('unanswered');
        await ground.engine.open();
        await ground.over(worker);
      },
    ),
  ),

  onEmbedded('F14', 'the worker comes back to what is left of the broker', async (ground) => {
    const worker = await ground.play();
    const { step } = await running(worker);
    ground.broker.refuse();
    ground.broker.cut();
    ground.broker.deleteQueue(worker.queueName);
    await worker.reached('reconnecting');
    step.end('for nobody');
    ground.broker.accept();
    await worker.reached('unanswered');
    expect(worker.status().counts).toMatchObject({ completed: 0, unanswered: 1 });
    await ground.engine.open();
    await ground.over(worker);
  }),
  alone(
    onRabbitMQ('F14', 'the worker comes back to what is left of the broker', async (ground) => {
      const { broker } = ground.node;
      if (broker.kind !== 'node') return;
      const worker = await ground.play();
      const { step } = await running(worker);
      const lost = loss(worker);
      await broker.crash();
      await lost;
      step.end('for nobody');
      await worker.reached('reconnecting', 3);
      await broker.revive();
      await ground.node.dismiss();
      await worker.reached('unanswered');
      await ground.engine.open();
      await ground.over(worker);
    }),
  ),

  onRabbitMQ('F15', 'a reset is noticed at once', async (ground) => {
    const { worker, cable } = await ground.playBehindCable();
    const lost = loss(worker);
    cable.reset();
    await lost;
    await ground.logged('warn', /does not listen/, ({ why }) => /ECONNRESET/.test(String(why)));
    await ground.over(worker);
  }),
  onRabbitMQ('F15', 'of two nodes the other one is taken', async (ground) => {
    const [one, two] = [await ground.cable(), await ground.cable()];
    const { host, port } = two.amqp.server;
    const server = { ...one.amqp.server, others: [{ host, port }] };
    const worker = await ground.play({}, { amqp: { server } });
    for (const { cable } of [one, two]) {
      const lost = loss(worker);
      cable.reset();
      await lost;
      await worker.listens();
    }
    expect(worker.route('worker').filter((state) => state === 'reconnecting')).toHaveLength(2);
    await ground.over(worker);
  }),
  onRabbitMQ('F15', 'a proper end is noticed, too', async (ground) => {
    const { worker, cable } = await ground.playBehindCable();
    const lost = loss(worker);
    cable.finish();
    await lost;
    await ground.logged('warn', /does not listen/, ({ why }) => /Unexpected close/.test(String(why)));
    await ground.over(worker);
  }),

  onRabbitMQ(
    'F16',
    'nothing passes: not ready within three heartbeats, the job is answered afterwards',
    async (ground) => {
      const { worker, cable } = await ground.playBehindCable({}, hearty);
      await silence(worker, () => cable.freeze());
      await ground.over(worker);
    },
  ),
  onRabbitMQ('F16', 'nothing comes from the broker: the same', async (ground) => {
    const { worker, cable } = await ground.playBehindCable({}, hearty);
    await silence(worker, () => cable.freeze('toClient'));
    await ground.over(worker);
  }),
  onRabbitMQ(
    'F16',
    'nothing goes to the broker: it gives the worker up, which hears of that',
    async (ground) => {
      const { worker, cable } = await ground.playBehindCable({}, hearty);
      await silence(worker, () => cable.freeze('toBroker'));
      await ground.over(worker);
    },
  ),
  onRabbitMQ('F16', 'a final reply under way is sent again under the same message id', async (ground) => {
    const { worker, cable } = await ground.playBehindCable({}, hearty);
    const { job, step } = await running(worker);
    cable.freeze('toClient');
    step.end('perhaps twice');
    await worker.reached('replyUnknown');
    const [, first, second] = await job.replies.first(3);
    expect(second).toEqual(first);
    expect(job.statuses).toEqual(['started', 'completed', 'completed']);
    await ground.over(worker);
  }),

  alone(
    onRabbitMQ(
      'F17',
      'the log names the step, the worker comes back, the job is answered',
      async (ground) => {
        const worker = await ground.play({}, hearty);
        const { job, step } = await running(worker);
        const lost = loss(worker);
        computeFor(3.5 * heartbeatMs);
        const { steps, stalledMs } = await ground.logged('warn', /event loop stood still/);
        expect(steps).toEqual([{ step: 'Hold', correlationId: job.correlationId }]);
        expect(stalledMs).toBeGreaterThan(3 * heartbeatMs);
        await lost;
        step.end('computed');
        expect(await job.final()).toMatchObject({ status: 'completed', data: 'computed' });
        expect(job.statuses).toEqual(['started', 'completed']);
        await ground.over(worker);
      },
    ),
  ),

  alone(
    onRabbitMQ(
      'F18',
      'not ready within three heartbeats; the worker is back when the broker is',
      async (ground) => {
        const pid = ground.node.broker.pids.node;
        if (pid === undefined) return;
        const worker = await ground.play({}, hearty);
        const { job, step } = await running(worker);
        const lost = loss(worker);
        const since = performance.now();
        process.kill(pid, 'SIGSTOP');
        try {
          await lost;
        } finally {
          process.kill(pid, 'SIGCONT');
        }
        expect(performance.now() - since).toBeLessThan(3 * heartbeatMs + 500);
        step.end('done');
        expect(await job.final()).toMatchObject({ status: 'completed', data: 'done' });
        await ground.over(worker);
      },
    ),
  ),

  onRabbitMQ('F19', 'stop is bounded, whoever answers or not', async (ground) => {
    const clock = new SimulatedClock();
    const { worker, cable } = await ground.playBehindCable({}, { clock, amqp: { closeTimeoutMs: 50 } });
    cable.freeze();
    const stopped = worker.stop();
    await worker.reached('draining.connected');
    clock.increment(60_000);
    expect(await stopped).toMatchObject({ state: 'stopped' });
    expect(worker.transport.status.phase).toBe('closed');
  }),

  alone(
    onBoth('F20', 'neither deadlines nor heartbeats are measured by it', async (ground) => {
      const worker = await ground.play({ deadlineMs: 600_000 }, { replyDeadlineMs: 600_000, ...hearty });
      const { job, step } = await running(worker);
      const before = worker.route('worker');
      vi.useFakeTimers({ toFake: ['Date'] });
      try {
        for (const hours of [1, -24, 24 * 365]) {
          vi.setSystemTime(Date.now() + hours * 3_600_000);
          await ground.queue(worker.queueName);
        }
        step.end('in time');
        expect(await job.final()).toMatchObject({ status: 'completed', data: 'in time' });
        await ground.over(worker);
      } finally {
        vi.useRealTimers();
      }
      expect(worker.route('worker').slice(0, before.length + 1)).toEqual([...before, 'draining.connected']);
    }),
  ),
];

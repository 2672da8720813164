// The end of a worker: what `stop` waits for, what it cuts short, what goes back.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SimulatedClock } from 'xstate';
import { NeedfulError } from '../../src/contract/errors.js';
import { turn } from '../adapters/bus.js';
import { holdingWorker, Stage } from './stage.js';

let stage: Stage;
let clock: SimulatedClock;
beforeEach(() => {
  stage = new Stage();
  clock = new SimulatedClock();
});
afterEach(() => stage.end());

/** Whether it has settled by now. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await stage.broker.idle();
  await turn();
  return done;
}

describe('I6 stop', () => {
  test('of an idle worker ends it at once; the connection is gone, the queue stays', async () => {
    const { definition } = holdingWorker();
    const worker = await stage.play(definition, { clock });
    expect(await worker.stop()).toMatchObject({ state: 'stopped', ready: false });
    expect(await worker.ended).not.toHaveProperty('error');
    expect(stage.broker.queue('worker.held')).toMatchObject({ consumerCount: 0, unsettledCount: 0 });
  });

  test('waits for the running job, whose reply goes out', async () => {
    const { definition, held } = holdingWorker();
    const worker = await stage.play(definition, { clock });
    const job = await stage.engine.send('held:Hold');
    const step = await held();
    const stopped = worker.stop();
    clock.increment(24_999);
    expect(await settled(stopped)).toBe(false);
    expect(step.context.signal.aborted).toBe(false);
    step.end('in time');
    expect(await stopped).toMatchObject({ state: 'stopped', counts: { completed: 1, failed: 0 } });
    expect(await stopped).not.toHaveProperty('error');
    expect(await job.final()).toMatchObject({ status: 'completed', data: 'in time' });
  });

  test('cancels at the deadline: failed CANCELLED, and the signal says why', async () => {
    const { definition, held } = holdingWorker();
    const worker = await stage.play(definition, { clock, drainMs: 500 });
    const job = await stage.engine.send('held:Hold');
    const { context } = await held();
    const stopped = worker.stop();
    await worker.reached('draining.connected');
    expect(await settled(stopped)).toBe(false);
    clock.increment(500);
    expect(await stopped).toMatchObject({
      counts: { failed: 1, unanswered: 0 },
      error: {
        code: 'DRAIN_DEADLINE_PASSED',
        exit: 75,
        message: 'worker held stopped before its work was done: 1 job was cancelled',
      },
    });
    expect(await job.final()).toMatchObject({ status: 'failed', data: { code: 'CANCELLED' } });
    expect(context.signal.aborted).toBe(true);
    expect(context.signal.reason).toBeInstanceOf(NeedfulError);
    expect(context.signal.reason).toMatchObject({
      code: 'STOPPING',
      message: 'the job was cancelled: the worker stops',
    });
  });

  test('with a deadline of its own takes that one; a second one shortens it, never lengthens it', async () => {
    const { definition, held } = holdingWorker();
    const worker = await stage.play(definition, { clock });
    const job = await stage.engine.send('held:Hold');
    await held();
    const first = worker.stop({ deadlineMs: 10_000 });
    await worker.reached('draining.connected');
    expect(await settled(first)).toBe(false);
    const second = worker.stop({ deadlineMs: 1000 });
    void worker.stop({ deadlineMs: 60_000 });
    clock.increment(999);
    expect(await settled(first)).toBe(false);
    clock.increment(1);
    expect(await job.final()).toMatchObject({ data: { code: 'CANCELLED' } });
    expect(await first).toEqual(await second);
  });

  test('gives back what was not begun, in its order', async () => {
    const { definition, held } = holdingWorker();
    const worker = await stage.play(definition, { clock, concurrency: 2 });
    const jobs = [];
    for (let n = 0; n < 5; n++) jobs.push(await stage.engine.send('held:Hold'));
    await held(2);
    await stage.broker.idle();
    expect(stage.broker.queue('worker.held')).toMatchObject({ readyCount: 1, unsettledCount: 2 });
    const stopped = worker.stop();
    await worker.reached('draining.connected');
    await stage.broker.idle();
    for (const step of [await held(1), await held(2)]) step.end();
    expect(await stopped).toMatchObject({ counts: { received: 2, completed: 2, returned: 2 } });
    expect(stage.broker.queue('worker.held')).toMatchObject({ readyCount: 3, unsettledCount: 0 });

    const other = holdingWorker();
    await stage.worker(other.definition, { concurrency: 3, random: () => 0.5 }).start();
    const begun = await other.begun.first(3);
    const order = jobs.slice(2).map(({ correlationId }) => correlationId);
    expect(begun.map(({ context }) => context.correlationId)).toEqual(order);
    for (const step of begun) step.end();
    await Promise.all(jobs.map((job) => job.final()));
  });

  test('lets no lane take what waits while the broker is slow to cancel the consumer', async () => {
    const { definition, begun, held } = holdingWorker();
    const worker = await stage.play(definition, { clock });
    await stage.engine.send('held:Hold');
    const step = await held();
    const waiting = await stage.engine.send('held:Hold');
    await stage.broker.idle();
    const stopped = worker.stop();
    step.end();
    await stopped;
    expect(begun.all).toHaveLength(1);
    expect(waiting.statuses).toEqual([]);
    expect(stage.broker.queue('worker.held')).toMatchObject({ readyCount: 1 });
  });

  test('while the consumer is being asked for: what comes is not begun and goes back', async () => {
    const { definition, begun } = holdingWorker();
    await stage.engine.open();
    const worker = stage.worker(definition, { clock });
    await stage.worker(definition).start(); // declares the queue
    const jobs = [];
    const started = worker.start();
    started.catch(() => {});
    await worker.reached('consuming');
    const stopped = worker.stop();
    jobs.push(await stage.engine.send('held:Hold'));
    await stopped;
    await expect(started).rejects.toMatchObject({ code: 'STOPPED_EARLY' });
    for (const step of await begun.first(1)) step.end();
    expect(worker.status().counts.received).toBe(0);
  });

  test('while connecting: it ends, and start says so', async () => {
    const { definition } = holdingWorker();
    const worker = stage.worker(definition, { clock });
    stage.broker.refuse();
    const started = worker.start();
    started.catch(() => {});
    await worker.reached('reconnecting');
    expect(await worker.stop()).toMatchObject({ state: 'stopped' });
    await expect(started).rejects.toMatchObject({ code: 'STOPPED_EARLY' });
  });

  test('while reconnecting, with a job in hand: its reply goes out when the broker is back in time', async () => {
    const { definition, held } = holdingWorker();
    const worker = await stage.play(definition);
    const job = await stage.engine.send('held:Hold');
    const step = await held();
    stage.broker.refuse();
    stage.broker.cut(worker.name);
    await worker.reached('reconnecting', 2);
    const stopped = worker.stop();
    await worker.reached('draining.connected');
    step.end('told all the same');
    await worker.reached('replyUnknown');
    stage.broker.accept();
    expect(await stopped).toMatchObject({ state: 'stopped', counts: { completed: 1, unanswered: 0 } });
    expect(await job.final()).toMatchObject({ status: 'completed', data: 'told all the same' });
  });

  test('while reconnecting, and the broker does not come back: at the deadline the job is counted as unanswered', async () => {
    const { definition, held } = holdingWorker();
    const lossy = new Stage({ resent: 'counted' });
    const worker = await lossy.play(definition, { drainMs: 0 });
    await lossy.engine.send('held:Hold');
    await held();
    lossy.broker.refuse();
    lossy.broker.cut(worker.name);
    await worker.reached('reconnecting');
    expect(await worker.stop()).toMatchObject({
      state: 'stopped',
      counts: { unanswered: 1 },
      error: {
        code: 'DRAIN_DEADLINE_PASSED',
        message: expect.stringMatching(/1 job was cancelled; nobody could be told of 1$/),
      },
    });
  });

  test('while the broker reads nothing: it waits for the end of the alarm, and says so when that does not come', async () => {
    const { definition, held } = holdingWorker();
    for (const inTime of [true, false]) {
      const worker = await stage.play(definition, { clock });
      const job = await stage.engine.send('held:Hold');
      (await held(inTime ? 1 : 2)).end();
      await job.final();
      await worker.reached('listening');
      stage.broker.block('low on memory');
      await worker.reached('listening.blocked');
      const stopped = worker.stop();
      await worker.reached('draining.connected');
      clock.increment(24_999);
      expect(await settled(stopped)).toBe(false);
      if (inTime) stage.broker.unblock();
      for (let waited = 0; waited < 10 && !(await settled(stopped)); waited++) clock.increment(1000);
      const { error } = await stopped;
      stage.broker.unblock();
      if (inTime) expect(error).toBe(undefined);
      else
        expect(error).toMatchObject({ message: expect.stringContaining('the broker took nothing any more') });
    }
  });

  test('while the broker reads nothing, and nothing was settled: it ends at once', async () => {
    const worker = await stage.play(holdingWorker().definition, { clock });
    stage.broker.block('low on memory');
    await worker.reached('listening.blocked');
    const stopped = worker.stop();
    await worker.reached('draining.connected');
    for (let waited = 0; waited < 5 && !(await settled(stopped)); waited++) clock.increment(1000);
    stage.broker.unblock();
    expect(await stopped).not.toHaveProperty('error');
  });

  test('while full', async () => {
    const { definition, held } = holdingWorker();
    const worker = await stage.play(definition, { clock, holdMs: 10 });
    await stage.engine.send('held:Hold');
    const step = await held();
    await stage.engine.send('held:Hold');
    await stage.broker.idle();
    clock.increment(10);
    await worker.reached('listening.full');
    const stopped = worker.stop();
    step.end();
    expect(await stopped).toMatchObject({ counts: { completed: 1, returned: 1 } });
    expect(stage.broker.queue('worker.held')).toMatchObject({ readyCount: 1, consumerCount: 0 });
  });

  test('takes the time for the whole of it: a broker that is slow to cancel the consumer makes it no longer', async () => {
    const { definition, held } = holdingWorker();
    const worker = await stage.play(definition, { clock, drainMs: 1000 });
    const job = await stage.engine.send('held:Hold');
    await held();
    stage.broker.block('low on memory');
    const stopped = worker.stop();
    await worker.reached('draining.connected');
    clock.increment(1000);
    await worker.reached('failed');
    stage.broker.unblock();
    expect(await job.final()).toMatchObject({ data: { code: 'CANCELLED' } });
    await stopped;
  });

  test('while the confirm of a reply does not come: it waits no longer than it must, and counts the job', async () => {
    const { definition, held } = holdingWorker();
    const worker = await stage.play(definition, { clock, drainMs: 100 });
    await stage.engine.send('held:Hold');
    const step = await held();
    const taken = stage.withhold('completed');
    step.end();
    await taken;
    const stopped = worker.stop();
    await worker.reached('draining.connected');
    for (let waited = 0; waited < 10 && !(await settled(stopped)); waited++) clock.increment(1000);
    expect(worker.status().lanes).toMatchObject([{ state: 'stopped' }]);
    expect(worker.status().counts).toMatchObject({ completed: 0, unanswered: 1 });
    stage.release();
    expect(await stopped).toMatchObject({ state: 'stopped' });
  });

  test('before start: it is stopped, and start says so', async () => {
    const worker = stage.worker(holdingWorker().definition);
    expect(await worker.stop()).toMatchObject({ state: 'stopped' });
    await expect(worker.start()).rejects.toMatchObject({ code: 'STOPPED_EARLY' });
  });

  test('a second time is the same end', async () => {
    const worker = await stage.play(holdingWorker().definition, { clock });
    const [first, second] = [worker.stop(), worker.stop()];
    expect(await first).toEqual(await second);
    expect(await worker.stop()).toEqual(await first);
    expect(await worker.ended).toEqual(await first);
  });

  test('is what `await using` calls', async () => {
    const worker = await stage.play(holdingWorker().definition, { clock });
    await worker[Symbol.asyncDispose]();
    expect(worker.status()).toMatchObject({ state: 'stopped' });
  });
});

// What a worker decides about its jobs: when they are acknowledged, and what becomes of what a cut leaves open.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import type { Acknowledge } from '../../machines/index.js';
import { NeedfulError } from '../../src/contract/errors.js';
import { defineWorker } from '../../src/worker/define-worker.js';
import { until } from '../adapters/bus.js';
import { bad, heldWorker } from './held-worker.js';
import { Stage } from './stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage({ resent: 'counted' });
});
afterEach(() => stage.end());

const counts = () => stage.broker.queue('worker.held');

describe('acknowledge', () => {
  const unsettledWhile: Record<Acknowledge, readonly [started: number, running: number, done: number]> = {
    received: [0, 0, 0],
    verified: [0, 0, 0],
    settled: [1, 1, 0],
  };
  it.each(Object.entries(unsettledWhile) as [Acknowledge, readonly number[]][])(
    '%s: the delivery is settled when the policy says so',
    async (acknowledge, unsettled) => {
      const { definition, step } = heldWorker({ acknowledge });
      const seen: (number | undefined)[] = [];
      const worker = await stage.play(definition);
      const watched = stage.withhold('started');
      const job = await stage.engine.send('held:Hold');
      await watched;
      seen.push(counts()?.unsettledCount);
      stage.release();
      const held = await step();
      seen.push(counts()?.unsettledCount);
      held.end(5);
      expect(await job.final()).toMatchObject({ status: 'completed', data: 5 });
      await worker.reached('listening', 1);
      await stage.broker.idle();
      seen.push(counts()?.unsettledCount);
      expect(seen).toEqual(unsettled);
      expect(worker.status().counts).toMatchObject({ received: 1, completed: 1 });
    },
  );

  it.each([
    ['received', 0],
    ['verified', 1],
    ['settled', 1],
  ] as const)(
    '%s: an invalid job is refused once, and never requeued (I5)',
    async (acknowledge, rejected) => {
      const { definition } = heldWorker({ acknowledge });
      const worker = await stage.play(definition);
      const job = await stage.engine.send('held:Hold', bad);
      expect(await job.final()).toMatchObject({ status: 'failed', data: { code: 'PARAMETERS_INVALID' } });
      await worker.reached('listening');
      await stage.broker.idle();
      expect(counts()).toMatchObject({ readyCount: 0, unsettledCount: 0, rejectedCount: rejected });
      expect(job.statuses).toEqual(['failed']);
    },
  );

  it('settled: a job nobody waits for any more is not begun, and rejected', async () => {
    const { definition, begun } = heldWorker({ acknowledge: 'settled' });
    const worker = await stage.play(definition);
    await stage.engine.send('held:Hold', { replyTo: 'gone' });
    await worker.reached('rejected');
    await stage.broker.idle();
    expect(begun.all).toEqual([]);
    expect(counts()).toMatchObject({ readyCount: 0, unsettledCount: 0, rejectedCount: 1 });
    expect(worker.status().counts).toMatchObject({ unanswered: 1 });
  });
});

describe('a delivery that is lost while its step runs', () => {
  it('aborts the step, which is told why, and the job is done again', async () => {
    const { definition, step } = heldWorker({ acknowledge: 'settled' });
    const worker = await stage.play(definition);
    const job = await stage.engine.send('held:Hold');
    const first = await step();
    stage.broker.cut(worker.name);
    await worker.reached('lost');
    expect(first.context.signal.reason).toBeInstanceOf(NeedfulError);
    expect(first.context.signal.reason).toMatchObject({ code: 'DELIVERY_LOST' });
    first.end('too late');
    (await step(2)).end('second');
    expect(await job.final()).toMatchObject({ status: 'completed', data: 'second' });
    expect(job.statuses).toEqual(['started', 'started', 'completed']);
    expect(worker.status().counts).toMatchObject({ received: 2, redelivered: 1, lost: 1, completed: 1 });
  });

  it('lets it finish where the worker says so, and nobody is told how', async () => {
    const { definition, step } = heldWorker({ acknowledge: 'settled', deliveryLost: 'finish' });
    const worker = await stage.play(definition, { concurrency: 2 });
    const job = await stage.engine.send('held:Hold');
    const first = await step();
    stage.broker.cut(worker.name);
    const second = await step(2);
    expect(first.context.signal.aborted).toBe(false);
    first.end('first');
    await worker.reached('lost');
    second.end('second');
    expect(await job.final()).toMatchObject({ data: 'second' });
    expect(job.statuses).toEqual(['started', 'started', 'completed']);
  });

  it('was settled before under `received`: the job goes on, and is answered on the next channel', async () => {
    const { definition, step } = heldWorker();
    const worker = await stage.play(definition);
    const job = await stage.engine.send('held:Hold');
    const held = await step();
    stage.broker.cut(worker.name);
    await worker.reached('listening.flowing', 2);
    expect(held.context.signal.aborted).toBe(false);
    held.end(1);
    expect(await job.final()).toMatchObject({ status: 'completed', data: 1 });
    expect(job.statuses).toEqual(['started', 'completed']);
  });
});

describe('a job that was delivered before', () => {
  it('is refused where the worker does no job twice', async () => {
    const { definition, step } = heldWorker({ acknowledge: 'settled', redelivered: 'fail' });
    const worker = await stage.play(definition);
    const job = await stage.engine.send('held:Hold');
    await step();
    stage.broker.cut(worker.name);
    expect(await job.final()).toMatchObject({ status: 'failed', data: { code: 'REDELIVERED' } });
    expect(job.statuses).toEqual(['started', 'failed']);
  });
});

describe('a reply', () => {
  it('whose confirm is lost is sent again, with the same message id', async () => {
    const { definition, step } = heldWorker();
    const worker = await stage.play(definition);
    const job = await stage.engine.send('held:Hold');
    const held = await step();
    const taken = stage.withhold('completed');
    held.end(1);
    await taken;
    stage.broker.cut(worker.name);
    await worker.reached('replyUnknown');
    stage.release();
    await worker.reached('listening', 1);
    await stage.broker.idle();
    const finals = stage.replies.filter(({ status }) => status === 'completed');
    expect(finals).toHaveLength(2);
    expect(new Set(finals.map(({ messageId }) => messageId)).size).toBe(1);
    expect(job.statuses).toEqual(['started', 'completed', 'completed']);
    expect(worker.status().counts).toMatchObject({ completed: 1, unanswered: 0 });
  });

  it('whose confirm is lost is given up where the worker says so', async () => {
    const { definition, step } = heldWorker({ unknownReply: 'giveUp' });
    const worker = await stage.play(definition);
    const job = await stage.engine.send('held:Hold');
    const held = await step();
    const taken = stage.withhold('completed');
    held.end(1);
    await taken;
    stage.broker.cut(worker.name);
    await worker.reached('unanswered');
    stage.release();
    await worker.reached('listening.flowing', 2);
    await stage.broker.idle();
    expect(job.statuses).toEqual(['started', 'completed']);
    expect(worker.status().counts).toMatchObject({ completed: 0, unanswered: 1 });
  });

  it('that is never confirmed ends its channel, and is sent again on the next', async () => {
    const clock = new SimulatedClock();
    const { definition, step } = heldWorker();
    const worker = await stage.play(definition, { clock, replyDeadlineMs: 60_000 });
    const job = await stage.engine.send('held:Hold');
    const held = await step();
    const taken = stage.withhold('completed');
    held.end(1);
    await taken;
    clock.increment(60_000);
    await worker.reached('replyUnknown');
    await worker.reached('reconnecting');
    stage.release();
    await until('the worker listens again', async () => {
      clock.increment(10);
      return worker.status().ready && worker.status().counts.completed === 1;
    });
    expect(job.statuses).toEqual(['started', 'completed', 'completed']);
    expect(worker.transitions.all.map(({ event }) => event)).toContain('broker.deaf');
  });

  it('waits for the gap that an original engine needs after `started`', async () => {
    const clock = new SimulatedClock();
    const { definition, step } = heldWorker();
    const worker = await stage.play(definition, { clock, minimumReplyGapMs: 40 });
    const job = await stage.engine.send('held:Hold');
    (await step()).end(1);
    await worker.reached('completed');
    await stage.broker.idle();
    expect(job.statuses).toEqual(['started']);
    clock.increment(40);
    expect(await job.final()).toMatchObject({ data: 1 });
  });
});

describe('a policy', () => {
  const steps = { A: { run: () => 1 } };
  it.each([
    [{ acknowledge: 'never' }, '`acknowledge` must be one of received, verified, settled'],
    [{ unknownReply: 'maybe' }, '`unknownReply` must be one of resend, giveUp'],
    [{ redelivered: 'skip' }, '`redelivered` must be one of run, fail'],
    [{ deliveryLost: 'finish' }, "`deliveryLost` wants `acknowledge: 'settled'`"],
    [{ retry: 3 }, '`retry` must be `{ attempts, … }`'],
    [{ retry: { attempts: 0 } }, '`attempts` of `retry` must be a whole number from 1 on'],
    [{ retry: { attempts: 2, backofMs: 1 } }, '`backofMs` is not known; did you mean `backoffMs`?'],
    [
      { retry: { attempts: 2, backoffMs: -1 } },
      '`backoffMs` and `maxBackoffMs` of `retry` must be milliseconds',
    ],
    [{ acknowledg: 'settled' }, '`acknowledg` is not known; did you mean `acknowledge`?'],
  ])('%j that is none is refused', (policy, message) => {
    expect(() => defineWorker({ name: 'odd', steps, ...policy } as never)).toThrow(message);
  });

  it('cannot be said of a whole flow, which draws it itself', () => {
    const { definition } = heldWorker();
    const odd = { name: 'odd', steps, flow: definition.flow, acknowledge: 'settled' as const };
    expect(() => defineWorker(odd)).toThrow('`acknowledge` means nothing to a whole flow');
  });

  it.each([
    [{}, '`deadLetter` must be `{ exchange, routingKey? }`'],
    [{ exchange: '' }, '`deadLetter` with the default exchange needs a `routingKey`'],
    [{ exchange: 5 }, '`deadLetter` must be `{ exchange, routingKey? }`'],
  ])('deadLetter %j is refused', (deadLetter, message) => {
    const { definition } = heldWorker();
    expect(() => stage.worker(definition, { deadLetter } as never)).toThrow(message);
  });
});

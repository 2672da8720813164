// What a worker decides about its jobs: when they are acknowledged, tried again, given up, put among the dead letters.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { z } from 'zod';
import type { Acknowledge, JobPolicy } from '../../machines/index.js';
import { NeedfulError } from '../../src/contract/errors.js';
import type { Delivery } from '../../src/transport.js';
import { defineWorker } from '../../src/worker/define-worker.js';
import { failed, type Retry, type StepContext, type Worker } from '../../src/worker/definition.js';
import { Trace, turn, until } from '../adapters/bus.js';
import { loggerThat, Stage } from './stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage({ resent: 'counted' });
});
afterEach(() => stage.end());

interface Held {
  readonly context: StepContext<{ n?: number | undefined }, object>;
  end(data?: unknown): void;
  fail(error: unknown): void;
}

/** A worker whose step lasts until the test ends it. */
function holding(policy: JobPolicy & { readonly redelivered?: 'fail'; readonly retry?: Retry } = {}) {
  const begun = new Trace<Held>();
  const definition = defineWorker({
    name: 'held',
    ...(policy as JobPolicy<'received'>),
    steps: {
      Hold: {
        parameters: z.object({ n: z.number().optional() }),
        run: (context) =>
          new Promise<unknown>((end, fail) => {
            begun.add({ context, end, fail });
          }),
      },
    },
  }) as Worker;
  const step = async (count = 1) => {
    const found = (await begun.first(count)).at(-1);
    if (found === undefined) throw new Error('no step began');
    return found;
  };
  return { definition, begun, step };
}
const counts = () => stage.broker.queue('worker.held');
const bad = { parameters: { n: 'many' } };

describe('acknowledge', () => {
  const unsettledWhile: Record<Acknowledge, readonly [started: number, running: number, done: number]> = {
    received: [0, 0, 0],
    verified: [0, 0, 0],
    settled: [1, 1, 0],
  };
  it.each(Object.entries(unsettledWhile) as [Acknowledge, readonly number[]][])(
    '%s: the delivery is settled when the policy says so',
    async (acknowledge, unsettled) => {
      const { definition, step } = holding({ acknowledge });
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
      const { definition } = holding({ acknowledge });
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
    const { definition, begun } = holding({ acknowledge: 'settled' });
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
    const { definition, step } = holding({ acknowledge: 'settled' });
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
    const { definition, step } = holding({ acknowledge: 'settled', deliveryLost: 'finish' });
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
    const { definition, step } = holding();
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
    const { definition, step } = holding({ acknowledge: 'settled', redelivered: 'fail' });
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
    const { definition, step } = holding();
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
    const { definition, step } = holding({ unknownReply: 'giveUp' });
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
    const { definition, step } = holding();
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
    const { definition, step } = holding();
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

describe('retry', () => {
  const retry = { attempts: 3, backoffMs: 100 };
  const random = () => 0.5;

  it('tries a step again after growing pauses, with one `started` and one final reply', async () => {
    const clock = new SimulatedClock();
    const { definition, step } = holding({ retry });
    const worker = await stage.play(definition, { clock, random });
    const job = await stage.engine.send('held:Hold');
    (await step(1)).fail(new Error('not yet'));
    await worker.reached('retrying');
    clock.increment(49);
    await turn();
    expect(worker.status().lanes).toMatchObject([{ state: 'retrying' }]);
    clock.increment(1);
    const second = await step(2);
    expect(second.context.attempt).toBe(2);
    second.fail(new Error('not yet'));
    await worker.reached('retrying', 2);
    clock.increment(100);
    (await step(3)).end('at last');
    expect(await job.final()).toMatchObject({ status: 'completed', data: 'at last' });
    expect(job.statuses).toEqual(['started', 'completed']);
    expect(worker.status().counts).toMatchObject({ received: 1, retried: 2, completed: 1 });
  });

  it('ends with the last failure', async () => {
    const clock = new SimulatedClock();
    const { definition, step } = holding({ retry: { attempts: 2, backoffMs: 0 } });
    const worker = await stage.play(definition, { clock });
    const job = await stage.engine.send('held:Hold');
    (await step(1)).end(failed('first'));
    await worker.reached('retrying');
    clock.increment(1);
    (await step(2)).end(failed('second'));
    expect(await job.final()).toMatchObject({ status: 'failed', data: 'second' });
  });

  it('ends at once with a failure that is final', async () => {
    const { definition, step } = holding({ retry });
    const worker = await stage.play(definition);
    const job = await stage.engine.send('held:Hold');
    (await step()).end(failed('for good', { final: true }));
    expect(await job.final()).toMatchObject({ status: 'failed', data: 'for good' });
    expect(worker.status().counts.retried).toBe(0);
  });

  it('can be cancelled in its pause', async () => {
    const clock = new SimulatedClock();
    const { definition, step } = holding({ retry });
    const worker = await stage.play(definition, { clock });
    const job = await stage.engine.send('held:Hold');
    (await step()).fail(new Error('not yet'));
    await worker.reached('retrying');
    expect(worker.cancel(job.correlationId, 'enough')).toBe(true);
    expect(await job.final()).toMatchObject({
      data: { code: 'CANCELLED', message: 'the job was cancelled: enough' },
    });
  });
});

describe('a step that does not listen to its signal', () => {
  it('is counted as orphaned, and its late result completes no other job', async () => {
    const clock = new SimulatedClock();
    const { definition, step } = holding();
    const worker = await stage.play(definition, { clock });
    const first = await stage.engine.send('held:Hold');
    const deaf = await step();
    expect(worker.cancel(first.correlationId)).toBe(true);
    expect(await first.final()).toMatchObject({ data: { code: 'CANCELLED' } });
    expect(deaf.context.signal.reason).toMatchObject({ code: 'CANCELLED' });
    const second = await stage.engine.send('held:Hold');
    const next = await step(2);
    clock.increment(1000);
    expect(worker.status().counts).toMatchObject({ orphaned: 1 });
    deaf.end('of the first');
    await turn();
    expect(second.statuses).toEqual(['started']);
    next.end('of the second');
    expect(await second.final()).toMatchObject({ data: 'of the second' });
    expect(first.statuses).toEqual(['started', 'failed']);
  });

  it('is not counted when it ends in time', async () => {
    const clock = new SimulatedClock();
    const { definition, step } = holding();
    const worker = await stage.play(definition, { clock });
    const job = await stage.engine.send('held:Hold');
    const held = await step();
    worker.cancel(job.correlationId);
    held.fail(held.context.signal.reason);
    await turn();
    clock.increment(1000);
    expect(worker.status().counts).toMatchObject({ orphaned: 0, failed: 1 });
  });
});

describe('a dead letter', () => {
  const deadLetter = { exchange: '', routingKey: 'graveyard' };
  async function graveyard() {
    const letters = new Trace<Delivery>();
    await stage.engine.open();
    const { transport } = stage.engine;
    await transport.declare({ exchanges: [], queues: [{ name: 'graveyard', durable: true }], bindings: [] });
    await transport.consume('graveyard', {
      onDelivery: (delivery) => {
        delivery.settle('acknowledge');
        letters.add(delivery);
      },
    });
    return letters;
  }

  it.each(['received', 'verified', 'settled'] as const)(
    '%s: an invalid job goes there with its reason, before its delivery is settled',
    async (acknowledge) => {
      const { definition } = holding({ acknowledge });
      const letters = await graveyard();
      const worker = stage.worker(definition, { deadLetter });
      await worker.start();
      const job = await stage.engine.send('held:Hold', bad);
      const [letter] = await letters.first(1);
      expect(JSON.parse(String(letter?.body))).toMatchObject({ parameters: { n: 'many' } });
      expect(letter?.properties).toMatchObject({
        correlationId: job.correlationId,
        headers: {
          'x-needful-reason': 'PARAMETERS_INVALID',
          'x-needful-step': 'Hold',
          'x-needful-worker': 'held',
          'x-needful-queue': 'worker.held',
          'x-needful-attempt': 1,
          'x-needful-state': expect.stringMatching(/^received .*parsing invalid deadLettering$/),
          'x-needful-issues': expect.stringContaining('"path":["n"]'),
        },
      });
      await worker.reached('listening');
      expect(worker.status().counts).toMatchObject({ invalid: 1, deadLettered: 1 });
      expect(job.statuses).toEqual(['failed']);
    },
  );

  it('holds what was done and can be told to nobody', async () => {
    const { definition, step } = holding();
    const letters = await graveyard();
    const worker = stage.worker(definition, { deadLetter });
    await worker.start();
    const { transport } = stage.engine;
    await transport.declare({ exchanges: [], queues: [{ name: 'leaves', durable: true }], bindings: [] });
    await stage.engine.send('held:Hold', { replyTo: 'leaves' });
    const held = await step();
    stage.broker.deleteQueue('leaves');
    held.end(7);
    const [letter] = await letters.first(1);
    expect(letter?.properties.headers).toMatchObject({
      'x-needful-reason': 'UNANSWERED_COMPLETED',
      'x-needful-state': expect.stringMatching(/completed unanswered deadLettering$/),
    });
    await worker.reached('listening');
    expect(worker.status().counts).toMatchObject({ unanswered: 1, deadLettered: 1 });
  });

  it('is sent again on the next channel when this one ends, and the lane waits for it', async () => {
    const { definition } = holding();
    const letters = await graveyard();
    const worker = stage.worker(definition, { deadLetter });
    await worker.start();
    const taken = new Promise<void>((resolve) => {
      const untap = stage.broker.tap((event) => {
        if (event.type !== 'published' || event.message.routingKey !== 'graveyard') return;
        untap();
        stage.broker.holdConfirms();
        resolve();
      });
    });
    const job = await stage.engine.send('held:Hold', bad);
    await taken;
    stage.broker.cut(worker.name);
    await worker.reached('reconnecting');
    expect(worker.status().lanes).toMatchObject([{ state: 'deadLettering' }]);
    await worker.reached('deadLettering', 2);
    stage.release();
    await worker.reached('listening');
    // The broker had the first one too: a dead letter may come twice, never not at all.
    expect(await letters.first(2)).toHaveLength(2);
    expect(worker.status().counts).toMatchObject({ deadLettered: 1 });
    expect(job.statuses).toEqual(['failed']);
  });

  it('that no queue takes is logged whole, and the lane goes on', async () => {
    const { definition, step } = holding();
    await graveyard();
    const logged: unknown[] = [];
    const logger = loggerThat((message, fields) => {
      if (message === 'the dead letter was not taken') logged.push(fields);
    });
    const worker = stage.worker(definition, { deadLetter, logger });
    await worker.start();
    stage.broker.deleteQueue('graveyard');
    const lost = await stage.engine.send('held:Hold', bad);
    await worker.reached('listening');
    expect(logged).toMatchObject([
      {
        correlationId: lost.correlationId,
        body: expect.stringContaining('"many"'),
        outcome: { status: 'failed' },
      },
    ]);
    const next = await stage.engine.send('held:Hold');
    (await step()).end(1);
    expect(await next.final()).toMatchObject({ data: 1 });
    expect(worker.status().counts).toMatchObject({ deadLettered: 0 });
  });

  it.each([
    [{ exchange: 'nowhere' }, 'EXCHANGE_MISSING'],
    [{ exchange: '', routingKey: 'nowhere' }, 'QUEUE_MISSING'],
  ])('has a place that is there when the worker starts: %j', async (to, code) => {
    const { definition } = holding();
    const worker = stage.worker(definition, { deadLetter: to });
    await expect(worker.start()).rejects.toMatchObject({ code });
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
    const { definition } = holding();
    const odd = { name: 'odd', steps, flow: definition.flow, acknowledge: 'settled' as const };
    expect(() => defineWorker(odd)).toThrow('`acknowledge` means nothing to a whole flow');
  });

  it.each([
    [{}, '`deadLetter` must be `{ exchange, routingKey? }`'],
    [{ exchange: '' }, '`deadLetter` with the default exchange needs a `routingKey`'],
    [{ exchange: 5 }, '`deadLetter` must be `{ exchange, routingKey? }`'],
  ])('deadLetter %j is refused', (deadLetter, message) => {
    const { definition } = holding();
    expect(() => stage.worker(definition, { deadLetter } as never)).toThrow(message);
  });
});

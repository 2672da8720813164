// Steps that are tried again, and steps that do not end when they are told to.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { failed } from '../../src/worker/definition.js';
import { turn } from '../adapters/bus.js';
import { heldWorker } from './held-worker.js';
import { Stage } from './stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage({ resent: 'counted' });
});
afterEach(() => stage.end());

describe('retry', () => {
  const retry = { attempts: 3, backoffMs: 100 };
  const random = () => 0.5;

  it('tries a step again after growing pauses, with one `started` and one final reply', async () => {
    const clock = new SimulatedClock();
    const { definition, step } = heldWorker({ retry });
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
    const { definition, step } = heldWorker({ retry: { attempts: 2, backoffMs: 0 } });
    const worker = await stage.play(definition, { clock });
    const job = await stage.engine.send('held:Hold');
    (await step(1)).end(failed('first'));
    await worker.reached('retrying');
    clock.increment(1);
    (await step(2)).end(failed('second'));
    expect(await job.final()).toMatchObject({ status: 'failed', data: 'second' });
  });

  it('ends at once with a failure that is final', async () => {
    const { definition, step } = heldWorker({ retry });
    const worker = await stage.play(definition);
    const job = await stage.engine.send('held:Hold');
    (await step()).end(failed('for good', { final: true }));
    expect(await job.final()).toMatchObject({ status: 'failed', data: 'for good' });
    expect(worker.status().counts.retried).toBe(0);
  });

  it('can be cancelled in its pause', async () => {
    const clock = new SimulatedClock();
    const { definition, step } = heldWorker({ retry });
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
    const { definition, step } = heldWorker();
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
    const { definition, step } = heldWorker();
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

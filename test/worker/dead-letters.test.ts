// Jobs that are invalid, or that nobody can be told about, go where dead letters are kept.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../src/transport.js';
import { Trace } from '../adapters/bus.js';
import { bad, heldWorker } from './held-worker.js';
import { loggerThat, Stage } from './stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage({ resent: 'counted' });
});
afterEach(() => stage.end());

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
      const { definition } = heldWorker({ acknowledge });
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
    const { definition, step } = heldWorker();
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
    const { definition } = heldWorker();
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
    const { definition, step } = heldWorker();
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
    const { definition } = heldWorker();
    const worker = stage.worker(definition, { deadLetter: to });
    await expect(worker.start()).rejects.toMatchObject({ code });
  });
});

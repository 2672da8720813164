// Jobs through lanes: how many at a time, in which order, and what can be seen of it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defineWorker } from '../../src/worker/define-worker.js';
import { failed, type Worker } from '../../src/worker/definition.js';
import { holdingWorker, Stage } from './stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.end());

const echo = defineWorker({
  name: 'echo',
  steps: {
    Say: { run: ({ job }) => job.parameters.word as string },
    Fail: { run: () => failed({ why: 'asked' }) },
  },
}) as Worker;

describe('lanes', () => {
  test('three lanes do three jobs at a time, and no fourth', async () => {
    const { definition, begun, held } = holdingWorker();
    const worker = await stage.play(definition, { concurrency: 3 });
    const jobs = [];
    for (let n = 0; n < 4; n++) jobs.push(await stage.engine.send('held:Hold'));
    await begun.first(3);
    await stage.broker.idle();
    expect(begun.all).toHaveLength(3);
    expect(worker.status().lanes.map(({ state }) => state)).toEqual(Array(3).fill('doingTheNeedful'));
    (await held(2)).end();
    await begun.first(4);
    for (const step of begun.all) step.end();
    await Promise.all(jobs.map((job) => job.final()));
  });

  test('jobs begin in the order of the queue', async () => {
    const { definition, begun } = holdingWorker();
    await stage.play(definition, { concurrency: 2 });
    const sent: string[] = [];
    for (let n = 0; n < 6; n++) sent.push((await stage.engine.send('held:Hold')).correlationId);
    for (let n = 1; n <= 6; n++) {
      const step = (await begun.first(n)).at(-1);
      step?.end();
    }
    expect(begun.all.map(({ context }) => context.correlationId)).toEqual(sent);
    await stage.broker.idle();
  });

  test('every job ends before its lane takes the next', async () => {
    const worker = await stage.play(echo);
    for (let n = 0; n < 20; n++) await stage.engine.send('echo:Say', { parameters: { word: n } });
    await worker.reached('listening', 20);
    const route = worker.route('job');
    const round = [
      'received',
      'acknowledged',
      'parsing',
      'verified',
      'doingTheNeedful',
      'completed',
      'listening',
    ];
    expect(route).toEqual(Array(20).fill(round).flat());
  });
});

describe('subscribe', () => {
  test('yields every microstep of a job, `always` included, with the event that led to it', async () => {
    const worker = await stage.play(echo);
    const job = await stage.engine.send('echo:Say', { parameters: { word: 'hello' } });
    await job.final();
    await worker.reached('listening');
    const seen = worker.transitions.all.filter(({ machine }) => machine === 'job');
    expect(seen.map(({ from, event, to }) => `${from} + ${event} -> ${to}`)).toEqual([
      'listening + delivery.received -> received',
      'received + delivery.received -> acknowledged',
      'acknowledged + delivery.received -> parsing',
      'parsing + delivery.received -> verified',
      'verified + reply.confirmed -> doingTheNeedful',
      'doingTheNeedful + step.completed -> completed',
      'completed + reply.confirmed -> listening',
    ]);
    const { correlationId } = job;
    expect(seen[0]).toMatchObject({ worker: 'echo', lane: 0, correlationId, step: null });
    expect(seen[3]).toMatchObject({ correlationId, step: 'Say' });
    expect(seen.every(({ at }, n) => at >= (seen[n - 1]?.at ?? 0))).toBe(true);
  });

  test("yields the worker's own states too", async () => {
    const worker = await stage.play(echo);
    await worker.stop();
    const states = [
      'connecting',
      'declaring',
      'consuming',
      'listening.flowing',
      'draining.connected',
      'stopped',
    ];
    expect(worker.route('worker')).toEqual(states);
    expect(worker.transitions.all.find(({ machine }) => machine === 'worker')).toMatchObject({
      from: 'initializing',
      event: 'start',
      lane: null,
      correlationId: null,
    });
  });

  test('ends with the function that it returned', async () => {
    const worker = await stage.play(echo);
    const seen: string[] = [];
    const end = worker.subscribe(({ to }) => seen.push(to));
    await (await stage.engine.send('echo:Say')).final();
    await worker.reached('listening');
    end();
    const count = seen.length;
    await (await stage.engine.send('echo:Say')).final();
    await worker.reached('listening', 2);
    expect(seen).toHaveLength(count);
    expect(count).toBeGreaterThan(0);
  });

  test('an observer that throws is sent home; the job is done and others still see', async () => {
    const worker = await stage.play(echo);
    let calls = 0;
    worker.subscribe(() => {
      calls += 1;
      throw new Error('not my day');
    });
    const job = await stage.engine.send('echo:Say', { parameters: { word: 'still here' } });
    expect(await job.final()).toMatchObject({ status: 'completed', data: 'still here' });
    await worker.reached('listening');
    expect(calls).toBe(1);
  });
});

describe('status', () => {
  test('says who does what, since when, for whom', async () => {
    const { definition, held } = holdingWorker();
    const worker = stage.worker(definition, { concurrency: 2 });
    expect(worker.status()).toEqual({
      worker: 'held',
      queue: 'worker.held',
      state: 'initializing',
      ready: false,
      lanes: [],
      counts: {
        received: 0,
        redelivered: 0,
        completed: 0,
        failed: 0,
        invalid: 0,
        unanswered: 0,
        retried: 0,
        orphaned: 0,
        deadLettered: 0,
        returned: 0,
        lost: 0,
        linesDropped: 0,
      },
    });
    await stage.engine.open();
    await worker.start();
    const job = await stage.engine.send('held:Hold');
    const step = await held();
    expect(worker.status()).toMatchObject({
      state: 'listening.flowing',
      ready: true,
      lanes: [
        { lane: 0, state: 'doingTheNeedful', correlationId: job.correlationId, step: 'Hold' },
        { lane: 1, state: 'listening', correlationId: null, step: null },
      ],
    });
    step.end();
    await job.final();
  });

  test('counts every job once, by how it ended', async () => {
    const worker = await stage.play(echo);
    for (const step of ['Say', 'Say', 'Fail', 'Shout'])
      await (await stage.engine.send(`echo:${step}`)).final();
    await stage.engine.send('echo:Say', { replyTo: 'gone' });
    await worker.reached('unanswered');
    await worker.reached('listening', 5);
    expect(worker.status().counts).toEqual({
      received: 5,
      redelivered: 0,
      completed: 2,
      failed: 1,
      invalid: 1,
      unanswered: 1,
      retried: 0,
      orphaned: 0,
      deadLettered: 0,
      returned: 0,
      lost: 0,
      linesDropped: 0,
    });
  });

  test('is plain data', async () => {
    const worker = await stage.play(echo);
    expect(structuredClone(worker.status())).toEqual(worker.status());
  });
});

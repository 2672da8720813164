// What is lost on the way and what becomes of the job: connections, channels, confirms, queues, on the embedded broker.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { releaseEngine } from '../../src/contract/release-engine.js';
import type { SentJob } from './engine.js';
import { holdingWorker, loggerThat, Stage } from './stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage({ resent: 'counted' });
});
afterEach(() => stage.end());

const statuses = () => stage.replies.map(({ status }) => status);

const probe = async (held: ReturnType<typeof holdingWorker>['held'], count: number): Promise<SentJob> => {
  const job = await stage.engine.send('held:Hold');
  (await held(count)).end('probe');
  expect(await job.final()).toMatchObject({ status: 'completed', data: 'probe' });
  return job;
};

describe('a connection that is cut', () => {
  test('while idle: the worker connects again and listens', async () => {
    const { definition, held } = holdingWorker();
    const worker = await stage.play(definition);
    stage.broker.cut(worker.name);
    await worker.reached('listening.flowing', 2);
    const states = ['reconnecting', 'connecting', 'declaring', 'consuming', 'listening.flowing'];
    expect(worker.route('worker').slice(-5)).toEqual(states);
    await probe(held, 1);
  });

  test('while the step runs: it runs on, and its final reply goes out on the next connection', async () => {
    const { definition, held } = holdingWorker();
    const worker = await stage.play(definition);
    const job = await stage.engine.send('held:Hold');
    const step = await held();
    stage.broker.cut(worker.name);
    await worker.reached('listening.flowing', 2);
    expect(step.context.signal.aborted).toBe(false);
    step.end('done all the same');
    expect(await job.final()).toMatchObject({ status: 'completed', data: 'done all the same' });
    expect(job.statuses).toEqual(['started', 'completed']);
  });

  test('while the step runs, which ends before there is a new connection: the reply waits for it', async () => {
    const { definition, held } = holdingWorker();
    const worker = await stage.play(definition);
    const job = await stage.engine.send('held:Hold');
    const step = await held();
    stage.broker.refuse();
    stage.broker.cut(worker.name);
    await worker.reached('reconnecting', 2);
    step.end(1);
    await worker.reached('replyUnknown');
    stage.broker.accept();
    expect(await job.final()).toMatchObject({ status: 'completed', data: 1 });
    await worker.reached('listening.flowing', 2);
    expect(job.statuses).toEqual(['started', 'completed']);
  });

  test('before the confirm of started: the needful is not begun, one failed with REPLY_UNKNOWN, no second started', async () => {
    const { definition, begun } = holdingWorker();
    const worker = await stage.play(definition);
    const taken = stage.withhold('started');
    const job = await stage.engine.send('held:Hold');
    await taken;
    stage.broker.cut(worker.name);
    stage.release();
    expect(await job.final()).toMatchObject({ status: 'failed', data: { code: 'REPLY_UNKNOWN' } });
    await worker.reached('listening');
    expect(statuses()).toEqual(['started', 'failed']);
    expect(begun.all).toEqual([]);
    expect(worker.route('job').slice(3)).toEqual(['verified', 'replyUnknown', 'failed', 'listening']);
  });

  test('before the confirm of completed: it is sent again with the same message id', async () => {
    const { definition, held } = holdingWorker();
    const worker = await stage.play(definition);
    await stage.engine.send('held:Hold');
    const step = await held();
    const taken = stage.withhold('completed');
    step.end('once');
    await taken;
    stage.broker.cut(worker.name);
    stage.release();
    await worker.reached('completed', 2);
    await worker.reached('listening');
    const [started, first, second] = stage.replies;
    expect(statuses()).toEqual(['started', 'completed', 'completed']);
    expect(second?.messageId).toBe(first?.messageId);
    expect(started?.messageId).not.toBe(first?.messageId);
  });

  test('before the confirm of a refusal: it is sent again with the same message id', async () => {
    const { definition } = holdingWorker();
    const worker = await stage.play(definition);
    const taken = stage.withhold('failed');
    await stage.engine.send('held:Unheard');
    await taken;
    stage.broker.cut(worker.name);
    stage.release();
    await worker.reached('invalid', 2);
    await worker.reached('listening');
    const [first, second] = stage.replies;
    expect(statuses()).toEqual(['failed', 'failed']);
    expect(second?.messageId).toBe(first?.messageId);
  });

  test('with a delivery that no lane had begun: it comes again', async () => {
    const { definition, held } = holdingWorker();
    const worker = await stage.play(definition);
    await stage.engine.send('held:Hold');
    const step = await held();
    const waiting = await stage.engine.send('held:Hold');
    await stage.broker.idle();
    expect(stage.broker.queue('worker.held')).toMatchObject({ readyCount: 0, unsettledCount: 1 });
    stage.broker.refuse();
    stage.broker.cut(worker.name);
    await stage.broker.idle();
    expect(stage.broker.queue('worker.held')).toMatchObject({ readyCount: 1, unsettledCount: 0 });
    step.end();
    stage.broker.accept();
    (await held(2)).end('second');
    expect(await waiting.final()).toMatchObject({ data: 'second' });
    expect(waiting.statuses).toEqual(['started', 'completed']);
  });
});

describe('a channel that is closed', () => {
  test('the jobs channel alone: a new one is opened on the same connection', async () => {
    const { definition, held } = holdingWorker();
    const worker = await stage.play(definition);
    const job = await stage.engine.send('held:Hold');
    const step = await held();
    stage.broker.closeChannel({ name: worker.name });
    await worker.reached('listening.flowing', 2);
    step.end('on the second channel');
    expect(await job.final()).toMatchObject({ status: 'completed', data: 'on the second channel' });
    await probe(held, 2);
  });

  test('the lines channel, as by a missing exchange, does not disturb the job', async () => {
    const { definition, held } = holdingWorker();
    const worker = await stage.play(definition, { notificationExchange: 'missing' });
    const job = await stage.engine.send('held:Hold', { notify: { soon: { irc: ['#ops'] } } });
    const { context, end } = await held();
    context.notify('soon', { slug: 'soon', message: 'soon' });
    await stage.broker.idle();
    context.output.info('still here');
    end();
    await job.final();
    expect(job.statuses).toEqual(['started', 'completed']);
    await worker.reached('listening');
    expect(worker.route('worker').at(-1)).toBe('listening.flowing');
  });
});

describe('a queue that is gone', () => {
  test('the reply queue, at started: the needful is not begun, nobody is told, the lane goes on', async () => {
    const { definition, begun, held } = holdingWorker();
    const worker = await stage.play(definition);
    await stage.engine.send('held:Hold', { replyTo: 'nobody.reads.this' });
    await worker.reached('unanswered');
    expect(begun.all).toEqual([]);
    expect(statuses()).toEqual(['started']);
    await probe(held, 1);
    expect(worker.status().counts).toMatchObject({ unanswered: 1, completed: 1 });
  });

  test('the reply queue, at completed: the needful was done, which is counted and logged', async () => {
    const { definition, held } = holdingWorker();
    const warnings: string[] = [];
    const worker = await stage.play(definition, { logger: loggerThat((message) => warnings.push(message)) });
    await stage.engine.send('held:Hold');
    const step = await held();
    stage.broker.deleteQueue(stage.engine.replyTo);
    step.end();
    await worker.reached('unanswered');
    expect(worker.status().counts).toMatchObject({ received: 1, completed: 0, unanswered: 1 });
    expect(warnings).toContain('nobody can be told how the job ended');
  });

  test("the worker's own queue: it is declared again", async () => {
    const { definition, held } = holdingWorker();
    const worker = await stage.play(definition);
    stage.broker.deleteQueue('worker.held');
    await worker.reached('listening.flowing', 2);
    expect(worker.route('worker').slice(-5)).toEqual([
      'reconnecting',
      'connecting',
      'declaring',
      'consuming',
      'listening.flowing',
    ]);
    await probe(held, 1);
  });

  test("the worker's own queue, where it may not declare: it waits until somebody makes it again", async () => {
    const { definition, held } = holdingWorker();
    stage.broker.declare(releaseEngine.topology('held'));
    const worker = await stage.play(definition, { topology: 'check' });
    stage.broker.deleteQueue('worker.held');
    await worker.reached('reconnecting', 3);
    expect(worker.status()).toMatchObject({ ready: false });
    stage.broker.declare(releaseEngine.topology('held'));
    await worker.reached('listening.flowing', 2);
    await probe(held, 1);
  });

  test('only its consumer: it consumes again', async () => {
    const { definition, held } = holdingWorker();
    const worker = await stage.play(definition);
    stage.broker.cancelConsumers('worker.held');
    await worker.reached('listening.flowing', 2);
    await probe(held, 1);
  });
});

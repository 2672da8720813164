// What the first, the second and the third signal do to a worker in each state that matters: real processes on RabbitMQ.
import { EventEmitter } from 'node:events';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { onSignals } from '../../src/cli/signals.js';
import { type Proxy as Cable, proxy } from '../adapters/amqp/peer.js';
import { describeRabbitMQ } from '../rabbitmq.js';
import { openEngine, said, type TestEngine } from './engine.js';
import { build, endAll, file, start } from './needful.js';

function stage() {
  const done: string[] = [];
  const emitter = new EventEmitter();
  const process = Object.assign(emitter, { exit: (code: number) => done.push(`exit ${code}`) });
  const end = onSignals(process as unknown as NodeJS.Process, {
    words: 'drains',
    drain: () => done.push('drain'),
    abort: () => done.push('abort'),
    say: (_, line) => done.push(line),
  });
  return { done, emitter, end };
}

describe('signals', () => {
  test('the first drains, the second aborts, the third exits with 128 and its number; each says what the next one does', () => {
    const { done, emitter } = stage();
    emitter.emit('SIGINT', 'SIGINT');
    emitter.emit('SIGTERM', 'SIGTERM');
    emitter.emit('SIGTERM', 'SIGTERM');
    emitter.emit('SIGINT', 'SIGINT');
    expect(done).toEqual([
      'drains; a second signal cancels running jobs, a third exits at once',
      'drain',
      'running jobs are cancelled; a third signal exits at once',
      'abort',
      'exits at once',
      'exit 143',
      'exits at once',
      'exit 130',
    ]);
  });

  test('a command that is over leaves them alone', () => {
    const { emitter, end } = stage();
    end();
    expect(emitter.listenerCount('SIGINT') + emitter.listenerCount('SIGTERM')).toBe(0);
  });
});

describeRabbitMQ('a worker that gets signals', ({ url }) => {
  let engine: TestEngine | undefined;
  let cable: Cable | undefined;
  beforeAll(build);
  afterEach(async () => {
    endAll();
    await engine?.close();
    await cable?.close();
    engine = cable = undefined;
  });

  async function run(options: { readonly url?: string; readonly env?: Record<string, string> } = {}) {
    const args = ['run', file('gate.ts'), '--json', '--declare', '--amqp', options.url ?? url];
    const worker = start(args, options.env === undefined ? {} : { env: options.env });
    await worker.line(/"type":"listening"/);
    return worker;
  }

  async function withJob(step: 'Hold' | 'Deaf', options: Parameters<typeof run>[0] = {}) {
    const worker = await run(options);
    engine = await openEngine(url);
    const job = engine.ask(`gate:${step}`);
    await worker.line(/"to":"doingTheNeedful"/);
    return { worker, job };
  }

  /** Behind a proxy that can take the broker away. */
  async function throughCable(): Promise<string> {
    cable = await proxy(new URL(url));
    const address = new URL(url);
    address.port = String(cable.port);
    return address.href;
  }

  const first = /"type":"signal".*no new jobs/;
  const second = /"type":"signal".*running jobs are cancelled; a third signal exits at once/;

  test.each(['SIGINT', 'SIGTERM'] as const)('%s while it listens: it drains, exit 0', async (signal) => {
    const worker = await run();
    worker.child.kill(signal);
    expect(await worker.exit).toBe(0);
    expect(said(worker, 'signal')).toEqual({
      type: 'signal',
      signal,
      message:
        'no new jobs, those that run have 25 s to end; a second signal cancels running jobs, a third exits at once',
    });
    expect(said(worker, 'stopped')).toMatchObject({ status: { state: 'stopped' } });
    expect(worker.stderr()).toBe('');
  });

  test('one with a job in hand: the job ends and is answered, the one that waits goes back; exit 0', async () => {
    const { worker, job } = await withJob('Hold');
    const waiting = engine?.ask('gate:Hold');
    await worker.line(/"to":"listening.full"/);
    worker.child.kill('SIGTERM');
    await worker.line(first);
    worker.child.kill('SIGUSR2');
    expect(await job.final).toMatchObject({ status: 'completed', data: 'let through' });
    expect(await worker.exit).toBe(0);
    expect(said(worker, 'stopped')).toMatchObject({
      status: { counts: { received: 1, completed: 1, returned: 1, unanswered: 0 } },
    });
    const next = await run();
    await next.line(/"to":"doingTheNeedful"/);
    next.child.kill('SIGUSR2');
    expect(await waiting?.final).toMatchObject({ status: 'completed' });
    expect(waiting?.statuses).toEqual(['started', 'completed']);
  });

  test('one, and the job does not end in time: it is told so; exit 75', async () => {
    const { worker, job } = await withJob('Hold', { env: { NEEDFUL_DRAIN_MS: '300' } });
    worker.child.kill('SIGTERM');
    expect(await job.final).toMatchObject({ status: 'failed', data: { code: 'CANCELLED' } });
    expect(await worker.exit).toBe(75);
    expect(said(worker, 'signal')?.message).toMatch(/those that run have 0\.3 s to end/);
    const message = 'worker gate stopped before its work was done: 1 job was cancelled';
    expect(worker.stderr()).toBe(
      `needful: DRAIN_DEADLINE_PASSED: ${message}\nRaise \`drainMs\`, or make steps heed their \`signal\`.\n`,
    );
    expect(said(worker, 'stopped')).toMatchObject({ error: { code: 'DRAIN_DEADLINE_PASSED', message } });
    expect(said(worker, 'error')).toMatchObject({ code: 'DRAIN_DEADLINE_PASSED', message, exit: 75 });
  });

  test.each(['Hold', 'Deaf'] as const)(
    'two with a job in hand (%s): it is told so at once; exit 75',
    async (step) => {
      const { worker, job } = await withJob(step);
      worker.child.kill('SIGINT');
      await worker.line(first);
      worker.child.kill('SIGTERM');
      await worker.line(second);
      expect(await job.final).toMatchObject({ status: 'failed', data: { code: 'CANCELLED' } });
      expect(await worker.exit).toBe(75);
    },
  );

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('three, the last a %s, over a link that is dead: exit %i', async (signal, code) => {
    const { worker, job } = await withJob('Hold', { url: await throughCable() });
    cable?.freeze();
    worker.child.kill('SIGINT');
    await worker.line(first);
    worker.child.kill('SIGINT');
    await worker.line(second);
    worker.child.kill(signal);
    expect(await worker.exit).toBe(code);
    expect(said(worker, 'signal')).toEqual({ type: 'signal', signal, message: 'exits at once' });
    expect(job.statuses).toEqual(['started']);
  });

  test.each(['SIGHUP', 'SIGQUIT'] as const)('a %s: what Node does with it', async (signal) => {
    const worker = await run();
    worker.child.kill(signal);
    await worker.exit;
    expect(worker.child.signalCode).toBe(signal);
    expect(said(worker, 'signal')).toBe(undefined);
  });

  test('one while no broker answers yet: exit 0', async () => {
    const address = await throughCable();
    await cable?.close();
    const worker = start(['run', file('gate.ts'), '--json', '--amqp', address]);
    await worker.line(/"to":"reconnecting"/);
    worker.child.kill('SIGTERM');
    expect(await worker.exit).toBe(0);
    expect(said(worker, 'stopped')).toMatchObject({ status: { state: 'stopped' } });
    expect(said(worker, 'error')).toBe(undefined);
  });

  test('one while the broker takes the connection and says nothing: exit 0', async () => {
    const address = await throughCable();
    cable?.freeze();
    const worker = start(['run', file('gate.ts'), '--json', '--amqp', address]);
    await worker.line(/"to":"connecting"/);
    await cable?.connected;
    worker.child.kill('SIGTERM');
    expect(await worker.exit).toBe(0);
  });

  test('one while the broker is gone and nothing is in hand: exit 0', async () => {
    const worker = await run({ url: await throughCable() });
    await cable?.close();
    await worker.line(/"to":"reconnecting"/);
    worker.child.kill('SIGTERM');
    expect(await worker.exit).toBe(0);
  });

  test('one while the broker is gone, with a job in hand, and it does not come back in time: exit 75', async () => {
    const options = { url: await throughCable(), env: { NEEDFUL_DRAIN_MS: '500' } };
    const { worker, job } = await withJob('Hold', options);
    await cable?.close();
    await worker.line(/"to":"reconnecting"/);
    worker.child.kill('SIGTERM');
    expect(await worker.exit).toBe(75);
    expect(said(worker, 'error')?.message).toBe(
      'worker gate stopped before its work was done: 1 job was cancelled; nobody could be told of 1',
    );
    expect(said(worker, 'stopped')).toMatchObject({ status: { counts: { received: 1, unanswered: 1 } } });
    expect(worker.stderr()).toMatch(/"msg":"[^"]*nobody[^"]*"/);
    expect(job.statuses).toEqual(['started']);
  });

  test('one to who sent the job: it is not waited for, exit 1; the worker ends its job and tells nobody', async () => {
    const worker = await run();
    const sending = start(['send', 'gate:Hold', '--json', '--amqp', url]);
    await worker.line(/"to":"doingTheNeedful"/);
    await sending.line(/"status":"started"/);
    sending.child.kill('SIGINT');
    expect(await sending.exit).toBe(1);
    expect(said(sending, 'error')).toMatchObject({ code: 'CANCELLED', exit: 1 });
    worker.child.kill('SIGUSR2');
    await worker.line(/"to":"unanswered"/);
    worker.child.kill('SIGTERM');
    expect(await worker.exit).toBe(0);
  });

  test('F21 one after Needful broke a promise: it went on, and now says so; exit 70', async () => {
    // The worker is given the number of another delivery, and settles that.
    cable = await proxy(new URL(url), (bytes) => {
      const at = bytes.indexOf(deliver);
      if (at >= 0)
        bytes.writeBigUInt64BE(77n, at + deliver.length + 1 + bytes.readUInt8(at + deliver.length));
      return bytes;
    });
    const address = new URL(url);
    address.port = String(cable.port);
    const worker = await run({ url: address.href });
    engine = await openEngine(url);
    engine.ask('gate:Hold');
    await worker.line(/"to":"reconnecting"/);
    worker.child.kill('SIGTERM');
    expect(await worker.exit).toBe(70);
    expect(worker.stderr()).toMatch(/"level":60,.*"msg":"the broker closed a channel over a delivery"/);
    expect(said(worker, 'error')).toMatchObject({
      code: 'PROMISE_BROKEN',
      message: expect.stringMatching(
        /^worker gate: the broker closed a channel over a delivery: .*unknown delivery tag 77/,
      ),
    });
  });
});

/** The method basic.deliver; behind it the consumer tag, then the number of the delivery. */
const deliver = Buffer.from([0, 60, 0, 60]);

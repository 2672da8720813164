import { afterEach, describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { createMemoryBroker } from '../../adapters/memory/index.js';
import { jobFlow } from '../../machines/index.js';
import type { Client, ClientOptions, JobEvent } from '../../src/client/client.js';
import { createClient } from '../../src/client/create-client.js';
import {
  completed,
  declareWorkerQueue,
  failed,
  type SeenJob,
  started,
  startForeignWorker,
} from './foreign-worker.js';

const clients: Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

async function setUp(options: Partial<ClientOptions> = {}) {
  const broker = createMemoryBroker();
  const clock = new SimulatedClock();
  const warnings: string[] = [];
  const logger = { warn: (_: object, message: string) => void warnings.push(message) };
  const client = createClient({ transport: broker.connect({ name: 'client' }), clock, logger, ...options });
  clients.push(client);
  await client.open();
  return { broker, clock, client, warnings };
}

async function read(run: AsyncIterable<JobEvent>): Promise<string[]> {
  const seen: string[] = [];
  for await (const event of run) {
    if (event.type === 'reply') seen.push(event.status);
    else seen.push(`${event.type}: ${event.message}`);
  }
  return seen;
}

describe('a job that is answered', () => {
  it('is sent with the properties of an engine and yields its replies up to the final one', async () => {
    const { broker, client } = await setUp();
    const worker = await startForeignWorker(broker, {
      name: 'sleep',
      script: () => [started, { body: { status: 'completed', data: 1 } }],
    });
    const run = client.send({ step: 'sleep:Seconds', group: 'g', parameters: { seconds: 1 }, hosts: ['a'] });
    expect(await read(run)).toEqual(['started', 'completed']);
    expect(await run.result).toEqual({ status: 'completed', data: 1 });
    const job = await worker.job(0);
    expect(job.routingKey).toBe('worker.sleep');
    expect(job.properties.replyTo).toBe(client.status().replyQueue);
    expect(job.properties.correlationId).toBe(run.correlationId);
    expect(run.correlationId).toMatch(/^[0-9a-f]{24}$/);
    expect(job.body).toEqual({
      group: 'g',
      parameters: { command: 'sleep', subcommand: 'Seconds', seconds: 1, hosts: ['a'] },
      dynamic: {},
      notify: {},
    });
  });

  it('resolves with failed when the worker says so, with its data', async () => {
    const { broker, client } = await setUp();
    await startForeignWorker(broker, {
      name: 'noop',
      script: () => [{ body: { status: 'failed', data: { why: 1 } } }],
    });
    const run = client.send({ step: 'noop:Fail' });
    expect(await run.result).toEqual({ status: 'failed', data: { why: 1 } });
    expect(await read(run)).toEqual(['failed']);
  });

  it('gets its own replies when many wait and they come in any order', async () => {
    const { broker, client } = await setUp();
    const worker = await startForeignWorker(broker, { name: 'noop', script: () => [] });
    const runs = Array.from({ length: 50 }, (_, n) => client.send({ step: 'noop:X', parameters: { n } }));
    await worker.job(49);
    expect(client.status().openCount).toBe(50);
    const byNumber = (job: SeenJob) => ({ body: { status: 'completed', data: job.body.parameters.n } });
    for (const job of [...worker.jobs].reverse()) worker.answer(job, started, byNumber(job));
    const replies = await Promise.all(runs.map((run) => run.result));
    expect(replies.map((reply) => reply.data)).toEqual(runs.map((_, n) => n));
    expect(new Set(runs.map((run) => run.correlationId)).size).toBe(50);
    expect(client.status().openCount).toBe(0);
  });

  it('sends all that a typed job says, under the name of its worker', async () => {
    const { broker, client } = await setUp();
    const worker = await startForeignWorker(broker, { name: 'noop', script: () => [started, completed] });
    const definition = {
      name: 'noop',
      appId: 'a',
      outputName: 'N',
      replyTo: 'required',
      redelivered: 'run',
      steps: new Map(),
      flow: jobFlow,
    } as const;
    await client.send(definition, { step: 'X', parameters: { a: 1 }, dynamic: { b: 2 } }).result;
    expect((await worker.job(0)).body).toMatchObject({
      parameters: { command: 'noop', subcommand: 'X', a: 1 },
      dynamic: { b: 2 },
    });
  });

  it('drops a reply that comes again under the same message id', async () => {
    const { broker, client } = await setUp();
    const again = { body: { status: 'started' }, properties: { messageId: 'm1' } };
    await startForeignWorker(broker, { name: 'noop', script: () => [again, again, completed] });
    expect(await read(client.send({ step: 'noop:X' }))).toEqual(['started', 'completed']);
    expect(client.status().droppedCount).toBe(1);
  });

  it('drops replies after the final one, and says so', async () => {
    const { broker, client, warnings } = await setUp();
    await startForeignWorker(broker, { name: 'noop', script: () => [started, completed, completed] });
    await client.send({ step: 'noop:X' }).result;
    await broker.idle();
    expect(client.status().droppedCount).toBe(1);
    expect(warnings).toEqual(['a reply of no job that waits is dropped']);
  });
});

describe('a worker that leaves the protocol', () => {
  it('is believed when completed comes without started, with a warning', async () => {
    const { broker, client } = await setUp();
    await startForeignWorker(broker, { name: 'noop', script: () => [completed] });
    const run = client.send({ step: 'noop:X' });
    expect(await read(run)).toEqual(['warning: noop:X: completed came without started', 'completed']);
  });

  it('may start again, as a job that was delivered again does', async () => {
    const { broker, client } = await setUp();
    await startForeignWorker(broker, { name: 'noop', script: () => [started, started, failed] });
    const seen = await read(client.send({ step: 'noop:X' }));
    expect(seen).toEqual(['started', expect.stringMatching(/^warning: .*came again/), 'started', 'failed']);
  });

  it('is taken with a foreign correlation id while one job waits, not while two do', async () => {
    const { broker, client, warnings } = await setUp();
    const foreign = { body: { status: 'started' }, properties: { correlationId: 'None' } };
    const worker = await startForeignWorker(broker, { name: 'noop', script: () => [foreign] });
    const first = client.send({ step: 'noop:X' });
    await worker.job(0);
    await broker.idle();
    const second = client.send({ step: 'noop:X' });
    await worker.job(1);
    await broker.idle();
    for (const job of worker.jobs) worker.answer(job, completed);
    expect(await read(first)).toEqual([
      expect.stringMatching(/foreign correlation id/),
      'started',
      'completed',
    ]);
    expect(await read(second)).toEqual([expect.stringMatching(/without started/), 'completed']);
    expect(warnings).toContain('a reply of no job that waits is dropped');
  });

  it.each([
    ['not JSON', { text: 'yes' }],
    ['an empty body', { text: '' }],
    ['a list', { body: [] }],
    ['null', { body: null }],
    ['no status', { body: { state: 'started' } }],
    ['an unknown status', { body: { status: 'errored' } }],
    ['a status in capitals', { body: { status: 'STARTED' } }],
  ])('ends the job with REPLY_MALFORMED when a reply is %s', async (_, answer) => {
    const { broker, client } = await setUp();
    await startForeignWorker(broker, { name: 'noop', script: () => [answer] });
    const run = client.send({ step: 'noop:X' });
    await expect(run.result).rejects.toMatchObject({ code: 'REPLY_MALFORMED' });
    await expect(read(run)).rejects.toMatchObject({ code: 'REPLY_MALFORMED' });
  });
});

describe('a job without a final reply', () => {
  it('ends with JOB_UNDELIVERABLE when no queue is bound for it', async () => {
    const { broker, client } = await setUp();
    declareWorkerQueue(broker, 'noop');
    const run = client.send({ step: 'nope:X' });
    await expect(run.result).rejects.toMatchObject({
      code: 'JOB_UNDELIVERABLE',
      message: expect.stringContaining('worker.nope'),
    });
  });

  it('ends with EXCHANGE_MISSING when there is none, and the client opens again', async () => {
    const { broker, client } = await setUp();
    await expect(client.send({ step: 'noop:X' }).result).rejects.toMatchObject({ code: 'EXCHANGE_MISSING' });
    expect(client.status().open).toBe(false);
    expect(() => client.send({ step: 'noop:X' })).toThrowError(
      expect.objectContaining({ code: 'TRANSPORT_CLOSED' }),
    );
    await client.open();
    await startForeignWorker(broker, { name: 'noop', script: () => [started, completed] });
    expect(await client.send({ step: 'noop:X' }).result).toEqual({ status: 'completed' });
  });

  it('ends with REPLY_DEADLINE_PASSED when nobody starts, and when nobody finishes', async () => {
    const { broker, client, clock } = await setUp();
    const worker = await startForeignWorker(broker, { name: 'noop', script: () => [] });
    const never = client.send({ step: 'noop:X' });
    clock.increment(60_000);
    await expect(never.result).rejects.toMatchObject({ code: 'REPLY_DEADLINE_PASSED' });
    const half = client.send({ step: 'noop:X', deadlineMs: 100 });
    worker.answer(await worker.job(1), started);
    await broker.idle();
    clock.increment(99);
    expect(client.status().openCount).toBe(1);
    clock.increment(1);
    await expect(read(half)).rejects.toMatchObject({
      code: 'REPLY_DEADLINE_PASSED',
      message: 'noop:X: expected a final reply within 100 ms, none came',
    });
  });

  it('waits for ever with a deadline of Infinity', async () => {
    const { broker, client, clock } = await setUp();
    const worker = await startForeignWorker(broker, { name: 'noop', script: () => [] });
    const run = client.send({ step: 'noop:X', deadlineMs: Number.POSITIVE_INFINITY });
    clock.increment(1e12);
    worker.answer(await worker.job(0), started, completed);
    expect(await run.result).toEqual({ status: 'completed' });
  });

  it('ends with CONNECTION_LOST when the connection is cut', async () => {
    const { broker, client } = await setUp();
    const worker = await startForeignWorker(broker, { name: 'noop', script: () => [started] });
    const run = client.send({ step: 'noop:X' });
    await worker.job(0);
    broker.cut('client');
    await expect(run.result).rejects.toMatchObject({ code: 'CONNECTION_LOST', retry: true });
  });

  it('ends with CHANNEL_CLOSED when somebody deletes the reply queue', async () => {
    const { broker, client } = await setUp();
    const worker = await startForeignWorker(broker, { name: 'noop', script: () => [started] });
    const run = client.send({ step: 'noop:X' });
    await worker.job(0);
    broker.deleteQueue(client.status().replyQueue ?? '');
    await expect(run.result).rejects.toMatchObject({ code: 'CHANNEL_CLOSED' });
  });

  it('ends with CANCELLED when it is cancelled, and when the client closes; nobody has to listen', async () => {
    const { broker, client } = await setUp();
    declareWorkerQueue(broker, 'noop');
    const run = client.send({ step: 'noop:X' });
    run.cancel('enough');
    await expect(run.result).rejects.toMatchObject({ code: 'CANCELLED', message: 'enough' });
    client.send({ step: 'noop:X' });
    const last = client.send({ step: 'noop:X' });
    await client.close();
    await expect(last.result).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('the client', () => {
  it.each([
    ['a correlation id that waits already', { step: 'noop:X', correlationId: 'c1' }],
    ['a deadline of nothing', { step: 'noop:X', deadlineMs: 0 }],
    ['parameters that cannot be JSON', { step: 'noop:X', parameters: { n: 1n } }],
  ])('refuses %s', async (_, job) => {
    const { broker, client } = await setUp();
    declareWorkerQueue(broker, 'noop');
    client.send({ step: 'noop:X', correlationId: 'c1' });
    expect(() => client.send(job)).toThrowError(expect.objectContaining({ code: 'OPTION_INVALID' }));
    expect(client.status().openCount).toBe(1);
  });

  it('declares nothing but its reply queue, which is gone after close', async () => {
    const { broker, client } = await setUp();
    const { replyQueue } = client.status();
    expect(broker.queue(replyQueue ?? '')).toMatchObject({ consumerCount: 1 });
    await client.close();
    await client.close();
    await broker.idle();
    expect(broker.queue(replyQueue ?? '')).toBeUndefined();
  });

  it('leaves a transport open that it found open, its queue is gone all the same', async () => {
    const broker = createMemoryBroker();
    const transport = broker.connect();
    await transport.open();
    const client = createClient({ transport });
    await client.open();
    const { replyQueue } = client.status();
    await client.close();
    await broker.idle();
    expect(transport.status.phase).toBe('open');
    expect(broker.queue(replyQueue ?? '')).toBeUndefined();
    await transport.close();
  });

  it('rejects open with the words of the transport, and may be opened again', async () => {
    const broker = createMemoryBroker();
    broker.refuse();
    const client = createClient({ transport: broker.connect() });
    clients.push(client);
    await expect(client.open()).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
    broker.accept();
    await client.open();
    expect(client.status().open).toBe(true);
  });

  it('hears output lines of its jobs and of others', async () => {
    const broker = createMemoryBroker();
    declareWorkerQueue(broker, 'noop');
    const client = createClient({ transport: broker.connect(), outputs: true });
    clients.push(client);
    await client.open();
    const lines: unknown[] = [];
    const end = client.subscribe(({ appId, message }) => lines.push([appId, message]));
    const worker = await startForeignWorker(broker, {
      name: 'noop',
      script: () => [{ line: 'one' }, started, { line: { two: 2 } }],
    });
    const run = client.send({ step: 'noop:X' });
    const job = await worker.job(0);
    await broker.idle();
    worker.answer(job, completed, { line: 'late' });
    const seen: unknown[] = [];
    for await (const event of run) seen.push(event.type === 'output' ? event.message : event.type);
    await broker.idle();
    // Lines and replies travel over different channels: each keeps its own order only.
    expect(seen.filter((event) => event !== 'reply')).toEqual(['one', { two: 2 }]);
    expect(seen.at(-1)).toBe('reply');
    expect(lines).toEqual([
      ['foreign', 'one'],
      ['foreign', { two: 2 }],
      ['foreign', 'late'],
    ]);
    end();
  });

  it('sends jobs although the broker refuses it the output lines, and says why', async () => {
    const broker = createMemoryBroker();
    const client = createClient({ transport: broker.connect(), outputs: true });
    clients.push(client);
    await client.open();
    expect(client.status()).toMatchObject({ open: true, outputs: 'refused' });
    expect(client.status().outputsProblem).toContain('re');
    await startForeignWorker(broker, { name: 'noop', script: () => [started, completed] });
    expect(await client.send({ step: 'noop:X' }).result).toEqual({ status: 'completed' });
  });

  it('goes on when an observer throws', async () => {
    const { broker, client, warnings } = await setUp();
    await startForeignWorker(broker, { name: 'noop', script: () => [started, completed] });
    const onEvent = () => {
      throw new Error('mine');
    };
    expect(await client.send({ step: 'noop:X', onEvent }).result).toEqual({ status: 'completed' });
    expect(warnings).toEqual(['onEvent of a job threw', 'onEvent of a job threw']);
  });
});

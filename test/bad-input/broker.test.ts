// Rows that never reach a worker: what the broker, or the client of whoever sends, refuses. And what only a real broker has:
// jobs that expire, direct reply addresses.
import { type Channel, type ChannelModel, connect, type Options } from 'amqplib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createAmqpTransport } from '../../adapters/amqp/index.js';
import type { Acknowledge } from '../../machines/index.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { silentLogger } from '../../src/worker/logger.js';
import type { RunningWorker } from '../../src/worker/running-worker.js';
import { Trace, until } from '../adapters/bus.js';
import { describeRabbitMQ } from '../rabbitmq.js';
import { jobPaths } from '../worker/foreign-bus.js';
import { directCase, expiredCase, refusedCases } from './broker-cases.js';
import { good, probe } from './jobs.js';
import { field, longText, sendRaw } from './raw-publish.js';

const double = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
};

type Refusal = { readonly send: (model: ChannelModel) => Promise<unknown>; readonly words: RegExp };

const publish = (options: Options.Publish) => async (model: ChannelModel) => {
  const channel = await model.createConfirmChannel();
  const refusal = new Promise<never>((_, reject) => channel.on('error', reject));
  channel.publish('', 'worker.never', Buffer.from(good), options);
  await Promise.race([refusal, channel.waitForConfirms().catch(() => refusal)]);
};
const publishHeader = (letter: string, value: Buffer) => (model: ChannelModel) =>
  sendRaw(model, [
    {
      exchange: '',
      routingKey: 'worker.never',
      properties: { headers: field('x', letter, value) },
      body: Buffer.from(good),
    },
  ]);

/** The channel or connection of its sender ends with these words, or his client throws them. */
const refusals: Readonly<Record<(typeof refusedCases)[number], Refusal>> = {
  'B53 a reply address of 256 bytes': {
    send: publish({ replyTo: 'x'.repeat(256) }),
    words: /replyTo.*up to 255/,
  },
  'B54 a direct reply address without a waiter': {
    send: publish({ replyTo: 'amq.rabbitmq.reply-to' }),
    words: /fast reply consumer does not exist/,
  },
  "B59 another user's id": { send: publish({ userId: 'somebody' }), words: /user_id/ },
  'B62 a header that is NaN': { send: publishHeader('d', double(Number.NaN)), words: /541/ },
  'B62 an infinite header': { send: publishHeader('d', double(Number.POSITIVE_INFINITY)), words: /541/ },
  'B62 a header of an unknown type': { send: publishHeader('Z', longText('x')), words: /541/ },
};

describeRabbitMQ('a RabbitMQ between a worker and who sends to it', ({ url }) => {
  let model: ChannelModel;
  let channel: Channel;
  beforeEach(async () => {
    model = await connect(url);
    model.on('error', () => {});
    channel = await model.createChannel();
    channel.on('error', () => {});
    await channel.assertQueue('worker.never', { durable: false });
  });
  afterEach(async () => {
    await model.close().catch(() => {});
  });
  it.each(refusedCases)('%s is refused', async (name) => {
    const { send, words } = refusals[name];
    await expect(send(model)).rejects.toThrow(words);
    const other = await connect(url);
    const { messageCount } = await (await other.createChannel()).checkQueue('worker.never');
    await other.close();
    expect(messageCount).toBe(0);
  });
});

const policies: readonly Acknowledge[] = ['received', 'verified', 'settled'];

describeRabbitMQ('a worker on RabbitMQ', ({ url }) => {
  let model: ChannelModel;
  let channel: Channel;
  const workers: RunningWorker[] = [];
  beforeAll(async () => {
    model = await connect(url);
    channel = await model.createChannel();
    await channel.assertExchange('re', 'topic', { durable: true });
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await model.close();
  });

  const start = async (acknowledge: Acknowledge) => {
    const worker = createWorker(probe(acknowledge), {
      transport: createAmqpTransport({ url }),
      topology: 'declare',
      logger: silentLogger,
    });
    workers.push(worker);
    const paths = jobPaths(worker);
    await worker.start();
    return { worker, paths };
  };
  /** Somebody who waits at a direct reply address, and what it hears. */
  const waiter = async () => {
    const own = await connect(url);
    const asking = await own.createChannel();
    const heard = new Trace<{ readonly id: string; readonly status: string }>();
    const hear = (message: { content: Buffer; properties: { correlationId?: string } } | null) => {
      const { status } = JSON.parse(String(message?.content));
      heard.add({ id: String(message?.properties.correlationId), status });
    };
    await asking.consume('amq.rabbitmq.reply-to', hear, { noAck: true });
    const { queue } = await asking.assertQueue('', { exclusive: true });
    const send = (id: string, to = 'worker.probe') =>
      asking.sendToQueue(to, Buffer.from(good), { replyTo: 'amq.rabbitmq.reply-to', correlationId: id });
    /** As a worker sees it. */
    const address = async () => {
      send('mine', queue);
      let message = await asking.get(queue, { noAck: true });
      while (message === false) message = await asking.get(queue, { noAck: true });
      return String(message.properties.replyTo);
    };
    return { heard, send, address, close: () => own.close() };
  };

  it.each(policies)(`${directCase}: %s`, async (acknowledge) => {
    const { worker, paths } = await start(acknowledge);
    const gone = await waiter();
    const address = await gone.address();
    await gone.close();
    const waiting = await waiter();
    const send = (replyTo: string) =>
      channel.sendToQueue('worker.probe', Buffer.from(good), { replyTo, correlationId: 'c' });
    waiting.send('first');
    await waiting.heard.first(2);
    send(address);
    send('amq.rabbitmq.reply-to.garbage');
    send('amq.rabbitmq.reply-to.@@@@.AAAA');
    await paths.first(4);
    waiting.send('last');
    expect(await waiting.heard.first(4)).toEqual(
      ['first', 'last'].flatMap((id) => ['started', 'completed'].map((status) => ({ id, status }))),
    );
    const ended = (await paths.first(5)).map((path) => path.find((state) => ends.includes(state)));
    expect(ended).toEqual(['completed', 'unanswered', 'unanswered', 'unanswered', 'completed']);
    expect(worker.status()).toMatchObject({ ready: true, counts: { unanswered: 3, completed: 2, lost: 0 } });
    await waiting.close();
    await worker.stop();
  });
  const ends = ['completed', 'failed', 'invalid', 'unanswered'];

  it.each(policies)(`${expiredCase}: %s`, async (acknowledge) => {
    const { queue: replies } = await channel.assertQueue('', { exclusive: true });
    const send = (id: string, options: { expiration?: string } = {}) =>
      channel.sendToQueue('worker.probe', Buffer.from(good), {
        replyTo: replies,
        correlationId: id,
        ...options,
      });
    await channel.assertQueue('worker.probe', { durable: true });
    send('expired', { expiration: '1' });
    await until('it expired', async () => (await channel.checkQueue('worker.probe')).messageCount === 0);
    send('good');
    const { worker, paths } = await start(acknowledge);
    expect((await paths.first(1))[0]).toContain('completed');
    expect(worker.status().counts).toMatchObject({ received: 1, completed: 1 });
    await worker.stop();
  });
});

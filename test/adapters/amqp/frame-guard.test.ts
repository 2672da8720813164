// Messages whose headers amqplib cannot decode: without the guard each of them ends the connection of every consumer.
import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { internals } from '../../../adapters/amqp/amqplib-internals.js';
import { decodeHeaderFrame, unreadableHeaders } from '../../../adapters/amqp/frame-guard.js';
import { createAmqpTransport } from '../../../adapters/amqp/index.js';
import { describeRabbitMQ } from '../../rabbitmq.js';
import { Client, message, text } from '../bus.js';
import { nested, rawFrames, sendRaw, shortText, unsignedLong } from './raw-publish.js';

const raw = { queue: 'q', correlationId: 'c-1', replyTo: 'reply', headers: unsignedLong, body: 'poison' };

describe('a header frame', () => {
  const frames = rawFrames(7, raw);
  const methodLength = 8 + frames.readUInt32BE(3);
  const header = frames.subarray(methodLength);

  it('is decoded without its headers table', () => {
    expect(decodeHeaderFrame(header)).toEqual({
      id: 60,
      channel: 7,
      size: 6,
      fields: { headers: unreadableHeaders, correlationId: 'c-1', replyTo: 'reply' },
    });
  });

  it('with every property is decoded in the order of the flags', () => {
    const texts = (...names: string[]) => Buffer.concat(names.map(shortText));
    const payload = Buffer.concat([
      Buffer.from([0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0xff, 0xfc]),
      texts('type/a', 'enc'),
      Buffer.from([0, 0, 0, 0]),
      Buffer.from([2, 9]),
      texts('cid', 'reply', 'exp', 'mid'),
      Buffer.from([0, 0, 0, 0, 0, 0, 1, 0]),
      texts('kind', 'user', 'app', 'cluster'),
    ]);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(payload.length);
    const bytes = Buffer.concat([Buffer.from([2, 0, 1]), size, payload, Buffer.from([0xce])]);
    expect(decodeHeaderFrame(bytes)).toMatchObject({
      fields: {
        contentType: 'type/a',
        contentEncoding: 'enc',
        headers: unreadableHeaders,
        deliveryMode: 2,
        priority: 9,
        correlationId: 'cid',
        replyTo: 'reply',
        expiration: 'exp',
        messageId: 'mid',
        timestamp: 256,
        type: 'kind',
        userId: 'user',
        appId: 'app',
        clusterId: 'cluster',
      },
    });
  });

  it('that is cut off, or another frame, is left alone', () => {
    expect(decodeHeaderFrame(frames)).toBe(undefined);
    expect(decodeHeaderFrame(Buffer.alloc(0))).toBe(undefined);
    const end = 8 + header.readUInt32BE(3);
    for (let length = 0; length < end; length++) {
      expect(decodeHeaderFrame(header.subarray(0, length))).toBe(undefined);
    }
  });

  it('whose properties reach beyond it is left alone', () => {
    const broken = Buffer.from(header);
    broken.writeUInt32BE(0xffff, 7 + 12 + 2);
    expect(decodeHeaderFrame(broken)).toBe(undefined);
  });
});

describeRabbitMQ('a RabbitMQ with a message whose headers cannot be decoded', (broker) => {
  const client = new Client(createAmqpTransport({ url: broker.url }), 'guarded');
  beforeAll(() => client.transport.open());
  afterAll(() => client.transport.close());

  it('amqplib has the private names that the guard relies on', async () => {
    const model = await connect(broker.url);
    const inner = internals(model);
    expect(inner).toBeDefined();
    expect(inner?.rest).toBeInstanceOf(Buffer);
    expect(inner?.recvFrame.length).toBe(0);
    expect(inner?.stream.destroyed).toBe(false);
    expect(Object.hasOwn(Object.getPrototypeOf(inner), 'recvFrame')).toBe(true);
    await model.close();
  });

  it.each([
    ['type L', unsignedLong],
    ['9,000 tables in each other', nested(9_000)],
  ])('%s: it is delivered with the rest of its properties, and the next one normally', async (_, headers) => {
    const queue = `needful-test-${randomUUID()}`;
    await client.transport.declare({
      exchanges: [],
      queues: [{ name: queue, durable: false, arguments: { 'x-expires': 60_000 } }],
      bindings: [],
    });
    const { deliveries } = await client.consume(queue, { prefetchCount: 2 });
    const sender = await connect(broker.url);
    await sendRaw(sender, { ...raw, queue, headers });
    await sender.close();
    expect(await client.publish(message(queue, { text: 'good', properties: { headers: { a: 1 } } }))).toBe(
      'confirmed',
    );
    const [poison, good] = await deliveries.first(2);
    expect(poison && text(poison)).toBe('poison');
    expect(poison).toMatchObject({
      headersReadable: false,
      properties: { correlationId: 'c-1', replyTo: 'reply' },
      redelivered: false,
    });
    expect(poison?.properties).not.toHaveProperty('headers');
    expect(good).toMatchObject({ headersReadable: true, properties: { headers: { a: 1 } } });
    expect(poison?.settle('reject')).toBe(true);
    expect(good?.settle('acknowledge')).toBe(true);
    expect(client.transport.status).toMatchObject({ phase: 'open', epoch: 1 });
  });
});

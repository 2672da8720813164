// Replies through RabbitMQ's direct reply-to: the broker says nothing true about them, so the adapter asks.
import { randomUUID } from 'node:crypto';
import { type ChannelModel, connect } from 'amqplib';
import { afterEach, expect, it } from 'vitest';
import { createAmqpTransport } from '../../../adapters/amqp/index.js';
import { describeRabbitMQ } from '../../rabbitmq.js';
import { Client, message, Trace } from '../bus.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

describeRabbitMQ('a RabbitMQ with clients that wait at a direct reply address', ({ url }) => {
  async function open(): Promise<Client> {
    const client = new Client(createAmqpTransport({ url }), 'client');
    await client.transport.open();
    ends.push(() => client.transport.close());
    return client;
  }

  /** Somebody who waits, and the address that a worker would see. */
  async function waiting(): Promise<{ model: ChannelModel; address: string; heard: Trace<string> }> {
    const model = await connect(url);
    model.on('error', () => {});
    ends.push(() => model.close().catch(() => {}));
    const channel = await model.createChannel();
    const heard = new Trace<string>();
    const hear = (raw: { content: Buffer } | null) => heard.add(String(raw?.content));
    await channel.consume('amq.rabbitmq.reply-to', hear, { noAck: true });
    const { queue } = await channel.assertQueue(`direct-${randomUUID()}`, { exclusive: true });
    channel.sendToQueue(queue, Buffer.from('job'), { replyTo: 'amq.rabbitmq.reply-to' });
    let job = await channel.get(queue, { noAck: true });
    while (job === false) job = await channel.get(queue, { noAck: true });
    return { model, address: String(job.properties.replyTo), heard };
  }

  it('confirms what somebody gets, in order, though it is mandatory', async () => {
    const client = await open();
    const { address, heard } = await waiting();
    const sent = Array.from({ length: 20 }, (_, n) => String(n));
    const outcomes = sent.map((text) => client.publish(message(address, { text })));
    expect(client.transport.status.unconfirmedCount).toBe(20);
    expect(await Promise.all(outcomes)).toEqual(sent.map(() => 'confirmed'));
    expect(await heard.first(20)).toEqual(sent);
    expect(client.log.all).toEqual(['connection.opened', ...sent.map(() => 'confirmed')]);
  });

  it('returns what nobody gets any more, and confirms it where that does not matter', async () => {
    const client = await open();
    const { address, model } = await waiting();
    expect(await client.publish(message(address))).toBe('confirmed');
    await model.close();
    expect(await client.publish(message(address))).toBe('returned');
    expect(await client.publish(message(address, { mandatory: false }))).toBe('confirmed');
  });

  it('keeps its connection when an address cannot be decoded, over which RabbitMQ ends whoever asks', async () => {
    const client = await open();
    const { address } = await waiting();
    const broken = 'amq.rabbitmq.reply-to.@@@@.AAAA';
    const addresses = [broken, address, broken, address];
    const outcomes = addresses.map((to) => client.publish(message(to)));
    expect(await Promise.all(outcomes)).toEqual(['returned', 'confirmed', 'returned', 'confirmed']);
    expect(client.transport.status).toMatchObject({ phase: 'open', epoch: 1 });
  });

  it('loses with its connection what was not asked about yet, and close waits for what was', async () => {
    const client = await open();
    const { address, heard } = await waiting();
    const lost = client.publish(message(address, { text: 'given up' }));
    await client.transport.open({ renew: true });
    expect(await lost).toBe('lost');
    const last = client.publish(message(address, { text: 'last' }));
    await client.transport.close();
    expect(await last).toBe('confirmed');
    expect(await heard.first(1)).toEqual(['last']);
  });
});

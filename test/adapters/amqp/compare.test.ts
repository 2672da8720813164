// What a comparison tells of exchanges and queues, and that it leaves everything as it is.
import { connect } from 'amqplib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AmqpTransport, createAmqpTransport } from '../../../adapters/amqp/index.js';
import type { Topology } from '../../../src/contract/topology.js';
import { describeRabbitMQ } from '../../rabbitmq.js';

const wanted: Topology = {
  exchanges: [{ name: 'compared', type: 'topic', durable: true }],
  queues: [{ name: 'compared', durable: true }],
  bindings: [],
};

describeRabbitMQ('a comparison', (broker) => {
  let transport: AmqpTransport;
  let admin: Awaited<ReturnType<typeof connect>>;
  let channel: Awaited<ReturnType<typeof admin.createChannel>>;
  beforeEach(async () => {
    transport = createAmqpTransport({ url: broker.url });
    await transport.open();
    admin = await connect(broker.url);
    channel = await admin.createChannel();
  });
  afterEach(async () => {
    await channel.deleteQueue('compared');
    await channel.deleteExchange('compared');
    await admin.close();
    await transport.close();
  });

  test('finds what is missing, and does not make it', async () => {
    const missing = [
      {
        kind: 'exchange',
        name: 'compared',
        found: 'missing',
        detail: expect.stringMatching(/^NOT_FOUND - no exchange/),
      },
      {
        kind: 'queue',
        name: 'compared',
        found: 'missing',
        detail: expect.stringMatching(/^NOT_FOUND - no queue/),
      },
    ];
    expect(await transport.compare(wanted)).toEqual(missing);
    expect(await transport.compare(wanted)).toEqual(missing);
  });

  test('finds other types, durability and arguments in what is there, and nothing where it is the same', async () => {
    await channel.assertExchange('compared', 'fanout', { durable: true });
    await channel.assertQueue('compared', { durable: false });
    expect(await transport.compare(wanted)).toMatchObject([
      { kind: 'exchange', found: 'different', detail: expect.stringMatching(/inequivalent arg 'type'/) },
      { kind: 'queue', found: 'different', detail: expect.stringMatching(/inequivalent arg 'durable'/) },
    ]);
    await channel.deleteQueue('compared');
    await channel.deleteExchange('compared');
    await transport.declare(wanted);
    expect(await transport.compare(wanted)).toEqual([]);
    const limited = [{ name: 'compared', durable: true, arguments: { 'x-max-length': 7 } }];
    expect(await transport.compare({ ...wanted, queues: limited })).toMatchObject([
      { kind: 'queue', found: 'different', detail: expect.stringMatching(/inequivalent arg 'x-max-length'/) },
    ]);
  });

  test.skipIf(!broker.private)('says that it cannot tell where the user may not declare', async () => {
    await transport.declare(wanted);
    await broker.management('/users/onlooker', { method: 'PUT', body: { password: 'x', tags: '' } });
    const rights = { configure: '', write: '.*', read: '.*' };
    await broker.management('/permissions/VHOST/onlooker', { method: 'PUT', body: rights });
    const address = new URL(broker.url);
    address.username = 'onlooker';
    address.password = 'x';
    const onlooker = createAmqpTransport({ url: address.href });
    await onlooker.open();
    try {
      expect((await onlooker.compare(wanted)).map(({ kind, found }) => [kind, found])).toEqual([
        ['exchange', 'unknown'],
        ['queue', 'unknown'],
      ]);
    } finally {
      await onlooker.close();
      await broker.management('/users/onlooker', { method: 'DELETE' });
    }
  });
});

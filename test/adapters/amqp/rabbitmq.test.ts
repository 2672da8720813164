// What the AMQP adapter does on a RabbitMQ beyond what all adapters promise: the wire, names for operators, bad links.
import { randomUUID } from 'node:crypto';
import * as diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { connect, type Message as RawMessage } from 'amqplib';
import { afterEach, expect, it } from 'vitest';
import { type AmqpOptions, createAmqpTransport, parseAmqpUrl } from '../../../adapters/amqp/index.js';
import type { Properties } from '../../../src/transport.js';
import { describeRabbitMQ } from '../../rabbitmq.js';
import { Client, message, text, until } from '../bus.js';
import * as certificates from './certificates.js';
import { listen, proxy } from './peer.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

describeRabbitMQ('a RabbitMQ', (broker) => {
  function create(options: AmqpOptions = {}): Client {
    const address = options.server === undefined ? { url: broker.url } : {};
    const client = new Client(createAmqpTransport({ ...address, ...options }), options.name ?? 'client');
    ends.push(() => client.transport.close());
    return client;
  }

  async function open(options?: AmqpOptions): Promise<Client> {
    const client = create(options);
    await client.transport.open();
    return client;
  }

  async function queue(client: Client, args: Readonly<Record<string, unknown>> = {}): Promise<string> {
    // The broker may be somebody's: the queue goes by itself.
    const name = `needful-test-${randomUUID()}`;
    const spec = { name, durable: false, arguments: { 'x-expires': 60_000, ...args } };
    await client.transport.declare({ exchanges: [], queues: [spec], bindings: [] });
    return name;
  }

  async function rawProperties(
    client: Client,
    properties: Properties,
  ): Promise<RawMessage['properties'] | null> {
    const name = await queue(client);
    await client.publish(message(name, { properties }));
    const model = await connect(broker.url);
    const found = await (await model.createChannel()).get(name, { noAck: true });
    await model.close();
    return found === false ? null : found.properties;
  }

  it('gets the properties that were given and no others', async () => {
    const client = await open();
    const bare = await rawProperties(client, {});
    expect(Object.entries(bare ?? {}).filter(([, value]) => value !== undefined)).toEqual([['headers', {}]]);
    expect(await rawProperties(client, { persistent: true, appId: 'a' })).toMatchObject({
      deliveryMode: 2,
      appId: 'a',
    });
    expect(await rawProperties(client, { persistent: false })).toMatchObject({ deliveryMode: 1 });
  });

  it('answers a publish that a full queue refuses with `refused`', async () => {
    const client = await open();
    const name = await queue(client, { 'x-max-length': 1, 'x-overflow': 'reject-publish' });
    expect(await client.publish(message(name))).toBe('confirmed');
    expect(await client.publish(message(name))).toBe('refused');
  });

  it.runIf(broker.private)(
    'shows an operator the connection by its name and the consumer by its tag',
    async () => {
      const client = await open({ name: 'needful sleep' });
      await client.consume(await queue(client), { consumerTag: 'sleep lane 1' });
      await until('the management page shows both', async () => {
        const seen = JSON.stringify(await broker.management('/consumers/VHOST'));
        const connections = JSON.stringify(await broker.management('/connections'));
        return seen.includes('sleep lane 1') && connections.includes('needful sleep');
      });
    },
  );

  it('would end the connection for a tag that is in use: refused with OPTION_INVALID before', async () => {
    const client = await open();
    const name = await queue(client);
    const { consumer } = await client.consume(name, { consumerTag: 'twice' });
    await expect(client.consume(name, { consumerTag: 'twice' })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
    await consumer.cancel();
    await client.consume(name, { consumerTag: 'twice' });
    expect(client.log.all).toEqual(['connection.opened']);
  });

  it('keeps a connection whose onDelivery and observers throw, and the process hears a warning', async () => {
    const client = await open();
    const name = await queue(client);
    const bad = () => {
      throw new Error('oh');
    };
    const unsubscribe = client.transport.subscribe(bad);
    const warned = once(process, 'warning');
    await client.transport.consume(name, { onDelivery: bad });
    await client.publish(message(name));
    expect(await warned).toMatchObject([
      { name: 'NeedfulWarning', message: expect.stringMatching(/onDelivery.*oh/) },
    ]);
    client.transport.publish(message('x', { exchange: 'missing' }));
    await client.heard('channel.closed');
    unsubscribe();
    expect(await client.publish(message(name))).toBe('confirmed');
    expect(client.transport.status).toMatchObject({ phase: 'open', epoch: 1, unsettledCount: 1 });
  });

  it('gets lines faster than the socket takes them: false until buffer.drained, and none is lost', async () => {
    const client = await open();
    const name = await queue(client);
    const { deliveries } = await client.consume(name, { noAck: true });
    let sent = 0;
    while (client.transport.publish(message(name, { text: String(sent) }))) sent++;
    await client.heard('buffer.drained');
    const all = await deliveries.first(sent + 1);
    expect(all.map(text)).toEqual(Array.from({ length: sent + 1 }, (_, n) => String(n)));
  });

  it.runIf(broker.private)('takes user, password and virtual host beyond ASCII from a URL', async () => {
    const [user, password, vhost] = ['jürgen', 'schön€ #/?@%:', `grün/${broker.vhost}`].map(
      encodeURIComponent,
    );
    const put = (path: string, body: unknown) => broker.management(path, { method: 'PUT', body });
    const remove = (path: string) => broker.management(path, { method: 'DELETE' });
    await put(`/vhosts/${vhost}`, {});
    ends.push(async () => void (await remove(`/vhosts/${vhost}`)));
    await put(`/users/${user}`, { password: 'schön€ #/?@%:', tags: '' });
    ends.push(async () => void (await remove(`/users/${user}`)));
    await put(`/permissions/${vhost}/${user}`, { configure: '.*', write: '.*', read: '.*' });
    const { host, port } = parseAmqpUrl(broker.url);
    const client = await open({ url: `amqp://${user}:${password}@${host}:${port}/${vhost}` });
    expect(client.transport.status.address).toBe(`amqp://${user}@${host}:${port}/${vhost}`);
    await client.transport.close();
  });

  it('is reached through TLS with an authority and a name of its own', async () => {
    const { host, port } = parseAmqpUrl(broker.url);
    const front = createTlsServer({ key: certificates.key, cert: certificates.valid }, (near) => {
      const far = connectSocket(port, host);
      near.on('error', () => far.destroy()).on('close', () => far.destroy());
      near.pipe(far).pipe(near);
    });
    const peer = await listen(front);
    ends.push(() => peer.close());
    const server = { ...parseAmqpUrl(broker.url), tls: true, host: '127.0.0.1', port: peer.port };
    const tls = { ca: certificates.valid, servername: certificates.name };
    const client = await open({ server, tls });
    expect(await client.publish(message(await queue(client)))).toBe('confirmed');
    await client.transport.close();
    expect(client.log.all.at(-1)).toBe('connection.closed');
  });

  async function behindProxy(options: AmqpOptions = {}) {
    const { host, port } = parseAmqpUrl(broker.url);
    const link = await proxy(new URL(`tcp://${host}:${port}`));
    ends.push(() => link.close());
    const server = { ...parseAmqpUrl(broker.url), host: '127.0.0.1', port: link.port };
    return { link, client: await open({ ...options, server }) };
  }

  it('whose link is reset: connection.closed with the reason, deliveries lost, receipts after it', async () => {
    const { link, client } = await behindProxy();
    const name = await queue(client);
    await client.publish(message(name));
    const { deliveries } = await client.consume(name);
    const [held] = await deliveries.first(1);
    link.freeze();
    const outcome = client.publish(message(name));
    link.reset();
    expect(await outcome).toBe('lost');
    expect((await client.heard('connection.closed')).error).toMatchObject({
      code: 'CONNECTION_LOST',
      retry: true,
      message: expect.stringMatching(/^The connection to 127\.0\.0\.1:\d+ ended: .*ECONNRESET/),
    });
    expect(held?.settlement).toBe('lost');
    expect(client.log.all.slice(2)).toEqual(['connection.closed', 'lost']);
  });

  it('whose link went silent: connection.closed after two to three heartbeats', async () => {
    const { link, client } = await behindProxy({ heartbeatSeconds: 1 });
    link.freeze();
    const { error } = await client.heard('connection.closed');
    expect(error?.message).toMatch(/Heartbeat timeout/);
    expect(client.transport.status.phase).toBe('closed');
  });

  it('whose link went silent: its socket is gone soon after, though the other side ends nothing', async () => {
    const sockets: Socket[] = [];
    const keep = (made: unknown) => void sockets.push((made as { readonly socket: Socket }).socket);
    diagnostics.subscribe('net.client.socket', keep);
    const { link, client } = await behindProxy({ heartbeatSeconds: 1, closeTimeoutMs: 50 });
    diagnostics.unsubscribe('net.client.socket', keep);
    const own = sockets.find(({ remotePort }) => remotePort === link.port);
    const gone = new Promise<void>((resolve) => void own?.once('close', () => resolve()));
    link.freeze();
    await gone;
    expect(client.transport.status.phase).toBe('closed');
  });

  it('whose link went silent: close is bounded, what was open is lost, and nothing stays', async () => {
    const { link, client } = await behindProxy({ closeTimeoutMs: 50 });
    const name = await queue(client);
    const consumed = await client.consume(name);
    link.freeze();
    const outcome = client.publish(message(name));
    const cancelled = consumed.consumer.cancel();
    await Promise.all([client.transport.close(), client.transport.close()]);
    expect(await outcome).toBe('lost');
    await cancelled;
    expect(client.log.all).toEqual(['connection.opened', 'connection.closed', 'lost']);
    expect(client.events.all.at(-1)).toMatchObject({ error: null });
    expect(client.transport.status).toMatchObject({
      phase: 'closed',
      unconfirmedCount: 0,
      unsettledCount: 0,
    });
  });

  it('whose link went silent while the jobs channel comes back: close ends that too', async () => {
    const { link, client } = await behindProxy({ closeTimeoutMs: 50 });
    await client.loseJobsChannel();
    link.freeze();
    const refused = expect(client.transport.open()).rejects.toMatchObject({ code: 'TRANSPORT_CLOSED' });
    await client.transport.close();
    await refused;
    expect(client.transport.status).toMatchObject({ phase: 'closed', epoch: 1 });
  });
});

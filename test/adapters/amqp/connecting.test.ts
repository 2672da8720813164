// What open() says when no connection comes about: a code, whether to try again, host and port, and never the password.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { inspect } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import {
  type AmqpOptions,
  createAmqpTransport,
  parseAmqpUrl,
  readMqConfig,
} from '../../../adapters/amqp/index.js';
import { describeRabbitMQ } from '../../rabbitmq.js';
import * as certificates from './certificates.js';
import { listen, type Peer } from './peer.js';

const peers: Peer[] = [];
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

async function peer(...[server]: Parameters<typeof listen>): Promise<Peer> {
  const started = await listen(server);
  peers.push(started);
  return started;
}

/** The error of open(), looked at from all sides for the password. */
async function refusal(options: AmqpOptions, password = 'hushhush'): Promise<Error> {
  const transport = createAmqpTransport(options);
  const error = await transport.open().then(
    () => Promise.reject(new Error('It connected.')),
    (reason: Error) => reason,
  );
  expect(transport.status).toMatchObject({ phase: 'closed', epoch: 0 });
  const shown = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error);
  expect(shown).not.toContain(password);
  expect(shown).not.toContain(encodeURIComponent(password));
  expect(shown).not.toContain(btoa(password));
  return error;
}

const at = (port: number, scheme = 'amqp') => `${scheme}://ann:hushhush@127.0.0.1:${port}`;

it('nobody listens: BROKER_UNREACHABLE, try again', async () => {
  const { port, close } = await listen(createServer());
  await close();
  expect(await refusal({ url: at(port) })).toMatchObject({
    code: 'BROKER_UNREACHABLE',
    retry: true,
    message: `No broker answers at 127.0.0.1:${port} (ECONNREFUSED).`,
  });
});

it('the name does not resolve: BROKER_UNREACHABLE, try again', async () => {
  const error = await refusal({ url: 'amqp://ann:hushhush@no-such-host.invalid' });
  expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', retry: true });
  expect(error.message).toMatch(/no-such-host\.invalid:5672 \((ENOTFOUND|EAI_AGAIN)\)/);
});

it.each(['amqp', 'amqps'])(
  'the port stays silent (%s): BROKER_UNREACHABLE after connectTimeoutMs',
  async (scheme) => {
    const { port } = await peer(createServer());
    const error = await refusal({ url: at(port, scheme), connectTimeoutMs: 50 });
    expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', retry: true });
    expect(error.message).toContain(`127.0.0.1:${port} did not complete the AMQP handshake within 50 ms`);
  },
);

it('the port closes at once: not an AMQP port', async () => {
  const { port } = await peer(createServer((socket) => socket.end()));
  const error = await refusal({ url: at(port) });
  expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', retry: true });
  expect(error.message).toMatch(/does not speak AMQP/);
});

it('the port speaks HTTP: not an AMQP port', async () => {
  const { port } = await peer(createHttpServer());
  const error = await refusal({ url: at(port) });
  expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', retry: true });
  expect(error.message).toMatch(/127\.0\.0\.1:\d+ does not speak AMQP/);
});

it('the port speaks TLS: the error points to amqps', async () => {
  const { port } = await peer(createTlsServer({ key: certificates.key, cert: certificates.valid }));
  expect((await refusal({ url: at(port) })).message).toMatch(/try amqps:\/\//);
});

it('the port does not speak TLS: TLS_FAILED', async () => {
  const { port } = await peer(
    createServer((socket) => socket.once('data', () => socket.end('AMQP\0\0\x09\x01'))),
  );
  const error = await refusal({ url: at(port, 'amqps') });
  expect(error).toMatchObject({ code: 'TLS_FAILED', retry: false });
  expect(error.message).toMatch(/does not speak TLS/);
});

const tlsPeer = (cert: string) => peer(createTlsServer({ key: certificates.key, cert }));

it('the certificate is of an unknown authority: TLS_FAILED names tls.ca', async () => {
  const { port } = await tlsPeer(certificates.valid);
  const error = await refusal({ url: at(port, 'amqps') });
  expect(error).toMatchObject({ code: 'TLS_FAILED', retry: false });
  expect(error.message).toMatch(/DEPTH_ZERO_SELF_SIGNED_CERT.*tls\.ca/);
});

it('`ssl: true` of an MQ file verifies the certificate as well', async () => {
  const { port } = await tlsPeer(certificates.valid);
  const folder = mkdtempSync(join(tmpdir(), 'mq-config-'));
  const file = join(folder, 'mq.json');
  const mq = { server: '127.0.0.1', port, vhost: '/', user: 'ann', password: 'hushhush', ssl: true };
  writeFileSync(file, JSON.stringify(mq));
  const error = await refusal({ server: readMqConfig(file) });
  rmSync(folder, { recursive: true });
  expect(error).toMatchObject({ code: 'TLS_FAILED', retry: false });
  expect(error.message).toMatch(/DEPTH_ZERO_SELF_SIGNED_CERT/);
});

it('the certificate is for another name: TLS_FAILED', async () => {
  const { port } = await tlsPeer(certificates.valid);
  const error = await refusal({ url: at(port, 'amqps'), tls: { ca: certificates.valid } });
  expect(error).toMatchObject({ code: 'TLS_FAILED', retry: false });
  expect(error.message).toMatch(/for another name/);
});

it('the certificate has expired: TLS_FAILED, and may be renewed', async () => {
  const { port } = await tlsPeer(certificates.expired);
  const tls = { ca: certificates.expired, servername: certificates.name };
  const error = await refusal({ url: at(port, 'amqps'), tls });
  expect(error).toMatchObject({ code: 'TLS_FAILED', retry: true });
  expect(error.message).toMatch(/has expired/);
});

it('close during the attempt ends it at once: open rejects, nothing stays', async () => {
  const { port, connected } = await peer(createServer());
  const transport = createAmqpTransport({ url: at(port) });
  const opening = transport.open();
  await connected;
  expect(transport.status.phase).toBe('opening');
  await transport.close();
  await expect(opening).rejects.toMatchObject({ code: 'TRANSPORT_CLOSED' });
  expect(transport.status.phase).toBe('closed');
});

describeRabbitMQ('a RabbitMQ that refuses', (broker) => {
  const server = { ...parseAmqpUrl(broker.url), password: 'hush, "hush"' };

  it('wrong password: ACCESS_REFUSED names the user, and there is no use in trying again', async () => {
    const error = await refusal({ server }, server.password);
    expect(error).toMatchObject({ code: 'ACCESS_REFUSED', retry: false });
    expect(error.message).toContain(`refuses user '${server.user}'`);
  });

  it('unknown virtual host: ACCESS_REFUSED names it and both possible causes', async () => {
    const { password } = parseAmqpUrl(broker.url);
    const options = { server: { ...server, password, vhost: 'no such/vhost' } };
    const error = await createAmqpTransport(options)
      .open()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ACCESS_REFUSED', retry: false });
    expect(error).toMatchObject({
      message: expect.stringMatching(/'no such\/vhost'.*does not exist.*no permissions/),
    });
  });
});

// Options of the AMQP transport.
import { expect, it } from 'vitest';
import { type AmqpOptions, createAmqpTransport, parseAmqpUrl } from '../../../adapters/amqp/index.js';
import { resolveOptions } from '../../../adapters/amqp/options.js';

it('without options it is the broker of this machine', () => {
  const { status } = createAmqpTransport();
  expect(status).toEqual({
    phase: 'closed',
    epoch: 0,
    blocked: false,
    unconfirmedCount: 0,
    unsettledCount: 0,
    embedded: false,
    heartbeatMs: 10_000,
    address: 'amqp://guest@localhost:5672/',
  });
});

it('fills in defaults', () => {
  const { address, ...rest } = resolveOptions({});
  expect(rest).toEqual({
    name: 'needful',
    heartbeatSeconds: 10,
    connectTimeoutMs: 10_000,
    closeTimeoutMs: 2_000,
    tls: {},
  });
});

it("an option beats the URL's heartbeat, which beats the default", () => {
  expect(resolveOptions({ url: 'amqp://mq?heartbeat=3' }).heartbeatSeconds).toBe(3);
  expect(resolveOptions({ url: 'amqp://mq?heartbeat=3', heartbeatSeconds: 5 }).heartbeatSeconds).toBe(5);
});

const wrong = (options: object) => () => createAmqpTransport(options as AmqpOptions);

it.each([
  [
    { heartbeatSecond: 1 },
    /`heartbeatSecond` of the AMQP transport is unknown. Did you mean `heartbeatSeconds`/,
  ],
  [{ zzz: 1 }, /`zzz` of the AMQP transport is unknown. Expected one of url, server/],
  [
    { tls: { serverName: 'x' } },
    /`tls.serverName` of the AMQP transport is unknown. Did you mean `servername`/,
  ],
  [{ tls: { rejectUnauthorized: false } }, /`tls.rejectUnauthorized` of the AMQP transport is unknown/],
  [{ heartbeatSeconds: -1 }, /`heartbeatSeconds`/],
  [{ heartbeatSeconds: '10' }, /`heartbeatSeconds`/],
  [{ connectTimeoutMs: 0 }, /`connectTimeoutMs`/],
  [{ server: { ...parseAmqpUrl('amqp://mq'), others: [{ host: 'b' }] } }, /`server.others.0.port`/],
  [{ name: '' }, /`name`/],
  [{ url: 5 }, /`url`/],
  [{ url: 'amqp://mq', server: parseAmqpUrl('amqp://mq') }, /not both/],
])('%j is OPTION_INVALID', (options, said) => {
  expect(wrong(options)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  expect(wrong(options)).toThrow(said);
});

it('a wrong option is named without its value', () => {
  const server = { ...parseAmqpUrl('amqp://ann:SECRET@mq'), port: 'SECRET' };
  expect(wrong({ server })).toThrow(/`server.port`/);
  expect(wrong({ server })).not.toThrow(/SECRET/);
});

// The broker's URL: what it says, and that a wrong one never gives its password away.
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseAmqpUrl, printAddress } from '../../../adapters/amqp/index.js';
import { NeedfulError } from '../../../src/contract/errors.js';

const plain = { tls: false, host: 'mq', port: 5672, vhost: '/', user: 'guest', password: 'guest' };

describe('a URL says where the broker is', () => {
  it.each([
    ['amqp://mq', {}],
    ['amqp://mq/', {}],
    ['AMQP://mq', {}],
    [' amqp://mq\n', {}],
    ['amqp://mq:5673', { port: 5673 }],
    ['amqp://mq:', {}],
    ['amqps://mq', { tls: true, port: 5671 }],
    ['amqps://mq:5672', { tls: true }],
    ['amqp://[::1]:5673/x', { host: '::1', port: 5673, vhost: 'x' }],
    ['amqp://127.0.0.1', { host: '127.0.0.1' }],
    [
      'amqp://mq:1,b,[::1]:3/re',
      {
        port: 1,
        vhost: 're',
        others: [
          { host: 'b', port: 5672 },
          { host: '::1', port: 3 },
        ],
      },
    ],
    ['amqp://mq/re', { vhost: 're' }],
    ['amqp://mq/%2F', { vhost: '/' }],
    ['amqp://mq//', { vhost: '/' }],
    ['amqp://mq/a%2Fb', { vhost: 'a/b' }],
    ['amqp://mq/gr%C3%BCn', { vhost: 'grün' }],
    ['amqp://ann:pw@mq', { user: 'ann', password: 'pw' }],
    ['amqp://ann@mq', { user: 'ann', password: '' }],
    ['amqp://ann:@mq', { user: 'ann', password: '' }],
    ['amqp://ann:a:b@mq', { user: 'ann', password: 'a:b' }],
    ['amqp://a%40b:p%23%2F%3F%25@mq', { user: 'a@b', password: 'p#/?%' }],
    ['amqp://j%C3%BCrgen:sch%C3%B6n%E2%82%AC@mq', { user: 'jürgen', password: 'schön€' }],
    ['amqp://jürgen:schön@mq', { user: 'jürgen', password: 'schön' }],
    ['amqp://ann:p+w@mq', { user: 'ann', password: 'p+w' }],
    ['amqp://mq?heartbeat=30', { heartbeatSeconds: 30 }],
    ['amqp://mq/re?heartbeat=0', { vhost: 're', heartbeatSeconds: 0 }],
  ])('%s', (url, said) => {
    expect(parseAmqpUrl(url)).toEqual({ ...plain, ...said });
  });
});

describe('a URL that cannot be read is ADDRESS_INVALID, without its secret', () => {
  it.each([
    ['no scheme', 'hushhush', /no scheme/],
    ['nothing', '', /no scheme/],
    ['user first', 'ann:hushhush@mq', /no scheme/],
    ['another scheme', 'http://ann:hushhush@mq', /amqp:\/\/ or amqps:\/\/, not http:\/\//],
    ['raw # in the password', 'amqp://ann:hush#hush@mq', /percent-encoded/],
    ['raw / in the password', 'amqp://ann:hush/hush@mq', /percent-encoded/],
    ['raw ? in the password', 'amqp://ann:hush?hush@mq', /percent-encoded/],
    ['raw @ in the password', 'amqp://ann:hush@hush@mq', /percent-encoded/],
    ['raw [ in the password', 'amqp://ann:hush[hush@mq', /percent-encoded/],
    ['a space in the password', 'amqp://ann:hush hush@mq', /percent-encoded/],
    ['% without digits', 'amqp://ann:hushhush%zz@mq', /percent-encoded/],
    ['bytes that are no UTF-8', 'amqp://ann:hushhush%FF@mq', /not UTF-8/],
    ['a null character', 'amqp://ann:hushhush%00@mq', /control character/],
    ['no host', 'amqp://ann:hushhush@/x', /host/],
    ['nothing behind the scheme', 'amqp://', /host/],
    ['two colons behind the host', 'amqp://ann:hushhush@mq:1:2', /port/],
    ['port 0', 'amqp://ann:hushhush@mq:0', /1 to 65535/],
    ['port 65536', 'amqp://ann:hushhush@mq:65536', /1 to 65535/],
    ['a port of letters', 'amqp://ann:hushhush@mq:hushhush', /1 to 65535/],
    ['a host with odd characters', 'amqp://ann:hushhush@m$q', /host/],
    ['an unknown query key', 'amqp://ann:hushhush@mq?hartbeat=3', /Did you mean `heartbeat`/],
    ['a heartbeat that is no number', 'amqp://ann:hushhush@mq?heartbeat=hushhush', /whole seconds/],
  ])('%s', (_, url, said) => {
    let thrown: unknown;
    try {
      parseAmqpUrl(url);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(NeedfulError);
    expect(thrown).toMatchObject({ code: 'ADDRESS_INVALID', message: expect.stringMatching(said) });
    const shown = inspect(thrown, { depth: 9, showHidden: true }) + JSON.stringify(thrown);
    expect(shown.replaceAll(/^ +at .*$/gm, '')).not.toMatch(/hush/);
  });
});

it('an address is printed without its password', () => {
  expect(printAddress(parseAmqpUrl('amqps://a%40b:hushhush@[::1]/x%2Fy'))).toBe(
    'amqps://a%40b@[::1]:5671/x%2Fy',
  );
  expect(printAddress(parseAmqpUrl('amqp://localhost'))).toBe('amqp://guest@localhost:5672/');
});

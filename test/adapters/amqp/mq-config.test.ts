// The original's MQ file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { readMqConfig } from '../../../adapters/amqp/index.js';

const folder = mkdtempSync(join(tmpdir(), 'mq-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const complete = { server: 'mq.example', vhost: 're', user: 'worker', password: 'SECRET' };

function file(content: unknown): string {
  const path = join(folder, 'mq.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

it.each([
  [{}, { tls: false, port: 5672 }],
  [{ ssl: true }, { tls: true, port: 5671 }],
  [
    { ssl: true, port: 5672 },
    { tls: true, port: 5672 },
  ],
  [{ ssl: false }, { tls: false, port: 5672 }],
  [
    { port: 1234, comment: 'ignored' },
    { tls: false, port: 1234 },
  ],
  [{ vhost: '' }, { tls: false, port: 5672, vhost: '' }],
  [
    { server: 'a.example, [::1]', port: 1234 },
    { tls: false, port: 1234, host: 'a.example', others: [{ host: '::1', port: 1234 }] },
  ],
  [{ server: '[::1]' }, { tls: false, port: 5672, host: '::1' }],
])('%j beside the required keys', (keys, said) => {
  const { server: host, ...rest } = complete;
  expect(readMqConfig(file({ ...complete, ...keys }))).toEqual({ host, ...rest, ...said });
});

it('~ is the home directory', () => {
  const path = file(complete);
  expect(readMqConfig(`~/${relative(homedir(), path)}`)).toMatchObject({ host: 'mq.example' });
});

it.each([
  ['no JSON', '{"password": "SECRET", SECRET', /is not JSON/],
  ['empty', '', /is not JSON/],
  ['a list', [complete], /no object/],
  ['null', null, /no object/],
  ['no vhost', { ...complete, vhost: undefined }, /`vhost` is missing/],
  ['no password', { ...complete, password: undefined }, /`password` is missing/],
  ['a number as password', { ...complete, password: 5 }, /`password` is no string/],
  ['an empty server', { ...complete, server: '' }, /`server` is no host name/],
  ['a server with a comma too many', { ...complete, server: 'a,' }, /`server` is no host name/],
  ['a URL as server', { ...complete, server: 'amqp://mq' }, /`server` is no host name/],
  ['a port of letters', { ...complete, port: '5672' }, /`port` is no number/],
  ['port 0', { ...complete, port: 0 }, /`port` is no number/],
  ['ssl as text', { ...complete, ssl: 'yes' }, /`ssl` is neither/],
])(
  '%s is OPTION_INVALID with the name of the file and what was expected, without its secret',
  (_, content, said) => {
    const path = file(content);
    let thrown: unknown;
    try {
      readMqConfig(path);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'OPTION_INVALID', message: expect.stringMatching(said) });
    expect(thrown).toMatchObject({ message: expect.stringContaining(path) });
    expect(thrown).toMatchObject({ message: expect.stringContaining('server, vhost, user and password') });
    expect(inspect(thrown, { depth: 9, showHidden: true })).not.toMatch(/SECRET/);
  },
);

it('a file that cannot be read is named with the reason', () => {
  expect(() => readMqConfig(join(folder, 'none.json'))).toThrow(/none\.json: cannot be read \(ENOENT\)/);
});

// What the BIG-IP worker is told: which configurations it takes, whose certificates it trusts, and that password and tokens
// leave the process to the BIG-IP only.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, inspect as shown } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStatelyInspector } from '../../src/inspector/index.js';
import bigip from '../../workers/bigip.js';
import { loggerThat } from '../worker/stage.js';
import { hosts, pair, place, play, stage, stageEach } from './bigip-stage.js';
import { user } from './f5.js';

stageEach();

const good = { url: 'https://f5.example.com', username: 'u', password: 'hunter2' };

describe('the configuration of the BIG-IP worker', () => {
  it.each([
    [good],
    [{ ...good, url: 'https://f5.example.com:8443/' }],
    [{ ...good, url: 'http://localhost:8080' }],
    [{ ...good, group: '/Common/a.b-c_d' }],
  ])('may be %j', (environment) => {
    expect(bigip({ environments: { qa: environment } }).name).toBe('bigip');
  });

  it.each([
    ['nothing', undefined, ''],
    ['no environment', { environments: {} }, 'environments'],
    ['no password', { environments: { qa: { ...good, password: '' } } }, 'environments.qa.password'],
    [
      'a key that is not known',
      { environments: { qa: { ...good, grup: 'hunter2' } } },
      '`environments.qa.grup`: not known; is group meant',
    ],
    [
      'a misspelt key',
      { environments: { qa: good }, polCount: 2 },
      '`polCount`: not known; is pollCount meant',
    ],
    [
      'a password in the clear',
      { environments: { qa: { ...good, url: 'http://f5' } } },
      'environments.qa.url',
    ],
    [
      'a password in the address',
      { environments: { qa: { ...good, url: 'https://u:hunter2@f5' } } },
      'qa.url',
    ],
    ['an address with a path', { environments: { qa: { ...good, url: 'https://f5/mgmt' } } }, 'qa.url'],
    ['no address', { environments: { qa: { ...good, url: 'f5' } } }, 'qa.url'],
    ['a group of two words', { environments: { qa: { ...good, group: 'a force' } } }, 'qa.group'],
    ['a file that is not there', { environments: { qa: { ...good, ca: '/no/such.pem' } } }, 'qa.ca'],
    ['no look at all', { environments: { qa: good }, pollCount: 0 }, 'pollCount'],
  ])('may not be %s', (_what, config, where) => {
    const refusal = expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(new RegExp(`^(?!.*hunter2).*${where.replace('.', '\\.')}`)),
    });
    expect(() => bigip(config as never)).toThrow(refusal);
  });
});

describe('the certificate of a BIG-IP', () => {
  let folder = '';
  let tls: { readonly key: string; readonly cert: string };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'needful-f5-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=f5'];
    const files = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert];
    await promisify(execFile)('openssl', [...request, ...files]);
    tls = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('must be one that is trusted', async () => {
    const f5 = await pair({ tls });
    const { send } = await play({ environments: { qa: place(f5) } });
    expect(await send('InRotation', { hosts })).toEqual({
      status: 'failed',
      data: { reason: 'BIG-IP qa was not reached to log needful in: DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
    expect(f5.requests).toEqual([]);
  });

  it.each([
    ['`ca` names it', () => ({ ca: join(folder, 'cert.pem') })],
    ['`verify` is false', () => ({ verify: false })],
  ])('is believed where %s', async (_where, more) => {
    const f5 = await pair({ tls });
    const { send } = await play({ environments: { qa: place(f5, more()) } });
    expect(await send('InRotation', { hosts })).toMatchObject({ status: 'completed' });
  });
});

describe('password and tokens', () => {
  it('are in nothing that leaves the process, also when the BIG-IP repeats them', async () => {
    const f5 = await pair();
    const left: string[] = [];
    const keep = (...what: unknown[]) => {
      left.push(...what.map((one) => (typeof one === 'string' ? one : shown(one, { depth: 12 }))));
    };
    stage.broker.tap((event) => {
      if ('message' in event) keep(Buffer.from(event.message.body).toString());
    });
    const frames = createStatelyInspector({ send: (frame) => keep(JSON.stringify(frame)) });
    const { running, send } = await play(
      { environments: { qa: place(f5), prod: place(f5, { password: 'wrong' }) } },
      { logger: loggerThat(keep), inspect: frames },
    );
    running.subscribe(keep);
    const envs = (name: string) => ({ hosts, parameters: { envs: [name] } });
    expect(await send('OutOfRotation', envs('qa'))).toMatchObject({ status: 'completed' });

    const body = () => ({
      code: 400,
      message: `${[...f5.tokens.keys()].at(-1) ?? user.password} of ${user.username}, ${user.password}, is odd`,
      originalRequestBody: JSON.stringify(user),
    });
    for (const on of [/login/, /pool$/, /^PATCH/, /stats$/, /^DELETE/]) {
      const odd = {
        status: 400,
        get body() {
          return body();
        },
      };
      f5.fail(on, odd);
      const { data } = await send('OutOfRotation', envs('qa'));
      if (!on.test('DELETE')) expect(JSON.stringify(data)).toMatch(/is odd/);
    }
    expect(await send('OutOfRotation', envs('prod'))).toMatchObject({ status: 'failed' });
    f5.tokens.clear();

    expect(f5.given.length).toBeGreaterThan(4);
    const told = left.filter((text) => text.includes('[redacted] of needful, [redacted], is odd'));
    expect(told.length).toBeGreaterThan(4);
    for (const secret of [user.password, ...f5.given])
      expect(left.filter((text) => text.includes(secret))).toEqual([]);
  });
});

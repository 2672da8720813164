// Promise I8 of the command: what it is told as a secret it writes on neither stream, whatever becomes of it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { formsOf } from '../contract/secret-forms.js';
import { describeRabbitMQ } from '../rabbitmq.js';
import { build, endAll, file, needful } from './needful.js';

// Each test starts one command or two.
vi.setConfig({ testTimeout: 60_000 });

const token = 'T0k"en\\of {it}';
const ofBroker = 'Tr0ub4dor&3/x';
const ofManagement = 'c0rrect h0rse';
const coded = encodeURIComponent;
const env = {
  NEEDFUL_AMQP_URL: `amqp://user:${coded(ofBroker)}@127.0.0.1:1/v`,
  NEEDFUL_MANAGEMENT_URL: `http://user:${coded(ofManagement)}@127.0.0.1:1`,
};

let folder = '';
beforeAll(async () => {
  await build();
  folder = await mkdtemp(join(tmpdir(), 'needful-secrets-'));
  await writeFile(join(folder, 'worker.json'), JSON.stringify({ deep: [{ token }] }));
  await writeFile(
    join(folder, 'bad.json'),
    JSON.stringify({ deep: [{ token }, { token: [ofBroker] }, token] }),
  );
  await writeFile(
    join(folder, 'settings.json'),
    JSON.stringify({ connectDeadlineMs: 1, amqp: env.NEEDFUL_AMQP_URL }),
  );
  await writeFile(join(folder, 'broken.json'), `{"amqp": "${env.NEEDFUL_AMQP_URL}", nonsense`);
  await writeFile(
    join(folder, 'throws.ts'),
    "throw new Error('at once: ' + process.env.NEEDFUL_AMQP_URL);\n",
  );
  const { NEEDFUL_AMQP_URL } = env;
  await writeFile(join(folder, 'url'), `${NEEDFUL_AMQP_URL}\n`);
  await writeFile(
    join(folder, 'mq.json'),
    JSON.stringify({ server: '127.0.0.1', port: 1, vhost: 'v', user: 'user', password: ofBroker }),
  );
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(endAll);

/** Both streams, with no secret in them. */
async function said(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await needful(
    args.map((arg) => arg.replace('FOLDER', folder)),
    { env: { ...env, ...more } },
  );
  const all = stdout + stderr;
  for (const secret of [token, ofBroker, ofManagement])
    for (const [name, form] of formsOf(secret))
      expect([name, all.includes(form) && all]).toEqual([name, false]);
  return { code, all, stdout };
}

const blabber = file('blabber.ts');
const send = ['send', 'blabber:Say', '--with', blabber, '--worker-config', 'FOLDER/worker.json'];

describe('I8 the streams of the command', () => {
  it.each([
    ['completes', '', 0],
    ['fails', 'fail', 1],
    ['throws', 'throw', 1],
    ['has a bad name', 'name', 78],
    ['throws when it is defined', 'define', 1],
    ['crashes', 'crash', 1],
  ])('I8 tell no secret of a worker that %s', async (_what, BLABBER, code) => {
    const end = await said([...send, '--log-level', 'debug'], { BLABBER });
    expect(end.code).toBe(code);
    if (BLABBER !== 'name') expect(end.all).toContain('[redacted]');
  });

  it.each(['', 'throw', 'crash'])('I8 are still JSON where they are to be: %s', async (BLABBER) => {
    const { stdout } = await said([...send, '--json'], { BLABBER });
    expect(stdout).toContain('[redacted]');
    for (const line of stdout.split('\n').slice(0, -1)) expect(() => JSON.parse(line)).not.toThrow();
  });

  it.each([
    ['settings', 'config', 0],
    ['settings as JSON', 'config --json', 0],
    [
      'settings by flags',
      `config --amqp ${env.NEEDFUL_AMQP_URL} --management ${env.NEEDFUL_MANAGEMENT_URL}`,
      0,
    ],
    ['a file of a broker', 'config --mq-config FOLDER/mq.json', 0],
    ['no broker', `run ${blabber} -w FOLDER/worker.json --config FOLDER/settings.json --log-level debug`, 69],
    ['no broker, as JSON', `run ${blabber} -w FOLDER/worker.json --config FOLDER/settings.json --json`, 69],
    ['no management API', 'bindings sleep --check', 69],
    ['a configuration that does not fit', `run ${blabber} -w FOLDER/bad.json`, 78],
    ['settings that are broken', 'config --config FOLDER/broken.json', 78],
    ['a file that throws', 'run FOLDER/throws.ts', 78],
    ['an address as a command', env.NEEDFUL_AMQP_URL, 2],
    ['an address as a worker', `run ${env.NEEDFUL_AMQP_URL}`, 78],
    ['an address that cannot be read', `config --amqp ${env.NEEDFUL_AMQP_URL}#`, 78],
    ['an address of another kind', `config --management ftp://user:${coded(ofBroker)}@h`, 78],
  ])('I8 tell no secret of %s', async (_what, line, code) => {
    expect((await said(line.split(' '))).code).toBe(code);
  });

  it('I8 tell no secret that a file holds', async () => {
    const { code, all } = await said(['config'], {
      NEEDFUL_AMQP_URL: '',
      NEEDFUL_AMQP_URL_FILE: `${folder}/url`,
    });
    expect(code).toBe(0);
    expect(all).toContain('amqp://user@127.0.0.1:1/v');
  });
});

describeRabbitMQ('I8 the streams of the command', ({ url }) => {
  it('I8 tell no secret that RabbitMQ refuses', async () => {
    const wrong = url.replace(/\/\/[^@/]*@|\/\//, `//guest:${coded(ofBroker)}@`);
    for (const json of [[], ['--json']]) {
      const { code, all } = await said(['run', 'noop', '--amqp', wrong, '--log-level', 'debug', ...json]);
      expect([code, all]).toEqual([77, expect.stringContaining('ACCESS_REFUSED')]);
    }
  });
});

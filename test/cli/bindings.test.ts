// `needful bindings`: what it prints without any broker, and what it declares and finds on a RabbitMQ.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { connect } from 'amqplib';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { matches } from '../../src/cli/bindings/management.js';
import { describeRabbitMQ } from '../rabbitmq.js';
import { called } from './in-process.js';
import { build, endAll, json, needful, start } from './needful.js';

const juicers = ['juicer', 'secretjuice'] as const;
const example = (name: string) => ['examples/promoter.ts', '--worker-config', `examples/${name}.json`];

describe('bindings that are printed', () => {
  test('are those of the ready-made workers, or of the queue that is named', async () => {
    const all = await called(['bindings']);
    expect(all.stdout).toMatch(/^exchange +re +topic, durable\nqueue +worker\.noop +durable\n/);
    const { stdout } = await called(['bindings', 'sleep', '--queue', 'sleepworker', '--key', 'sleep']);
    expect(stdout).toBe(
      [
        'exchange  re                        topic, durable',
        'queue     worker.sleepworker        durable',
        'binding   re -> worker.sleepworker  key worker.sleep',
        '',
      ].join('\n'),
    );
  });

  test('of the worker that takes output lines lead them to it, with and without its configuration', async () => {
    const expected = /^binding +re -> worker\.output +key output$/m;
    expect((await called(['bindings', 'output'])).stdout).toMatch(expected);
    expect((await called(['bindings'])).stdout).toMatch(expected);
  });

  test('take the queue of the configuration file of a worker', async () => {
    for (const name of juicers) {
      const { stdout } = await called(['bindings', ...example(name)]);
      expect(stdout).toContain(`re -> worker.${name}  key worker.${name}\n`);
    }
  });

  test('are one object a line with --json', async () => {
    const { stdout } = await called(['bindings', 'noop', '--json']);
    expect(stdout.trim().split('\n').map(json)).toEqual([
      { type: 'exchange', name: 're', exchangeType: 'topic', durable: true },
      { type: 'queue', name: 'worker.noop', durable: true },
      { type: 'binding', exchange: 're', queue: 'worker.noop', routingKey: 'worker.noop' },
    ]);
  });

  test('are words of a shell as rabbitmqadmin takes them, whatever the virtual host is called', async () => {
    const { stdout } = await called([
      'bindings',
      'noop',
      '--format',
      'rabbitmqadmin',
      '--amqp',
      'amqp://host/it%27s%20mine',
    ]);
    expect(stdout.split('\n')[0]).toBe(
      "rabbitmqadmin '--vhost=it'\\''s mine' declare exchange name=re type=topic durable=true",
    );
  });
});

test.each([
  ['worker.juicer', 'worker.juicer', true],
  ['worker.*', 'worker.juicer', true],
  ['*', 'worker.juicer', false],
  ['#', 'worker.juicer', true],
  ['worker.#', 'worker', true],
  ['#.juicer', 'worker.juicer', true],
  ['worker.*.#', 'worker', false],
  ['worker.noop', 'worker.juicer', false],
])('the key %s takes messages with the key %s: %s', (pattern, key, taken) => {
  expect(matches(pattern, key)).toBe(taken);
});

describeRabbitMQ('bindings on RabbitMQ', (broker) => {
  const { url, private: isPrivate, managementUrl } = broker;
  const amqp = ['--amqp', url];
  beforeAll(build);
  beforeEach(clear);
  afterEach(endAll);

  test('two configurations of one worker: each step reaches the right one', async () => {
    for (const name of juicers) {
      const worker = start(['run', ...example(name), '--declare', ...amqp]);
      await worker.line(new RegExp(`worker juicer listens on worker\\.${name} `));
    }
    const answer = async (step: string, environment: string) => {
      const parameters = ['--param', 'cart=inception', '--param', `environment=${environment}`];
      const { lines } = await needful(['send', step, ...parameters, '--json', ...amqp]);
      return json(lines.at(-1));
    };
    expect(await answer('juicer:Promote', 'qa')).toMatchObject({
      outcome: 'completed',
      data: 'https://repo.example.com/qa/inception',
    });
    expect(await answer('secretjuice:Promote', 'vault')).toMatchObject({
      outcome: 'completed',
      data: 'https://secret.example.com/vault/inception',
    });
    expect(await answer('secretjuice:Promote', 'qa')).toMatchObject({ outcome: 'failed' });
    const release = await needful(['release', 'examples/two-juicers.yaml', ...amqp]);
    expect(release.stdout).toMatch(/release completed: 2 completed/);
  });

  test('--declare declares; --check finds it, and says what AMQP cannot tell', async () => {
    const before = await needful(['bindings', 'noop', '--check', ...amqp]);
    expect(before.code).toBe(78);
    expect(before.stdout).toMatch(/^exchange .* missing\n +NOT_FOUND - no exchange 're'/);
    expect(before.stderr).toBe('needful: 2 missing\n');
    const declared = await needful(['bindings', 'noop', '--declare', ...amqp]);
    expect(declared.stdout.match(/ declared$/gm)).toHaveLength(3);
    const { code, stdout } = await needful(['bindings', 'noop', '--check', ...amqp]);
    expect(code).toBe(0);
    expect(stdout.match(/ there$/gm)).toHaveLength(2);
    expect(stdout).toMatch(/^binding .* unknown\n {2}AMQP cannot list bindings; --management URL/m);
  });

  test("a queue with other arguments is told in the broker's words, and that others may follow", async () => {
    await withChannel((channel) => channel.assertQueue('worker.noop', { durable: true, maxPriority: 5 }));
    await needful(['bindings', 'sleep', '--declare', ...amqp]);
    const checked = await needful(['bindings', 'noop', '--check', ...amqp]);
    expect(checked.code).toBe(78);
    expect(checked.stdout).toMatch(
      /worker\.noop .*different\n {2}PRECONDITION_FAILED - inequivalent arg 'x-max-priority' for queue 'worker\.noop'.*first difference only, others may follow$/m,
    );
    const declared = await needful(['bindings', 'noop', '--declare', ...amqp]);
    expect(declared.code).toBe(78);
    expect(declared.stderr).toMatch(/TOPOLOGY_DIFFERENT: .*PRECONDITION_FAILED.*others may follow/);
  });

  test.skipIf(!isPrivate)(
    'the management API tells every difference, and bindings that make a job run twice',
    async () => {
      await withChannel(async (channel) => {
        await channel.assertExchange('re', 'topic', { durable: true });
        await channel.assertQueue('worker.noop', { durable: false, autoDelete: true });
        await channel.assertQueue('somebody', { durable: true });
        await channel.bindQueue('somebody', 're', 'worker.*');
      });
      const { code, lines, stderr } = await needful(['bindings', 'noop', '--check', '--json', ...amqp], {
        env: { NEEDFUL_MANAGEMENT_URL: managementUrl },
      });
      expect(code).toBe(78);
      expect(lines.map(json)).toEqual([
        { type: 'exchange', name: 're', exchangeType: 'topic', durable: true, state: 'there' },
        {
          type: 'queue',
          name: 'worker.noop',
          durable: true,
          state: 'different',
          detail: 'durable is false, not true; auto_delete is true, not false',
        },
        {
          type: 'binding',
          exchange: 're',
          queue: 'worker.noop',
          routingKey: 'worker.noop',
          state: 'missing',
          detail: 'jobs with the key worker.noop do not reach the queue',
        },
        {
          type: 'binding',
          exchange: 're',
          queue: 'somebody',
          routingKey: 'worker.*',
          state: 'surplus',
          detail: 'jobs with the key worker.noop go to worker.noop and to somebody: both do them',
        },
      ]);
      expect(stderr).toBe('needful: 1 missing, 1 different, 1 too many\n');
    },
  );

  test.skipIf(!isPrivate)('definitions are imported as they are, and then everything is there', async () => {
    const { stdout } = await needful([
      'bindings',
      ...example('secretjuice'),
      '--format',
      'definitions',
      ...amqp,
    ]);
    await broker.management('/definitions', { method: 'POST', body: JSON.parse(stdout) });
    await everythingIsThere();
  });

  test.skipIf(!isPrivate)(
    "the broker's own rabbitmqadmin runs the commands as they are printed",
    async (context) => {
      const python = await promisify(execFile)('python3', ['--version']).catch(() => undefined);
      if (python === undefined) return context.skip('rabbitmqadmin needs python3');
      const folder = await mkdtemp(`${tmpdir()}/needful-`);
      const address = new URL(managementUrl);
      const tool = await (await fetch(`${address.origin}/cli/rabbitmqadmin`)).text();
      await writeFile(`${folder}/rabbitmqadmin`, tool);
      await chmod(`${folder}/rabbitmqadmin`, 0o755);
      const { stdout } = await needful([
        'bindings',
        ...example('secretjuice'),
        '--format',
        'rabbitmqadmin',
        ...amqp,
      ]);
      const connection = `--host=${address.hostname} --port=${address.port} --username=${address.username} --password=${address.password}`;
      for (const line of stdout.trim().split('\n')) {
        const command = line.replace(/^rabbitmqadmin/, `python3 ${folder}/rabbitmqadmin ${connection}`);
        await promisify(execFile)('sh', ['-c', command]);
      }
      await rm(folder, { recursive: true });
      await everythingIsThere();
    },
  );

  test.skipIf(!isPrivate)(
    'a management API that refuses or is none is an error without the password',
    async () => {
      const address = new URL(managementUrl);
      const ask = (management: string) =>
        needful(['bindings', 'noop', '--check', '--management', management, ...amqp]);
      const refused = await ask(`${address.protocol}//nobody:s%23cret@${address.host}`);
      expect(refused.code).toBe(77);
      expect(refused.stderr).toMatch(
        /ACCESS_REFUSED: the management API at http:\S+ refuses user "nobody": status 401/,
      );
      const away = await ask('http://guest:s%23cret@127.0.0.1:1');
      expect(away.code).toBe(69);
      const broken = await ask('localhost');
      expect(broken.code).toBe(78);
      expect(broken.stderr).toMatch(/ADDRESS_INVALID: --management: .*expected http:/);
      for (const { stderr } of [refused, away, broken]) expect(stderr).not.toMatch(/cret/);
    },
  );

  async function everythingIsThere(): Promise<void> {
    const { code, stdout } = await needful([
      'bindings',
      ...example('secretjuice'),
      '--check',
      '--management',
      // As the user of the AMQP address.
      new URL(managementUrl).origin,
      ...amqp,
    ]);
    expect(stdout.match(/ there$/gm)).toHaveLength(3);
    expect(code).toBe(0);
  }

  async function clear(): Promise<void> {
    await withChannel(async (channel) => {
      for (const queue of ['worker.noop', 'worker.sleep', 'worker.juicer', 'worker.secretjuice', 'somebody'])
        await channel.deleteQueue(queue);
      await channel.deleteExchange('re');
    });
  }

  async function withChannel(use: (channel: Channel) => Promise<unknown>): Promise<void> {
    const connection = await connect(url);
    await use(await connection.createChannel());
    await connection.close();
  }
});

type Channel = Awaited<ReturnType<Awaited<ReturnType<typeof connect>>['createChannel']>>;

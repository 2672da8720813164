// `needful bindings` on a RabbitMQ: what it declares and what it finds there, over AMQP and through the management API.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { connect } from 'amqplib';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeRabbitMQ } from '../rabbitmq.js';
import { build, endAll, file, json, needful, start } from './needful.js';

const juicers = ['juicer', 'secretjuice'] as const;
const example = (name: string) => ['examples/promoter.ts', '--worker-config', `examples/${name}.json`];

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

  test('two juicers that come with Needful, each with a program of its own', async () => {
    const folder = await mkdtemp(`${tmpdir()}/needful-`);
    for (const queue of juicers) {
      const command = [process.execPath, file('juicer-says.mjs'), queue];
      await writeFile(`${folder}/${queue}.json`, JSON.stringify({ queue, command }));
      const worker = start(['run', 'juicer', '-w', `${folder}/${queue}.json`, '--declare', ...amqp]);
      await worker.line(new RegExp(`worker juicer listens on worker\\.${queue} `));
    }
    for (const queue of juicers) {
      const values = ['--dynamic', 'cart=inception', '--dynamic', 'environment=qa'];
      const { code, lines } = await needful(['send', `${queue}:Promote`, ...values, '--json', ...amqp]);
      expect(code).toBe(0);
      const said = lines.map(json).filter(({ type }) => type === 'output');
      expect(said.map(({ message }) => message)).toContain(`${queue}: -v cart pull inception`);
    }
    await rm(folder, { recursive: true });
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
    expect(stdout).toMatch(
      /^binding .* unknown\nCompared over AMQP, which cannot list bindings; --management URL/m,
    );
  });

  test("a queue with other arguments is told in the broker's words, and that others may follow", async () => {
    await withChannel((channel) => channel.assertQueue('worker.noop', { durable: true, maxPriority: 5 }));
    await needful(['bindings', 'sleep', '--declare', ...amqp]);
    const checked = await needful(['bindings', 'noop', '--check', ...amqp]);
    expect(checked.code).toBe(78);
    expect(checked.stdout).toMatch(
      /worker\.noop .*different\n {2}PRECONDITION_FAILED - inequivalent arg 'x-max-priority' for queue 'worker\.noop'.*; others may follow$/m,
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
        {
          type: 'exchange',
          name: 're',
          exchangeType: 'topic',
          durable: true,
          state: 'there',
          checkedBy: ['amqp', 'management'],
        },
        {
          type: 'queue',
          name: 'worker.noop',
          durable: true,
          state: 'different',
          checkedBy: ['amqp', 'management'],
          detail: expect.stringMatching(
            /^durable is false, not true; auto_delete is true, not false; PRECONDITION_FAILED - inequivalent arg 'durable' [^;]*$/,
          ),
        },
        {
          type: 'binding',
          exchange: 're',
          queue: 'worker.noop',
          routingKey: 'worker.noop',
          state: 'missing',
          checkedBy: ['management'],
          detail: 'jobs with the key worker.noop do not reach the queue',
        },
        {
          type: 'binding',
          exchange: 're',
          queue: 'somebody',
          routingKey: 'worker.*',
          state: 'surplus',
          checkedBy: ['management'],
          detail: 'jobs with the key worker.noop go to worker.noop and to somebody: both do them',
        },
      ]);
      expect(stderr).toBe('needful: 1 missing, 1 different, 1 too many\n');
    },
  );

  test.skipIf(!isPrivate)(
    '--declare with the management API declares nothing under a key that somebody has',
    async () => {
      await needful(['bindings', '--queue', 'noopworker', '--key', 'noop', '--declare', ...amqp]);
      const args = ['bindings', 'noop', '--declare', '--management', managementUrl, ...amqp];
      const { code, stderr } = await needful(args);
      expect(code).toBe(78);
      expect(stderr).toMatch(
        /nothing was declared: jobs with the key worker\.noop go to .* and to worker\.noopworker: both do them/,
      );
      const queues = await broker.management('/queues/VHOST');
      expect(queues).not.toContainEqual(expect.objectContaining({ name: 'worker.noop' }));
      await withChannel((channel) => channel.deleteQueue('worker.noopworker'));
      expect((await needful(args)).code).toBe(0);
    },
  );

  test.skipIf(!isPrivate)('the management API alone is asked where no broker is named', async () => {
    const { code, stdout } = await needful(['bindings', 'noop', '--check', '--management', managementUrl]);
    // In the virtual host /, which has nothing of it.
    expect(code).toBe(78);
    expect(stdout).toMatch(/^exchange .* missing\n {2}there is no exchange of that name$/m);
    expect(stdout).toMatch(/^Compared through the management API\.$/m);
  });

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
    expect(stdout).toMatch(
      /^Compared over AMQP and through the management API; bindings through the management API,/m,
    );
    expect(code).toBe(0);
  }

  async function clear(): Promise<void> {
    await withChannel(async (channel) => {
      for (const queue of [
        'worker.noop',
        'worker.sleep',
        'worker.juicer',
        'worker.secretjuice',
        'worker.noopworker',
        'somebody',
      ])
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

// The commands on a RabbitMQ: workers and engine in processes of their own, which share nothing but the URL.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { describeRabbitMQ } from '../rabbitmq.js';
import { build, endAll, file, json, needful, type Running, start } from './needful.js';

describeRabbitMQ('the command line on RabbitMQ', ({ url }) => {
  const amqp = ['--amqp', url];
  beforeAll(build);
  afterEach(endAll);

  async function run(...args: readonly string[]): Promise<Running> {
    const worker = start(['run', ...args, ...amqp]);
    await worker.line(/listens on|"type":"listening"/);
    return worker;
  }

  // The first of the file: later ones declare.
  test('what is missing on it is an error that names --declare', async () => {
    for (const args of [
      ['run', 'noop'],
      ['demo', file('two-hosts.yaml'), '--dynamic', 'version=1'],
    ]) {
      const { code, stderr } = await needful([...args, ...amqp]);
      expect(code).toBe(78);
      expect(stderr).toMatch(/^needful: (EXCHANGE|QUEUE)_MISSING: .*--declare/);
      expect(stderr.match(/Create it/g)).toHaveLength(1);
    }
    const { code, stderr } = await needful(['send', 'noop:X', ...amqp]);
    expect(code).toBe(78);
    expect(stderr).toMatch(/EXCHANGE_MISSING[\s\S]*--declare/);
    expect(stderr.match(/Create it/g)).toHaveLength(1);
  });

  test('run and send talk to each other; SIGTERM drains: the job in hand ends and is answered', async () => {
    const worker = await run('sleep', '--declare');
    expect(worker.stdout()).toMatch(/^worker sleep listens on worker\.sleep at amqp:\/\/\S+ with 1 lane$/m);
    const sending = start(['send', 'sleep:Seconds', '--param', 'seconds=1', ...amqp]);
    await worker.line(/-> doingTheNeedful/);
    worker.child.kill('SIGTERM');
    await worker.line(/^SIGTERM: no new jobs.*a second signal cancels running jobs, a third exits at once/);
    expect(await sending.exit).toBe(0);
    expect(sending.stdout()).toMatch(/completed in/);
    expect(await worker.exit).toBe(0);
    expect(worker.stdout()).toMatch(/worker sleep stopped: 1 job, 1 completed, 0 failed$/m);
    expect(worker.stdout() + sending.stdout()).not.toContain(`:${new URL(url).password}@`);
  });

  test('a second signal cancels the job, whose engine is told so', async () => {
    const worker = await run('sleep', '--json');
    const sending = start(['send', 'sleep:Seconds', '--param', 'seconds=600', ...amqp]);
    await worker.line(/"to":"doingTheNeedful"/);
    worker.child.kill('SIGINT');
    await worker.line(/"type":"signal"/);
    worker.child.kill('SIGINT');
    expect(await sending.exit).toBe(1);
    expect(sending.stdout()).toContain('CANCELLED');
    expect(await worker.exit).toBe(75);
    const stopped = worker
      .stdout()
      .split('\n')
      .findLast((line) => line.includes('"type":"stopped"'));
    expect(json(stopped).status).toMatchObject({ counts: { received: 1, failed: 1 } });
  });

  test('the address may come from the environment or from an MQ file', async () => {
    const worker = await run('noop', '--declare');
    expect((await needful(['send', 'noop:X'], { env: { AMQP_URL: url } })).code).toBe(0);
    const folder = await mkdtemp(`${tmpdir()}/needful-`);
    const { hostname, port, username, password, pathname } = new URL(url);
    const mq = {
      server: hostname,
      port: Number(port || 5672),
      user: decodeURIComponent(username) || 'guest',
      password: decodeURIComponent(password) || 'guest',
      vhost: decodeURIComponent(pathname.slice(1)) || '/',
    };
    await writeFile(`${folder}/mq.json`, JSON.stringify(mq));
    expect((await needful(['send', 'noop:X', '--mq-config', `${folder}/mq.json`])).code).toBe(0);
    await rm(folder, { recursive: true });
    worker.child.kill('SIGTERM');
    expect(await worker.exit).toBe(0);
  });

  test('a worker of a TypeScript file listens on the queue that was named', async () => {
    const worker = await run(
      file('helloworld.ts'),
      '--queue',
      'helloworld',
      '--concurrency',
      '3',
      '--declare',
    );
    expect(worker.stdout()).toMatch(/worker\.helloworld at .* with 3 lanes/);
    const { code } = await needful(['send', 'helloworld:Hello', '--param', 'who=you', ...amqp]);
    expect(code).toBe(0);
    worker.child.kill('SIGTERM');
    expect(await worker.exit).toBe(0);
  });

  test('the demo plays a release with nothing but the URL', async () => {
    const { code, stdout } = await needful([
      'demo',
      file('two-hosts.yaml'),
      '--dynamic',
      'version=1',
      '--declare',
      ...amqp,
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/two sleep:Seconds: lane doingTheNeedful/);
    expect(stdout).toMatch(/release completed: 4 completed/);
  });
});

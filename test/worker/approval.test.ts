// The approval of examples/: one process holds a job until another one says yes, over a queue of their own on RabbitMQ.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { createAmqpTransport } from '../../adapters/amqp/index.js';
import { Trace } from '../adapters/bus.js';
import { build } from '../cli/needful.js';
import { describeRabbitMQ } from '../rabbitmq.js';
import { Engine } from './engine.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = (name: string) => `${root}dist/examples/${name}.js`;
const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

beforeAll(build, 60_000);

describeRabbitMQ('the approval of a job', ({ url }) => {
  const env = { ...process.env, AMQP_URL: url };
  const approve = (...args: string[]) =>
    promisify(execFile)(process.execPath, [program('approve'), ...args], { env });

  it('is given or refused by a second process, over a queue of its own', async () => {
    const worker = spawn(process.execPath, [program('approval-on-rabbitmq')], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.push(worker);
    const lines = new Trace<string>();
    createInterface(worker.stdout).on('line', (line) => lines.add(line));
    await lines.first(1, (line) => line === 'listening');
    const engine = await new Engine(createAmqpTransport({ url })).open();

    const web = await engine.send('deployer:Deploy', { parameters: { package: 'web' } });
    await lines.first(1, (line) => line === `${web.correlationId} waits for approval`);
    expect((await approve(web.correlationId)).stdout).toBe('approval.granted confirmed\n');
    expect(await web.final()).toMatchObject({ status: 'completed', data: 'web deployed' });
    expect(web.statuses).toEqual(['started', 'completed']);

    const db = await engine.send('deployer:Deploy', { parameters: { package: 'db' } });
    await lines.first(1, (line) => line === `${db.correlationId} waits for approval`);
    await approve('some-other-job');
    await approve(db.correlationId, 'not on a Friday');
    expect(await db.final()).toMatchObject({ status: 'failed', data: 'not on a Friday' });
    expect(lines.all.filter((line) => line.startsWith('approval.'))).toEqual([
      'approval.granted taken',
      'approval.granted not taken: nobody waits for it',
      'approval.refused taken',
    ]);

    const exit = new Promise((resolve) => worker.once('exit', resolve));
    worker.kill('SIGTERM');
    expect(await exit).toBe(0);
    await engine.transport.close();
  });
});

// RabbitMQ in a container of our own, for machines where it can neither be found nor installed.
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Broker, BrokerOptions } from './broker.js';
import { lastLines, runCommand, tryCommand } from './command.js';
import { readGreeting } from './handshake.js';
import { freePorts } from './port.js';
import { supervise } from './supervisor.js';

const image = 'rabbitmq:3.13-management-alpine';

/** Milliseconds, the download of the image included. */
const readyLimitMs = 300_000;

/** undefined: the daemon answers; otherwise why it cannot be used. */
export async function whyNoDocker(): Promise<string | undefined> {
  const { code, stderr } = await tryCommand(['docker', 'info'], { timeoutMs: 10_000 });
  return code === 0 ? undefined : lastLines(stderr, 1);
}

/** Resolves when the container greets by its own name; rejects with the end of its log when it does not. */
export async function startContainer(options: BrokerOptions): Promise<Broker> {
  const [amqp = 0, management = 0] = await freePorts(2);
  const port = options.port ?? amqp;
  const name = `needful-${randomBytes(5).toString('hex')}`;
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  const ports = options.management ? [port, management] : [port];
  const run = ['docker', 'run', '--rm', '--name', name, '--env', `RABBITMQ_NODENAME=${name}@localhost`];
  const publish = ['--publish', `127.0.0.1:${port}:5672`, '--publish', `127.0.0.1:${management}:15672`];
  const supervisor = await supervise({
    folder,
    env: process.env,
    programs: [{ name: 'container', command: [...run, ...publish.slice(0, ports.length * 2), image] }],
    cleanUp: ['docker', 'rm', '--force', name],
  });
  let ended: string | undefined;
  void supervisor.ended.then((reason) => {
    ended = reason;
  });
  const deadline = Date.now() + readyLimitMs;
  for (;;) {
    const greeting = await readGreeting({ port }).catch(() => undefined);
    if (greeting?.clusterName?.startsWith(`${name}@`)) break;
    if (ended !== undefined || greeting !== undefined || Date.now() > deadline) {
      const log = await readFile(join(folder, 'container.log'), 'utf8').catch(() => '');
      await supervisor.stop();
      const reason = greeting ? `port ${port} is taken by another broker` : (ended ?? 'it does not answer');
      throw new Error(`the RabbitMQ container did not start: ${reason}\n${lastLines(log, 15)}`);
    }
    await delay(100);
  }
  return {
    kind: 'docker',
    private: true,
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    ...(options.management ? { managementUrl: `http://guest:guest@127.0.0.1:${management}` } : {}),
    pids: supervisor.pids,
    ports,
    rabbitmqctl: (...args) => runCommand(['docker', 'exec', name, 'rabbitmqctl', '--quiet', ...args]),
    crash: () => Promise.reject(new Error('a container that is killed is gone with its data')),
    revive: () => Promise.reject(new Error('a container that is killed is gone with its data')),
    stop: () => supervisor.stop(),
  };
}

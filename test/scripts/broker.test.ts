// The broker that tests run against: the real thing is started, killed and looked for afterwards.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGreeting } from '../../scripts/broker/handshake.js';
import type { Broker } from '../../scripts/broker.js';
import { describePrivateRabbitMQ } from '../private-rabbitmq.js';
import { listening, processesWith, until } from './left-behind.js';

const root = new URL('../..', import.meta.url);

function runScript(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const program = ['node_modules/jiti/lib/jiti-cli.mjs', 'scripts/broker.ts', ...args];
  const child = spawn(process.execPath, program, { cwd: root, env: { ...process.env, ...env } });
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

const portOf = (broker: Broker) => Number(new URL(broker.url).port);

async function answers(broker: Broker): Promise<boolean> {
  const connection = await connect(broker.url);
  await connection.close();
  return true;
}

describePrivateRabbitMQ('a private node', (start) => {
  let mine: Broker;
  let other: ReturnType<typeof runScript>;
  let others: Pick<Broker, 'url' | 'pids' | 'ports'>;

  beforeAll(async () => {
    other = runScript(['--json'], { AMQP_URL: '' });
    const [started, line] = await Promise.all([start(), other.lines.next()]);
    mine = started;
    others = JSON.parse(String(line.value));
  });
  afterAll(async () => {
    other.child.kill('SIGKILL');
    await mine.stop();
  });

  it('stands beside a second one: nothing is shared', async () => {
    expect(await answers(mine)).toBe(true);
    expect((await readGreeting({ port: Number(new URL(others.url).port) })).clusterName).toMatch(/^needful-/);
    expect(new Set([...mine.ports, ...others.ports]).size).toBe(mine.ports.length + others.ports.length);
    expect(await mine.rabbitmqctl('eval', 'nodes().')).toContain('[]');
  });

  it('does not take a foreign broker on its port for itself, and leaves that one alone', async () => {
    await expect(start({ port: portOf(mine) })).rejects.toThrow(
      /did not start: port \d+ is taken by another broker/,
    );
    expect(await answers(mine)).toBe(true);
  });

  it('says what is wrong, with the end of its log, when something else listens on its port', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    await expect(start({ port })).rejects.toThrow(/did not start: node ended with 1.*eaddrinuse/s);
    silent.close();
  }, 90_000);

  it('leaves no process, no port and no folder when its starter is killed', async () => {
    const [, , epmd] = others.ports;
    const variable = `ERL_EPMD_PORT=${epmd}`;
    expect((await processesWith(variable)).length).toBeGreaterThan(2);
    other.child.kill('SIGKILL');
    await until(async () => (await processesWith(variable)).length === 0);
    expect(await listening(others.ports)).toEqual([]);
    expect(await answers(mine)).toBe(true);
  });

  it('leaves nothing after stop, epmd included, though a rabbitmqctl was on its way; stop may be called again', async () => {
    const folder = (await mine.rabbitmqctl('eval', 'os:getenv("HOME").')).trim().slice(1, -1);
    await access(folder);
    const late = mine.rabbitmqctl('status').catch((error: Error) => error.message);
    await mine.stop();
    expect(await late).toContain('rabbitmqctl');
    expect(await listening(mine.ports)).toEqual([]);
    expect(await processesWith(`ERL_EPMD_PORT=${mine.ports[2]}`)).toEqual([]);
    await expect(access(folder)).rejects.toThrow('ENOENT');
    await mine.stop();
  });
});

describe('the greeting', () => {
  it('is refused from something that speaks another protocol', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(readGreeting({ port })).rejects.toThrow('speaks no AMQP 0-9-1');
    server.close();
    await expect(readGreeting({ port })).rejects.toThrow('ECONNREFUSED');
  });
});

describe('the command', () => {
  const external = { AMQP_URL: 'amqp://broker.example', NEEDFUL_TEST_BROKER: '' };

  it('prints the URL and ends with its standard input', async () => {
    const { child, lines } = runScript([], external);
    expect((await lines.next()).value).toBe('amqp://broker.example');
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends with 0 on %s', async (signal) => {
    const { child, lines } = runScript([], external);
    await lines.next();
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('says reason and remedy and ends with 1 where no broker is to be had', async () => {
    const { child } = runScript([], { NEEDFUL_TEST_BROKER: 'none' });
    const said = child.stderr.setEncoding('utf8').toArray();
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect((await said).join('')).toMatch(
      /^broker: no RabbitMQ: NEEDFUL_TEST_BROKER=none .* Remedy: set AMQP_URL /,
    );
  });

  it('refuses arguments it does not know', async () => {
    const { child } = runScript(['--managment']);
    const said = child.stderr.setEncoding('utf8').toArray();
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect((await said).join('')).toContain('unknown argument --managment: known are install, --management');
  });
});

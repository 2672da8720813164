// RabbitMQ as a private node: everything it owns is in one temporary folder, everything it listens on is on loopback.
import { randomBytes } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Broker, BrokerOptions } from './broker.js';
import { lastLines, runCommand } from './command.js';
import { readGreeting } from './handshake.js';
import { freePorts } from './port.js';
import { supervise } from './supervisor.js';

// Not the program on the PATH: Debian's wrapper there changes to another user and ends with 0 when the node fails.
const servers = [
  '/usr/lib/rabbitmq/bin/rabbitmq-server',
  '/opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server',
  '/usr/local/opt/rabbitmq/sbin/rabbitmq-server',
];

/** Milliseconds until a node must have answered; on two busy cores it takes up to 20 s. */
const readyLimitMs = 120_000;
/** Of a command to it, which starts an Erlang of its own: on a machine with forty things to do it takes over a minute. */
const commandLimitMs = 300_000;

/** Path of RabbitMQ's start script; undefined: not installed. */
export async function findServer(): Promise<string | undefined> {
  for (const path of servers) {
    const readable = await access(path).then(
      () => true,
      () => false,
    );
    if (readable) return path;
  }
  return undefined;
}

interface Ports {
  readonly amqp: number;
  readonly dist: number;
  readonly epmd: number;
  readonly management: number;
}

/** Resolves when the node greets by its own name. Rejects with the end of its log when it does not. */
export async function startNode(server: string, options: BrokerOptions): Promise<Broker> {
  const [amqp = 0, dist = 0, epmd = 0, management = 0] = await freePorts(4);
  const ports: Ports = { amqp: options.port ?? amqp, dist, epmd, management };
  const name = `needful-${randomBytes(5).toString('hex')}`;
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  const env = nodeEnvironment({ name, folder, ports });
  await writeFiles({ folder, ports, options });
  const supervisor = await supervise({
    folder,
    env,
    programs: [
      { name: 'epmd', command: ['epmd', '-port', `${epmd}`, '-address', '127.0.0.1'] },
      { name: 'node', command: [server] },
    ],
  });
  try {
    await ready({ name, folder, port: ports.amqp, ended: supervisor.ended });
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
  const revive = async () => {
    const { ended } = await supervisor.start('node');
    await ready({ name, folder, port: ports.amqp, ended });
  };
  const ctl = join(dirname(server), 'rabbitmqctl');
  const stopped = new AbortController();
  return {
    kind: 'node',
    private: true,
    url: `amqp://guest:guest@127.0.0.1:${ports.amqp}`,
    ...(options.management ? { managementUrl: `http://guest:guest@127.0.0.1:${management}` } : {}),
    pids: supervisor.pids,
    ports: Object.values(ports),
    rabbitmqctl: (...args) =>
      runCommand([ctl, '--quiet', ...args], { env, signal: stopped.signal, timeoutMs: commandLimitMs }),
    crash: () => supervisor.kill('node'),
    revive,
    stop: () => {
      stopped.abort();
      return supervisor.stop();
    },
  };
}

// Not a copy of our own environment: its RABBITMQ_… and ERL_… would change the node.
function nodeEnvironment(node: { name: string; folder: string; ports: Ports }): NodeJS.ProcessEnv {
  const { name, folder, ports } = node;
  const loopbackOnly = '-kernel inet_dist_use_interface {127,0,0,1}';
  return {
    PATH: `${process.env.PATH ?? ''}:/usr/bin:/bin:/usr/sbin:/sbin`,
    LANG: 'C.UTF-8',
    HOME: folder,
    ERL_EPMD_PORT: `${ports.epmd}`,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    // Every Erlang program starts an epmd where it finds none: a rabbitmqctl during our stop would leave one behind.
    ERL_FLAGS: '-start_epmd false',
    // A command that is ended with its node would leave one in the working folder.
    ERL_CRASH_DUMP: '/dev/null',
    RABBITMQ_NODENAME: `${name}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: `${ports.amqp}`,
    RABBITMQ_DIST_PORT: `${ports.dist}`,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: loopbackOnly,
    RABBITMQ_CTL_ERL_ARGS: loopbackOnly,
    RABBITMQ_CONF_ENV_FILE: join(folder, 'rabbitmq-env.conf'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'config'),
    RABBITMQ_PLUGINS_EXPAND_DIR: join(folder, 'plugins'),
    RABBITMQ_PID_FILE: join(folder, 'rabbitmq.pid'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    // As under systemd, the start script becomes the node instead of waiting for it: the pid we kill is the node's.
    RUNNING_UNDER_SYSTEMD: 'true',
  };
}

async function writeFiles(node: { folder: string; ports: Ports; options: BrokerOptions }): Promise<void> {
  const { folder, ports, options } = node;
  const put = (name: string, text: string) => writeFile(join(folder, name), text, { mode: 0o600 });
  const config = [`listeners.tcp.1 = 127.0.0.1:${ports.amqp}`, 'disk_free_limit.absolute = 10MB'];
  if (options.management) {
    config.push('management.tcp.ip = 127.0.0.1', `management.tcp.port = ${ports.management}`);
    // Tests read counts there: half a second old at most, instead of five.
    config.push('collect_statistics_interval = 500', 'management.rates_mode = none');
  }
  await mkdir(join(folder, 'log'));
  await put('rabbitmq-env.conf', '');
  await put('rabbitmq.conf', `${config.join('\n')}\n`);
  await put('advanced.config', '[].\n');
  await put('enabled_plugins', options.management ? '[rabbitmq_management].\n' : '[].\n');
  await writeFile(join(folder, '.erlang.cookie'), randomBytes(20).toString('hex'), { mode: 0o400 });
}

interface Starting {
  readonly name: string;
  readonly folder: string;
  readonly port: number;
  /** Of one of its programs. */
  readonly ended: Promise<string>;
}

// An open port proves nothing, it may be anybody's: the node is ready when the greeting there carries its name.
async function ready({ name, folder, port, ended }: Starting): Promise<void> {
  let why: string | undefined;
  void ended.then((reason) => {
    why = reason;
  });
  const fail = async (reason: string): Promise<never> => {
    throw new Error(`the private RabbitMQ node did not start: ${reason}\n${await tailOfLogs(folder)}`);
  };
  const deadline = Date.now() + readyLimitMs;
  for (;;) {
    if (why !== undefined) return fail(why);
    if (Date.now() > deadline) return fail(`no greeting on port ${port} within ${readyLimitMs} ms`);
    const nothing = () => undefined;
    const greeting = await Promise.race([readGreeting({ port }), ended.then(nothing)]).catch(nothing);
    if (greeting?.clusterName?.startsWith(`${name}@`)) return;
    if (greeting !== undefined) {
      return fail(`port ${port} is taken by another broker, ${greeting.clusterName ?? 'which says no name'}`);
    }
    await delay(50);
  }
}

async function tailOfLogs(folder: string): Promise<string> {
  const logs = await readdir(join(folder, 'log')).catch(() => []);
  const paths = [
    ...logs.map((log) => join(folder, 'log', log)),
    join(folder, 'node.log'),
    join(folder, 'epmd.log'),
  ];
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8').catch(() => '')));
  return texts
    .filter((text) => text.trim() !== '')
    .map((text) => lastLines(text, 15))
    .join('\n');
}

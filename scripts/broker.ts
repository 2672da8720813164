// The broker that tests and demos run against, and a command that starts one or only installs it. What it is: broker/broker.ts;
// where it comes from: broker/find.ts.
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Broker, BrokerOptions } from './broker/broker.js';
import { startContainer } from './broker/docker.js';
import { findBroker, findWithoutInstall, type Prepared } from './broker/find.js';
import { installRabbitMQ, type Say } from './broker/install.js';
import { findServer, startNode } from './broker/node.js';

export type { Broker, BrokerOptions } from './broker/broker.js';
export { type Found, findBroker, type Prepared } from './broker/find.js';

/** No broker is to be had here. `reason` and `remedy` are sentences for who runs the tests. */
export class NoBroker extends Error {
  readonly reason: string;
  readonly remedy: string;

  constructor(found: { readonly reason: string; readonly remedy: string }) {
    super(`no RabbitMQ: ${found.reason}. Remedy: ${found.remedy}`);
    this.name = 'NoBroker';
    this.reason = found.reason;
    this.remedy = found.remedy;
  }
}

/** Installs RabbitMQ first where that is the way. Rejects with NoBroker, or with the end of a log when one did not start. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  return startFound(await prepareBroker(process.env, options.log), options);
}

/** A broker that may be harmed: as `startBroker`, but never the one of AMQP_URL. */
export async function startPrivateBroker(options: BrokerOptions = {}): Promise<Broker> {
  return startFound(await prepareBroker({ ...process.env, AMQP_URL: undefined }, options.log), options);
}

/** As `findBroker`, with RabbitMQ installed where that is the way: what it finds can be started at once. */
export async function prepareBroker(env: NodeJS.ProcessEnv, log: Say = toStandardError): Promise<Prepared> {
  const found = await findBroker(env);
  if (found.kind !== 'install') return found;
  const failure = await installRabbitMQ(log).then(() => undefined, reasonOf);
  const server = await findServer();
  if (server !== undefined) return { kind: 'node', server };
  return findWithoutInstall(
    failure ?? 'rabbitmq-server was installed, but its start script is not where it should be',
  );
}

function startFound(found: Prepared, options: BrokerOptions): Promise<Broker> {
  switch (found.kind) {
    case 'external':
      return Promise.resolve(externalBroker(found.url));
    case 'node':
      return startNode(found.server, options);
    case 'docker':
      (options.log ?? toStandardError)('starting RabbitMQ in a container');
      return startContainer(options);
    case 'none':
      return Promise.reject(new NoBroker(found));
  }
}

function externalBroker(url: string): Broker {
  const why = 'AMQP_URL names a broker that is not ours: rabbitmqctl works on a private node only';
  return {
    kind: 'external',
    private: false,
    url,
    pids: {},
    ports: [],
    rabbitmqctl: () => Promise.reject(new Error(why)),
    crash: () => Promise.reject(new Error(why)),
    revive: () => Promise.reject(new Error(why)),
    stop: () => Promise.resolve(),
  };
}

const toStandardError: Say = (line) => process.stderr.write(`broker: ${line}\n`);

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

const help = `Usage: npx jiti scripts/broker.ts [install] [--management] [--json]

Starts a RabbitMQ for tests and prints its URL, one line on standard output. It stops on SIGINT, on SIGTERM, and when
standard input ends; nothing of it stays, also when this command is killed. What takes time is said on standard error.

  install        Only installs RabbitMQ (root on Debian), starts nothing.
  --management   Starts the management plugin too and prints its URL on a second line.
  --json         One line of JSON instead: kind, url, managementUrl, pids by name, ports.
  --help         This text.

AMQP_URL is used as it is. NEEDFUL_TEST_BROKER=node|install|docker|none allows one way only.

  npx jiti scripts/broker.ts --management
`;

async function command(args: readonly string[]): Promise<void> {
  const known = ['install', '--management', '--json', '--help'];
  const unknown = args.find((arg) => !known.includes(arg));
  if (unknown !== undefined) throw new Error(`unknown argument ${unknown}: known are ${known.join(', ')}`);
  if (args.includes('--help')) return void process.stdout.write(help);
  if (args.includes('install')) return installRabbitMQ(toStandardError);
  const told = new Promise((resolve) => {
    process.once('SIGINT', resolve).once('SIGTERM', resolve);
    process.stdin.once('end', resolve).once('error', resolve).resume();
  });
  const broker = await startBroker({ management: args.includes('--management') });
  const urls = [broker.url, broker.managementUrl].filter((url) => url !== undefined).join('\n');
  process.stdout.write(`${args.includes('--json') ? JSON.stringify(broker) : urls}\n`);
  await told;
  await broker.stop();
}

const started = process.argv[1];
if (started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url)) {
  command(process.argv.slice(2)).then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`broker: ${reasonOf(error)}\n`);
      process.exit(1);
    },
  );
}

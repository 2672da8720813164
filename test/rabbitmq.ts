// RabbitMQ for test files. Importing it asks for the broker of this run (the first to ask waits until it is started) and gives
// the file a virtual host of its own. For tests that harm a broker: private-rabbitmq.ts.
import { randomBytes } from 'node:crypto';
import { connect } from 'amqplib';
import type { SharedBroker } from './global-setup.js';
import { ask, describeWith } from './private-rabbitmq.js';

export interface TestBroker {
  readonly available: boolean;
  /** Why not, and what to do; '' when available. */
  readonly reason: string;
  /** With this file's own virtual host, which is empty. */
  readonly url: string;
  readonly vhost: string;
  /** Whether the broker is this run's own: only then there are `management` and `rabbitmqctl`. Shared: do not harm it. */
  readonly private: boolean;
  /** Of RabbitMQ's HTTP API, with credentials; '' where the broker is not this run's own. */
  readonly managementUrl: string;
  /**
   * RabbitMQ's HTTP API, fast (30 ms): `management('/queues/VHOST')`; VHOST stands for this file's virtual host. Resolves with
   * the body, undefined where there is none; rejects for a status that is no success. Its counts lag by half a second.
   */
  management(path: string, options?: { readonly method?: string; readonly body?: unknown }): Promise<unknown>;
  /** Standard output of `rabbitmqctl ARGS`, slow (one second). Give it `-p`, `vhost` where it acts on a virtual host. */
  rabbitmqctl(...args: readonly string[]): Promise<string>;
}

/** What other runs or commands may have left in the virtual host of AMQP_URL, where it is not ours to make a new one. */
const leftovers = ['worker.noop', 'worker.sleep', 'worker.httprequest', 'worker.helloworld'];

const shared = await ask<SharedBroker>('broker');
const missing = shared.missing ?? '';
const vhost = shared.private ? `test-${randomBytes(6).toString('hex')}` : '';
if (shared.managementUrl) await callManagement('/vhosts/VHOST', { method: 'PUT', body: {} });
else if (shared.url && !shared.private) await sweep(shared.url);

const broker: TestBroker = {
  available: shared.url !== undefined,
  reason: missing,
  url: shared.private ? `${shared.url}/${vhost}` : (shared.url ?? 'amqp://no-broker.invalid'),
  vhost,
  private: shared.private ?? false,
  managementUrl: shared.managementUrl ?? '',
  management: callManagement,
  rabbitmqctl: (...args) => ask<string>('rabbitmqctl', args),
};

/** The broker of this run. Cheap: everything was done at import. */
export function rabbitmq(): TestBroker {
  return broker;
}

/** As `describe`, for tests that need a RabbitMQ and leave it whole. `body` runs in any case, to collect its tests. */
export function describeRabbitMQ(name: string, body: (broker: TestBroker) => void): void {
  describeWith({ name, missing, body: () => body(broker) });
}

async function callManagement(
  path: string,
  options: { readonly method?: string; readonly body?: unknown } = {},
): Promise<unknown> {
  if (!shared.managementUrl) throw new Error('only a private node has the management API');
  const { username, password, origin } = new URL(shared.managementUrl);
  const response = await fetch(`${origin}/api${path.replaceAll('VHOST', vhost)}`, {
    method: options.method ?? 'GET',
    headers: {
      authorization: `Basic ${btoa(`${username}:${password}`)}`,
      'content-type': 'application/json',
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${options.method ?? 'GET'} ${path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

// A queue with consumers is somebody's work: then the broker refuses to delete it, and the file fails with its words.
async function sweep(url: string): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  for (const queue of leftovers) await channel.deleteQueue(queue, { ifUnused: true });
  await channel.deleteExchange('re', { ifUnused: true });
  await connection.close();
}

// Where a broker for tests can come from on this machine, in the order in which the ways are tried.
import { whyNoDocker } from './docker.js';
import { canInstall } from './install.js';
import { findServer } from './node.js';

export type Found =
  | { readonly kind: 'external'; readonly url: string }
  | { readonly kind: 'node'; readonly server: string }
  | { readonly kind: 'install' }
  | { readonly kind: 'docker' }
  | { readonly kind: 'none'; readonly reason: string; readonly remedy: string };

/** Ready to be started, or none. */
export type Prepared = Exclude<Found, { readonly kind: 'install' }>;

const remedy =
  'set AMQP_URL to a RabbitMQ whose virtual host the tests may fill, or install rabbitmq-server, ' +
  'or run the tests as root on Debian (they install it), or start Docker';

const ways = ['node', 'install', 'docker', 'none'] as const;

/**
 * AMQP_URL, RabbitMQ on this machine, apt-get as root on Debian, Docker. NEEDFUL_TEST_BROKER=node|install|docker|none
 * allows only that way. Looks, changes nothing.
 */
export async function findBroker(env: NodeJS.ProcessEnv = process.env): Promise<Found> {
  const only = env.NEEDFUL_TEST_BROKER || undefined;
  if (only !== undefined && !ways.some((way) => way === only)) {
    return none(`NEEDFUL_TEST_BROKER is ${only}: it can be ${ways.join(', ')}`);
  }
  if (only === 'none') return none('NEEDFUL_TEST_BROKER=none forbids every broker');
  const tried = (way: string) => only === undefined || only === way;
  const url = env.AMQP_URL;
  if (only === undefined && url) return { kind: 'external', url };
  const server = tried('node') ? await findServer() : undefined;
  if (server !== undefined) return { kind: 'node', server };
  if (tried('install') && (await canInstall())) return { kind: 'install' };
  const noDocker = tried('docker') ? await whyNoDocker() : 'not tried';
  if (noDocker === undefined) return { kind: 'docker' };
  return none(
    `no AMQP_URL, no RabbitMQ on this machine, apt-get not usable (not root, or not Debian), no Docker (${noDocker})`,
  );
}

/** The found way without apt-get, for when that failed: `reason` is why. */
export async function findWithoutInstall(reason: string): Promise<Prepared> {
  const noDocker = await whyNoDocker();
  return noDocker === undefined ? { kind: 'docker' } : none(`${reason}; no Docker (${noDocker})`);
}

function none(reason: string): Prepared {
  return { kind: 'none', reason, remedy };
}

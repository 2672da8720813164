// Which broker a command talks to: the embedded one, or the RabbitMQ of a flag, of the environment, of the default.
import type { BrokerAddress } from '../../adapters/amqp/address.js';
import { NeedfulError } from '../contract/errors.js';
import type { Transport } from '../transport.js';
import type { BrokerFlags } from './flags.js';

/** A broker that transports can be had for; every one of them is a connection of its own. */
export interface Bus {
  /** A transport that was not opened. `name`: what an operator sees of the connection. */
  connect(name: string): Transport;
  /** The command's error for one of this bus: says what was tried where nobody named an address. */
  explain(error: unknown): unknown;
  /** Nobody named an address: it is not worth waiting for a broker there. */
  readonly isDefault: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const variables = ['NEEDFUL_AMQP_URL', 'AMQP_URL', 'RABBITMQ_URL'] as const;

/** The address, and who named it: a flag before the environment before the default. */
export function findAddress(
  { amqp, mqConfig }: BrokerFlags,
  env: Environment,
): { readonly url: string; readonly from: string } | { readonly file: string } | undefined {
  if (amqp !== undefined && mqConfig !== undefined) {
    throw new NeedfulError('USAGE', '--amqp and --mq-config both name a broker: give one of them');
  }
  if (amqp !== undefined) return { url: amqp, from: '--amqp' };
  if (mqConfig !== undefined) return { file: mqConfig };
  for (const name of variables) {
    const url = env[name];
    if (url) return { url, from: name };
  }
  return undefined;
}

export async function embeddedBus(): Promise<Bus> {
  const { createMemoryBroker } = await import('../../adapters/memory/index.js');
  const broker = createMemoryBroker();
  return { connect: (name) => broker.connect({ name }), explain: (error) => error, isDefault: false };
}

/** Throws ADDRESS_INVALID, OPTION_INVALID or USAGE; connects to nothing. */
export async function rabbitBus(flags: BrokerFlags, env: Environment): Promise<Bus> {
  const found = findAddress(flags, env);
  const { createAmqpTransport, parseAmqpUrl, readMqConfig } = await import('../../adapters/amqp/index.js');
  const server = readAddress(found, { parseAmqpUrl, readMqConfig });
  return {
    connect: (name) => createAmqpTransport({ server, name }),
    explain: (error) => (found === undefined ? withRemedies(error) : error),
    isDefault: found === undefined,
  };
}

interface Readers {
  readonly parseAmqpUrl: (url: string) => BrokerAddress;
  readonly readMqConfig: (file: string) => BrokerAddress;
}

function readAddress(found: ReturnType<typeof findAddress>, readers: Readers): BrokerAddress {
  if (found === undefined) return readers.parseAmqpUrl('amqp://localhost');
  if ('file' in found) return readers.readMqConfig(found.file);
  try {
    return readers.parseAmqpUrl(found.url);
  } catch (error) {
    if (!(error instanceof NeedfulError)) throw error;
    throw new NeedfulError(error.code, `${found.from}: ${error.message}`, { cause: error });
  }
}

function withRemedies(error: unknown): unknown {
  if (!(error instanceof NeedfulError) || error.code !== 'BROKER_UNREACHABLE') return error;
  const remedies = `No address was given, so amqp://localhost was tried. Give another (--amqp URL, --mq-config FILE, or ${variables[0]}), or go without a broker: needful send WORKER:STEP --with FILE|NAME`;
  return new NeedfulError(error.code, `${error.message} ${remedies}`, { cause: error });
}

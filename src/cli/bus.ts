// The broker a command talks to: the embedded one, or a RabbitMQ.
import type { AmqpTransport } from '../../adapters/amqp/index.js';
import { NeedfulError } from '../contract/errors.js';
import type { Transport } from '../transport.js';
import { addressVariables, type FoundAddress, readAddress } from './settings/address.js';

/** A broker that transports can be had for; every one of them is a connection of its own. */
export interface Bus {
  /** A transport that was not opened. `name`: what an operator sees of the connection. */
  connect(name: string): Transport;
  /** The command's error for one of this bus: says what was tried where nobody named an address. */
  explain(error: unknown): unknown;
  /** Nobody named an address: it is not worth waiting for a broker there. */
  readonly isDefault: boolean;
}

/**
 * Each of the two waits of a close, in milliseconds. With 25 s of draining and 2 s for the last replies a command is down
 * before those who send SIGKILL after 30 s.
 */
const closeTimeoutMs = 1000;

export async function embeddedBus(): Promise<Bus> {
  const { createMemoryBroker } = await import('../../adapters/memory/index.js');
  const broker = createMemoryBroker();
  return { connect: (name) => broker.connect({ name }), explain: (error) => error, isDefault: false };
}

export interface RabbitBus extends Bus {
  connect(name: string): AmqpTransport;
}

/** Where `found` says, or on this machine. Rejects with ADDRESS_INVALID or OPTION_INVALID; connects to nothing. */
export async function rabbitBus(found: FoundAddress | undefined): Promise<RabbitBus> {
  const server = await readAddress(found);
  const { createAmqpTransport } = await import('../../adapters/amqp/index.js');
  return {
    connect: (name) => createAmqpTransport({ server, name, closeTimeoutMs }),
    explain: (error) => (found === undefined ? withRemedies(error) : error),
    isDefault: found === undefined,
  };
}

function withRemedies(error: unknown): unknown {
  if (!(error instanceof NeedfulError) || error.code !== 'BROKER_UNREACHABLE') return error;
  const remedies = `No address was given, so amqp://localhost was tried. Give another (--amqp URL, --mq-config FILE, or ${addressVariables[0]}), or go without a broker: needful send WORKER:STEP --with FILE|NAME`;
  return new NeedfulError(error.code, `${error.message} ${remedies}`, { cause: error });
}

// Asks whether somebody is at a direct reply address. On a connection of its own, opened when it is first needed: RabbitMQ
// (3.10) ends the whole connection of whoever asks for, or publishes to, an address whose inside it cannot decode.
import { NeedfulError } from '../../src/contract/errors.js';
import { type Connection, openConnection } from './connection.js';
import type { ResolvedOptions } from './options.js';
import { replyCode } from './refusal.js';
import { withChannel } from './topology.js';

/** AMQP's INTERNAL_ERROR. */
const internalError = 541;

export class Probe {
  readonly #options: ResolvedOptions;
  readonly #ended = new AbortController();
  #connection: Connection | undefined;

  constructor(options: ResolvedOptions) {
    this.#options = { ...options, name: `${options.name} (direct replies)` };
  }

  /** One question at a time. Rejects when it cannot be told. */
  async hasQueue(name: string): Promise<boolean> {
    const connection = await this.#open();
    try {
      await withChannel(connection.model, (channel) => channel.checkQueue(name));
      return true;
    } catch (error) {
      const code = replyCode(error) ?? replyCode(connection.lost?.cause);
      // 405: it is there, and belongs to another connection alone.
      if (code === 404 || code === 405 || code === internalError) return code === 405;
      throw error;
    }
  }

  /** At once: nothing of it matters to anybody. */
  end(): void {
    this.#ended.abort();
    this.#connection?.cut();
  }

  async #open(): Promise<Connection> {
    const alive = this.#connection?.lost === undefined ? this.#connection : undefined;
    if (alive !== undefined) return alive;
    const inTime = AbortSignal.timeout(this.#options.connectTimeoutMs);
    const connection = await openConnection(this.#options, AbortSignal.any([this.#ended.signal, inTime]));
    this.#connection = connection;
    if (!this.#ended.signal.aborted) return connection;
    connection.cut();
    throw new NeedfulError('TRANSPORT_CLOSED', 'The transport was closed.');
  }
}

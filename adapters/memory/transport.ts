// The port over the embedded broker: the client's side of a connection, its phases, and who hears of what.
import { NeedfulError } from '../../src/contract/errors.js';
import type { Message } from '../../src/contract/message.js';
import type { Difference, Topology } from '../../src/contract/topology.js';
import type {
  ConsumeOptions,
  Consumer,
  OpenOptions,
  Receipt,
  Transport,
  TransportEvent,
  TransportStatus,
} from '../../src/transport.js';
import type { Channel } from './channel.js';
import type { BrokerClock } from './clock.js';
import type { Connection, ConnectionPeer } from './connection.js';
import { check, declare } from './declaring.js';
import { ask, cancel, flushed } from './questions.js';
import { attempt } from './turns.js';
import type { VirtualHost } from './virtual-host.js';
import { Way } from './way.js';

/** The broker, as a transport finds it. */
export interface BrokerDoor {
  readonly host: VirtualHost;
  readonly clock: BrokerClock;
  /** Throws BROKER_UNREACHABLE while the broker refuses connections. */
  admit(client: { readonly name: string; readonly peer: ConnectionPeer }): Connection;
  /** The process of that name is gone: nothing calls it back. */
  isBuried(name: string): boolean;
}

export class MemoryTransport implements Transport {
  readonly #door: BrokerDoor;
  readonly #name: string;
  readonly #observers = new Set<(event: TransportEvent) => void>();
  #phase: TransportStatus['phase'] = 'closed';
  #epoch = 0;
  #blocked = false;
  #waitsForDrain = false;
  #connection: Connection | null = null;
  #jobs: Channel | null = null;
  #lines: Channel | null = null;
  #opening: Promise<void> | null = null;
  #closing: Promise<void> | null = null;
  #consumerCount = 0;
  /** Under a scheduler: what the client does for itself, in its order. */
  readonly #own: Way<() => void> | null;

  constructor(door: BrokerDoor, name: string) {
    this.#door = door;
    this.#name = name;
    const { turns } = door.host;
    const place = { turns, line: `${name} client` };
    const arrive = (work: () => void) => {
      if (!door.isBuried(name)) attempt(work);
    };
    this.#own = turns.scheduled ? new Way(place, { arrive }) : null;
  }

  get status(): TransportStatus {
    return {
      phase: this.#phase,
      epoch: this.#epoch,
      blocked: this.#blocked,
      unconfirmedCount: this.#jobs?.unconfirmedCount ?? 0,
      unsettledCount: this.#jobs?.unsettledCount ?? 0,
      embedded: true,
      heartbeatMs: 0,
      address: 'memory',
    };
  }

  open({ renew = false }: OpenOptions = {}): Promise<void> {
    if (this.#phase === 'open') {
      if (!renew || !this.#jobs) return Promise.resolve();
      this.#jobs.giveUp();
      this.#peer.channelClosed(this.#jobs, { code: 200, error: givenUp() });
    }
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close().finally(() => {
      this.#closing = null;
    });
    return this.#closing;
  }

  declare(topology: Topology): Promise<Topology> {
    return this.#ask(null, (owner) => declare(this.#door.host, { topology, owner }));
  }

  check(topology: Topology): Promise<readonly Difference[]> {
    return this.#ask(null, (owner) => check(this.#door.host, { topology, owner }));
  }

  async consume(queue: string, options: ConsumeOptions): Promise<Consumer> {
    const [connection, jobs] = [this.#connection, this.#jobs];
    this.#consumerCount += 1;
    const tag = options.consumerTag ?? `amq.ctag-${this.#name}-${this.#consumerCount}`;
    if (jobs?.hasConsumer(tag)) {
      throw new NeedfulError(
        'OPTION_INVALID',
        `The channel has a consumer '${tag}' already; choose another tag.`,
      );
    }
    await this.#ask(jobs, () => jobs?.consume(queue, { tag, options }));
    return {
      tag,
      cancel: async () => {
        if (connection && jobs) await cancel(connection, { channel: jobs, tag });
      },
    };
  }

  publish(message: Message, receipt?: Receipt): boolean {
    const channel = receipt ? this.#jobs : this.#lines;
    if (!channel || (receipt && this.#phase !== 'open')) {
      if (receipt) this.#later(() => receipt('lost', message));
      return true;
    }
    const goOn = channel.publish(message, receipt);
    if (!goOn) this.#waitsForDrain = true;
    return goOn;
  }

  subscribe(observer: (event: TransportEvent) => void): () => void {
    // A function of its own, so that subscribing twice is two subscriptions.
    const observe = (event: TransportEvent) => observer(event);
    this.#observers.add(observe);
    return () => void this.#observers.delete(observe);
  }

  async #open(): Promise<void> {
    await this.#closing;
    this.#phase = 'opening';
    await new Promise<void>((resolve, reject) => {
      this.#later(() => {
        try {
          this.#enter();
          resolve();
        } catch (error) {
          this.#phase = 'closed';
          reject(error);
        }
      });
    });
  }

  /** What is missing is opened: all, or the jobs channel alone. */
  #enter(): void {
    if (this.#closing) {
      throw new NeedfulError('TRANSPORT_CLOSED', 'The transport was closed while it was opening.');
    }
    const kept = this.#connection;
    const connection = kept ?? this.#door.admit({ name: this.#name, peer: this.#peer });
    this.#connection = connection;
    this.#epoch += 1;
    this.#jobs = connection.openChannel('jobs', this.#epoch);
    if (!kept) this.#lines = connection.openChannel('lines', this.#epoch);
    this.#phase = 'open';
    if (!kept) this.#emit({ type: 'connection.opened', epoch: this.#epoch });
  }

  async #close(): Promise<void> {
    await this.#opening?.catch(() => {});
    const connection = this.#connection;
    if (!connection) return;
    this.#phase = 'closing';
    await flushed(connection, { jobs: this.#jobs, clock: this.#door.clock });
    if (this.#connection === connection) connection.close();
  }

  /** Asks the broker, who answers in the order of what was sent. */
  #ask<T>(channel: Channel | null, answer: (owner: Connection) => T): Promise<T> {
    const connection = this.#connection;
    if (this.#phase !== 'open' || !connection) {
      const words = `The transport is ${this.#phase}, not open. Call open() first.`;
      return Promise.reject(new NeedfulError('TRANSPORT_CLOSED', words, { retry: true }));
    }
    return ask(connection, { channel, answer: () => answer(connection) });
  }

  readonly #peer: ConnectionPeer = {
    channelClosed: (channel, { code, error }) => {
      const { purpose, epoch } = channel;
      if (channel === this.#jobs) {
        this.#jobs = null;
        if (this.#phase === 'open') this.#phase = 'closed';
      } else if (channel === this.#lines) {
        this.#lines = this.#connection?.openChannel('lines', this.#epoch) ?? null;
      } else {
        // It went with its connection before the client heard of it.
        return;
      }
      this.#lose(channel, { type: 'channel.closed', purpose, epoch, code, error });
    },
    connectionClosed: (connection, error) => {
      if (connection !== this.#connection) return;
      const jobs = this.#jobs;
      this.#connection = null;
      this.#jobs = null;
      this.#lines = null;
      this.#blocked = false;
      if (this.#phase !== 'opening') this.#phase = 'closed';
      this.#lose(jobs, { type: 'connection.closed', epoch: this.#epoch, error });
      this.#drained();
    },
    consumerCancelled: (consumer) => this.#emit({ type: 'consumer.cancelled', ...consumer }),
    connectionBlocked: (reason) => {
      this.#blocked = true;
      this.#emit({ type: 'connection.blocked', reason });
    },
    connectionUnblocked: () => {
      this.#blocked = false;
      this.#emit({ type: 'connection.unblocked' });
    },
    bufferDrained: () => this.#drained(),
  };

  #lose(channel: Channel | null, event: TransportEvent): void {
    channel?.forsakeDeliveries();
    this.#emit(event);
    channel?.forsakeReceipts();
  }

  /** Also when the buffer went with its connection: who waits for it must not wait for ever. */
  #drained(): void {
    if (!this.#waitsForDrain) return;
    this.#waitsForDrain = false;
    this.#emit({ type: 'buffer.drained' });
  }

  #later(work: () => void): void {
    if (this.#own === null) this.#door.host.turns.later(work, this.#name);
    else this.#own.push(work);
  }

  #emit(event: TransportEvent): void {
    for (const observer of this.#observers) attempt(() => observer(event));
  }
}

function givenUp(): NeedfulError {
  const words = 'The channel was given up: the broker no longer answers on it.';
  return new NeedfulError('CHANNEL_CLOSED', words, { retry: true });
}

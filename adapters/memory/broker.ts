// The embedded broker: transports connect to it; its methods are the operator's hand on it, for tests and demos.
import { NeedfulError } from '../../src/contract/errors.js';
import type { Topology } from '../../src/contract/topology.js';
import type { Transport } from '../../src/transport.js';
import { type BrokerClock, systemClock } from './clock.js';
import { Connection } from './connection.js';
import { declare } from './declaring.js';
import type { BrokerObserver, ChannelPurpose } from './tap.js';
import { type BrokerDoor, MemoryTransport } from './transport.js';
import { LoopTurns, type Turns } from './turns.js';
import { VirtualHost } from './virtual-host.js';

export interface QueueStatus {
  readonly readyCount: number;
  /** Delivered, and no settlement read yet. */
  readonly unsettledCount: number;
  readonly consumerCount: number;
  /** Dropped because a consumer rejected them. */
  readonly rejectedCount: number;
}

export interface MemoryBroker {
  /** A transport that was not opened. `name` is what `cut` and `closeChannel` take. Default: `memory-1`, `memory-2` … */
  connect(options?: { readonly name?: string }): Transport;
  /** Ends the connections of that name, or all: what they sent and nobody read is gone, what they held comes back. */
  cut(name?: string): void;
  /** Closes channels as RabbitMQ does after a breach. Default: the jobs channels of all connections, code 406. */
  closeChannel(options?: {
    readonly name?: string;
    readonly purpose?: ChannelPurpose;
    readonly code?: number;
    readonly reason?: string;
  }): void;
  /** Raises an alarm: a connection is not read any further from its next publish on. */
  block(reason?: string): void;
  unblock(): void;
  /** From now on `open` rejects with BROKER_UNREACHABLE; connections that exist live on. */
  refuse(): void;
  accept(): void;
  /** Messages are taken, but no receipt is called, until `releaseConfirms`. */
  holdConfirms(): void;
  releaseConfirms(): void;
  /** The next publishes with a receipt, on connections of that name or all that there are, get a negative confirm and go nowhere. */
  refusePublishes(count: number, name?: string): void;
  /** Its consumers are cancelled, its messages dropped; false if there is none. */
  deleteQueue(name: string): boolean;
  /** What is ready is dropped, what is in a consumer's hand is not; false if there is none. */
  purgeQueue(name: string): boolean;
  /** The queue stays; false if there is none. */
  cancelConsumers(queue: string): boolean;
  queue(name: string): QueueStatus | undefined;
  /** At once, without a connection. Throws what `Transport.declare` rejects with. */
  declare(topology: Topology): Topology;
  /** Sees publishes, deliveries and settlements as the broker does them. Returns the function that ends it. */
  tap(observer: BrokerObserver): () => void;
  /** Resolves once the broker has nothing left to do: all that was sent is read and all that can be is delivered. */
  idle(): Promise<void>;
}

export function createMemoryBroker(options: { readonly clock?: BrokerClock } = {}): MemoryBroker {
  return new EmbeddedBroker(options.clock ?? systemClock);
}

export class EmbeddedBroker implements MemoryBroker, BrokerDoor {
  readonly clock: BrokerClock;
  readonly host: VirtualHost;
  readonly #turns: Turns;
  readonly #connections = new Set<Connection>();
  #transportCount = 0;
  #refusing = false;
  #alarm: string | null = null;

  constructor(clock: BrokerClock, turns: Turns = new LoopTurns()) {
    this.clock = clock;
    this.#turns = turns;
    this.host = new VirtualHost(turns);
  }

  connect(options: { readonly name?: string } = {}): Transport {
    this.#transportCount += 1;
    return new MemoryTransport(this, options.name ?? `memory-${this.#transportCount}`);
  }

  admit(client: Parameters<BrokerDoor['admit']>[0]): Connection {
    if (this.#refusing) {
      const words = 'The embedded broker refuses connections. Call accept() on it, or try again later.';
      throw new NeedfulError('BROKER_UNREACHABLE', words, { retry: true });
    }
    this.#forgetEnded();
    const connection = new Connection(this.host, client);
    this.#connections.add(connection);
    if (this.#alarm !== null) connection.block(this.#alarm);
    return connection;
  }

  isBuried(_name: string): boolean {
    return false;
  }

  cut(name?: string): void {
    const words = 'CONNECTION_FORCED - the connection was cut on the embedded broker';
    for (const connection of this.connections(name)) {
      connection.cut(new NeedfulError('CONNECTION_LOST', words, { retry: true }));
    }
  }

  closeChannel(options: Parameters<MemoryBroker['closeChannel']>[0] = {}): void {
    const code = options.code ?? 406;
    const reason = options.reason ?? 'PRECONDITION_FAILED - delivery acknowledgement timed out';
    for (const connection of this.connections(options.name)) {
      const error = new NeedfulError('CHANNEL_CLOSED', reason, { retry: true });
      connection.closeChannels(options.purpose ?? 'jobs', { code, error });
    }
  }

  block(reason = 'low on memory'): void {
    this.#alarm = reason;
    for (const connection of this.connections()) connection.block(reason);
  }

  unblock(): void {
    if (this.#alarm === null) return;
    this.#alarm = null;
    for (const connection of this.connections()) connection.unblock();
  }

  refuse(): void {
    this.#refusing = true;
  }

  accept(): void {
    this.#refusing = false;
  }

  holdConfirms(): void {
    this.host.holdConfirms();
  }

  releaseConfirms(): void {
    this.host.releaseConfirms();
  }

  refusePublishes(count: number, name?: string): void {
    for (const connection of this.connections(name)) connection.doom({ refused: count });
  }

  deleteQueue(name: string): boolean {
    const queue = this.host.queues.get(name);
    if (queue) this.host.deleteQueue(queue);
    return queue !== undefined;
  }

  purgeQueue(name: string): boolean {
    const queue = this.host.queues.get(name);
    queue?.purge();
    return queue !== undefined;
  }

  cancelConsumers(name: string): boolean {
    const queue = this.host.queues.get(name);
    queue?.cancelConsumers();
    return queue !== undefined;
  }

  queue(name: string): QueueStatus | undefined {
    return this.host.queues.get(name)?.counts;
  }

  declare(topology: Topology): Topology {
    return declare(this.host, { topology, owner: null });
  }

  tap(observer: BrokerObserver): () => void {
    return this.host.taps.add(observer);
  }

  idle(): Promise<void> {
    return this.#turns.idle();
  }

  /** Connections that the broker does not know to be lost. */
  protected connections(name?: string): readonly Connection[] {
    this.#forgetEnded();
    return [...this.#connections].filter((connection) => name === undefined || connection.name === name);
  }

  #forgetEnded(): void {
    for (const connection of this.#connections) if (connection.ended) this.#connections.delete(connection);
  }
}

// The port on one AMQP connection: which phase it is in, which epoch, and what its observers hear, in order.
import { NeedfulError } from '../../src/contract/errors.js';
import type {
  ConsumeOptions,
  Consumer,
  Difference,
  Message,
  OpenOptions,
  Receipt,
  Topology,
  Transport,
  TransportEvent,
  TransportStatus,
} from '../../src/transport.js';
import { printAddress } from './address.js';
import { compareTopology } from './compare.js';
import { Link, type LinkObserver } from './link.js';
import { Nodes } from './nodes.js';
import { type AmqpOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { callReceiptLater, warn } from './receipts.js';
import { refusal } from './refusal.js';
import { checkTopology, declareTopology, withChannel } from './topology.js';

/** A transport to the RabbitMQ that `options` name; nothing is opened yet. Throws OPTION_INVALID or ADDRESS_INVALID. */
export function createAmqpTransport(options: AmqpOptions = {}): AmqpTransport {
  return new AmqpTransport(resolveOptions(options));
}

export class AmqpTransport implements Transport {
  readonly #options: ResolvedOptions;
  readonly #nodes: Nodes;
  readonly #observers = new Set<(event: TransportEvent) => void>();
  #phase: TransportStatus['phase'] = 'closed';
  #epoch = 0;
  #blocked = false;
  /** Somebody waits for `buffer.drained`. */
  #full = false;
  #link: Link | undefined;
  #opening: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #attempt = new AbortController();

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#nodes = new Nodes(options.address);
  }

  get status(): TransportStatus {
    const jobs = this.#link?.jobs;
    return {
      phase: this.#phase,
      epoch: this.#epoch,
      blocked: this.#blocked,
      unconfirmedCount: jobs?.unconfirmedCount ?? 0,
      unsettledCount: jobs?.deliveries.unsettledCount ?? 0,
      embedded: false,
      heartbeatMs: this.#options.heartbeatSeconds * 1000,
      address: printAddress(this.#options.address),
    };
  }

  subscribe(observer: (event: TransportEvent) => void): () => void {
    // A function of its own, so that subscribing twice is two subscriptions.
    const observe = (event: TransportEvent) => observer(event);
    this.#observers.add(observe);
    return () => {
      this.#observers.delete(observe);
    };
  }

  #emit(event: TransportEvent): void {
    for (const observe of [...this.#observers]) {
      try {
        observe(event);
      } catch (error) {
        warn('An observer of the transport', error);
      }
    }
  }

  open({ renew = false }: OpenOptions = {}): Promise<void> {
    if (renew && this.#phase === 'open') this.#link?.jobs?.giveUp(givenUp());
    if (this.#phase === 'open') return Promise.resolve();
    this.#opening ??= this.#openOnce().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #openOnce(): Promise<void> {
    const attempt = new AbortController();
    this.#attempt = attempt;
    await this.#closing;
    this.#phase = 'opening';
    const epoch = this.#epoch + 1;
    try {
      if (attempt.signal.aborted) throw closedMeanwhile();
      if (this.#link === undefined) await this.#connect(epoch, attempt.signal);
      else await this.#replaceJobs(this.#link, { epoch, signal: attempt.signal });
    } catch (error) {
      if (this.#phase === 'opening') this.#phase = 'closed';
      throw attempt.signal.aborted ? closedMeanwhile() : error;
    }
  }

  async #connect(epoch: number, signal: AbortSignal): Promise<void> {
    const observer = this.#observer;
    const link = await this.#nodes.reach(
      (address) => Link.open({ ...this.#options, address }, { signal, epoch, observer }),
      signal,
    );
    if (link.connection.lost !== undefined) throw link.connection.lost;
    this.#link = link;
    this.#opened(epoch);
    this.#emit({ type: 'connection.opened', epoch });
    this.#drained();
  }

  async #replaceJobs(link: Link, opening: { epoch: number; signal: AbortSignal }): Promise<void> {
    await link.openJobs(opening.epoch);
    if (opening.signal.aborted) throw closedMeanwhile();
    this.#opened(opening.epoch);
    this.#drained();
  }

  #opened(epoch: number): void {
    this.#phase = 'open';
    this.#epoch = epoch;
  }

  /** What went full is gone with its channel; who waits for room must hear of the new one. */
  #drained(): void {
    if (!this.#full) return;
    this.#full = false;
    this.#emit({ type: 'buffer.drained' });
  }

  readonly #observer: LinkObserver = {
    connectionClosed: (error) => {
      const link = this.#link;
      // Lost while it was opening: open() rejects, nobody heard of it yet.
      if (link === undefined) return;
      const closing = this.#phase === 'closing';
      this.#link = undefined;
      this.#phase = 'closed';
      this.#blocked = false;
      this.#emit({ type: 'connection.closed', epoch: this.#epoch, error: closing ? null : error });
      link.jobs?.lose();
    },
    channelClosed: (purpose, end) => {
      const jobs = this.#link?.jobs;
      if (purpose === 'jobs' && this.#phase === 'open') this.#phase = 'closed';
      this.#emit({ type: 'channel.closed', purpose, epoch: this.#epoch, ...end });
      if (purpose === 'jobs') jobs?.lose();
    },
    cancelled: (consumer) => this.#emit({ type: 'consumer.cancelled', ...consumer }),
    blocked: (reason) => {
      this.#blocked = true;
      this.#emit({ type: 'connection.blocked', reason });
    },
    unblocked: () => {
      this.#blocked = false;
      this.#emit({ type: 'connection.unblocked' });
    },
    drained: () => {
      this.#full = false;
      this.#emit({ type: 'buffer.drained' });
    },
    reopened: () => this.#drained(),
  };

  close(): Promise<void> {
    this.#attempt.abort();
    this.#closing ??= this.#closeOnce().finally(() => {
      this.#closing = undefined;
    });
    return this.#closing;
  }

  async #closeOnce(): Promise<void> {
    // A first attempt ends by its signal; one on a living link would wait for a blocked broker, so that is closed first.
    if (this.#link === undefined) await this.#opening?.catch(() => {});
    const link = this.#link;
    if (link !== undefined) {
      this.#phase = 'closing';
      await link.close();
      // Only if amqplib kept silent about the end: nothing may stay open.
      if (this.#link === link) this.#observer.connectionClosed(closedMeanwhile());
    }
    this.#phase = 'closed';
  }

  publish(message: Message, receipt?: Receipt): boolean {
    const goOn = this.#publish(message, receipt);
    if (!goOn) this.#full = true;
    return goOn;
  }

  #publish(message: Message, receipt: Receipt | undefined): boolean {
    if (receipt === undefined) return this.#link?.lines.publish(message) ?? true;
    const jobs = this.#link?.jobs;
    if (this.#phase === 'open' && jobs !== undefined) return jobs.publish(message, receipt);
    callReceiptLater({ receipt, message }, 'lost');
    return true;
  }

  async consume(queue: string, options: ConsumeOptions): Promise<Consumer> {
    const what = `Consuming from queue '${queue}'`;
    if (this.#phase !== 'open') throw notOpen(what);
    return this.#onLink(what, async (link) => {
      // On a channel of its own first: a queue that is missing would end this one, with all that is open on it.
      await withChannel(link.connection.model, (channel) => channel.checkQueue(queue));
      if (link.jobs?.alive !== true) throw notOpen(what);
      return link.jobs.consume(queue, options);
    });
  }

  declare(topology: Topology): Promise<Topology> {
    return this.#onLink('Declaring', (link) => declareTopology(link.connection.model, topology));
  }

  check(topology: Topology): Promise<readonly Difference[]> {
    return this.#onLink('Checking', (link) => checkTopology(link.connection.model, topology));
  }

  /**
   * Beyond the port: as `check`, with type, durability and arguments of what exists. The broker names the first difference
   * only; `unknown` where this user may not declare. Nothing is declared; bindings are left out.
   */
  compare(topology: Topology): Promise<readonly Difference[]> {
    return this.#onLink('Comparing', (link) => compareTopology(link.connection.model, topology));
  }

  /** Beyond the port: what a queue holds. Rejects with QUEUE_MISSING. Messages in a consumer's hand are not counted. */
  depth(queue: string): Promise<{ readonly readyCount: number; readonly consumerCount: number }> {
    return this.#onLink(`Looking at queue '${queue}'`, (link) =>
      withChannel(link.connection.model, async (channel) => {
        const { messageCount: readyCount, consumerCount } = await channel.checkQueue(queue);
        return { readyCount, consumerCount };
      }),
    );
  }

  async #onLink<T>(what: string, use: (link: Link) => Promise<T>): Promise<T> {
    const link = this.#link;
    if (link === undefined || this.#phase === 'closing') throw notOpen(what);
    try {
      return await use(link);
    } catch (error) {
      throw link.connection.lost ?? refusal(what, error);
    }
  }
}

function notOpen(what: string): NeedfulError {
  return new NeedfulError('TRANSPORT_CLOSED', `${what}: the transport is not open; call open() first.`, {
    retry: true,
  });
}

function givenUp(): NeedfulError {
  const message = 'The channel was given up: the broker no longer answers on it.';
  return new NeedfulError('CHANNEL_CLOSED', message, { retry: true });
}

function closedMeanwhile(): NeedfulError {
  return new NeedfulError('TRANSPORT_CLOSED', 'The transport was closed.');
}

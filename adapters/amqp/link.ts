// One connection with its two channels: how they are opened, replaced and closed within bounds.

import type { NeedfulError } from '../../src/contract/errors.js';
import { connectTimeout } from './connect-error.js';
import { type Connection, openConnection } from './connection.js';
import { JobsChannel } from './jobs-channel.js';
import { LinesChannel } from './lines-channel.js';
import type { ResolvedOptions } from './options.js';
import { Probe } from './probe.js';
import { type ChannelEnd, refusal } from './refusal.js';

export interface LinkObserver {
  connectionClosed(error: NeedfulError): void;
  channelClosed(purpose: 'jobs' | 'lines', end: ChannelEnd): void;
  cancelled(consumer: { readonly tag: string; readonly queue: string }): void;
  blocked(reason: string): void;
  unblocked(): void;
  drained(): void;
  reopened(): void;
}

export class Link {
  readonly connection: Connection;
  readonly #options: ResolvedOptions;
  readonly #observer: LinkObserver;
  readonly #lines: LinesChannel;
  readonly #probe: Probe;
  #jobs: JobsChannel | undefined;

  private constructor(connection: Connection, wiring: { options: ResolvedOptions; observer: LinkObserver }) {
    const { observer, options } = wiring;
    this.connection = connection;
    this.#options = options;
    this.#probe = new Probe(options);
    this.#observer = observer;
    connection.observe({
      closed: (error) => {
        this.#probe.end();
        observer.connectionClosed(error);
      },
      blocked: (reason) => observer.blocked(reason),
      unblocked: () => observer.unblocked(),
    });
    this.#lines = new LinesChannel(connection.model, {
      closed: (end) => observer.channelClosed('lines', end),
      reopened: () => observer.reopened(),
      drained: () => observer.drained(),
    });
  }

  /** All or nothing, within `connectTimeoutMs` and until `signal` aborts. */
  static async open(
    options: ResolvedOptions,
    wiring: { readonly signal: AbortSignal; readonly epoch: number; readonly observer: LinkObserver },
  ): Promise<Link> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), options.connectTimeoutMs);
    const signal = AbortSignal.any([wiring.signal, deadline.signal]);
    let connection: Connection | undefined;
    const cut = () => connection?.cut();
    signal.addEventListener('abort', cut);
    try {
      connection = await openConnection(options, signal);
      const link = new Link(connection, { options, observer: wiring.observer });
      await Promise.all([link.openJobs(wiring.epoch), link.#lines.open()]);
      return link;
    } catch (error) {
      cut();
      if (deadline.signal.aborted) throw connectTimeout(options.address, options.connectTimeoutMs);
      throw connection?.lost ?? refusal('Opening a channel', error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cut);
    }
  }

  /** The current jobs channel, alive or not. */
  get jobs(): JobsChannel | undefined {
    return this.#jobs;
  }

  get lines(): LinesChannel {
    return this.#lines;
  }

  /** Opens the jobs channel, or replaces the one that ended. A connection that gives none in time is cut. */
  async openJobs(epoch: number): Promise<void> {
    const timer = setTimeout(() => this.connection.cut(), this.#options.connectTimeoutMs);
    const opening = this.connection.model.createConfirmChannel().catch((error: unknown) => {
      throw this.connection.lost ?? refusal('Opening a channel', error);
    });
    const channel = await opening.finally(() => clearTimeout(timer));
    this.#jobs = new JobsChannel(channel, {
      epoch,
      hasQueue: (name) => this.#probe.hasQueue(name),
      observer: {
        closed: (end) => this.#observer.channelClosed('jobs', end),
        cancelled: (consumer) => this.#observer.cancelled(consumer),
        drained: () => this.#observer.drained(),
      },
    });
    // It may have gone in the very turn in which it came, before anybody could watch it.
    if (this.connection.lost !== undefined) throw this.connection.lost;
  }

  /**
   * Channels first: closing the connection alone overtakes what they have buffered. Every wait is bounded, since neither
   * a blocked nor a frozen connection answers; what does not close in time is cut.
   */
  async close(): Promise<void> {
    const { closeTimeoutMs } = this.#options;
    await within(closeTimeoutMs, this.#jobs?.confirmed());
    if (await within(closeTimeoutMs, Promise.all([this.#jobs?.close(), this.#lines.close()]))) {
      await within(closeTimeoutMs, this.connection.close());
    }
    this.connection.cut();
    await within(closeTimeoutMs, this.connection.ended);
  }
}

/** Whether `promise` settled in time. */
async function within(timeoutMs: number, promise: Promise<unknown> | undefined): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const done = Promise.resolve(promise).then(() => true as const);
  const inTime = await Promise.race([done, late]);
  clearTimeout(timer);
  return inTime;
}

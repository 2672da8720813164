// One connection through amqplib: opened until told to stop, watched from its first moment, closed or cut.
import { type ChannelModel, connect, credentials } from 'amqplib';
import { NeedfulError } from '../../src/contract/errors.js';
import { printHost } from './address.js';
import { internals } from './amqplib-internals.js';
import { connectError } from './connect-error.js';
import { guardFrames } from './frame-guard.js';
import type { ResolvedOptions } from './options.js';
import { brokerWords } from './refusal.js';

export interface ConnectionObserver {
  /** Once; its channels have ended by then. */
  closed(error: NeedfulError): void;
  blocked(reason: string): void;
  unblocked(): void;
}

export interface ConnectionWiring {
  readonly cut: AbortController;
  /** Host and port, as errors say them. */
  readonly at: string;
  /** So long the socket of a connection that ended may take to end. */
  readonly closeTimeoutMs: number;
}

export class Connection {
  readonly model: ChannelModel;
  /** Resolves when amqplib reports the end. */
  readonly ended: Promise<void>;
  readonly #cut: AbortController;
  #lost: NeedfulError | undefined;
  #observer: ConnectionObserver | undefined;

  /** To be called in the turn in which amqplib gave the model: an end that nobody watches ends the process. */
  constructor(model: ChannelModel, wiring: ConnectionWiring) {
    this.model = model;
    this.#cut = wiring.cut;
    guardFrames(model);
    // The model itself never emits this; without an observer on the inner object a throw would end the connection.
    internals(model)?.on('handler-error', () => {});
    let cause: Error | undefined;
    let unreadable = false;
    // Before amqplib's own observer, which ends the connection over it.
    internals(model)?.prependListener('frameError', () => {
      unreadable = true;
    });
    model.on('error', (error) => {
      cause = error;
    });
    // `close` comes in every case, `error` does not: not when an operator or the broker's shutdown ended it.
    this.ended = new Promise((resolve) => {
      model.on('close', (error) => {
        cause ??= error;
        const words = cause === undefined ? 'closed' : brokerWords(cause);
        const why = unreadable ? `what the broker sent cannot be read: ${words}` : words;
        const code = unreadable ? 'FRAME_UNREADABLE' : 'CONNECTION_LOST';
        this.#lost = new NeedfulError(code, `The connection to ${wiring.at} ended: ${why}.`, {
          cause,
          retry: true,
        });
        resolve();
        this.#cutLater(wiring.closeTimeoutMs);
        this.#observer?.closed(this.#lost);
      });
    });
    model.on('blocked', (reason) => this.#observer?.blocked(reason));
    model.on('unblocked', () => this.#observer?.unblocked());
  }

  /** Why it ended; undefined while it lives. */
  get lost(): NeedfulError | undefined {
    return this.#lost;
  }

  observe(observer: ConnectionObserver): void {
    this.#observer = observer;
  }

  /** Destroys the socket so that amqplib sees it too: heartbeat and channels end with it. */
  cut(): void {
    this.#cut.abort();
  }

  /** amqplib only ends its side of the socket: over a link that is silent nobody ends the other, and it would stay. */
  #cutLater(afterMs: number): void {
    const stream = internals(this.model)?.stream;
    if (stream?.destroyed) return;
    const timer = setTimeout(() => this.cut(), afterMs);
    stream?.once('close', () => clearTimeout(timer));
  }

  /** Resolves when the broker agreed and the socket is closed; over a frozen link never. */
  async close(): Promise<void> {
    const stream = internals(this.model)?.stream;
    const gone = new Promise<void>((resolve) => {
      if (stream === undefined || stream.destroyed) resolve();
      else stream.once('close', () => resolve());
    });
    await this.model.close().catch(() => {});
    await gone;
  }
}

/** Opens a connection, or rejects with a coded error. `signal` ends the attempt. */
export async function openConnection(options: ResolvedOptions, signal: AbortSignal): Promise<Connection> {
  const { address } = options;
  const cut = new AbortController();
  const abort = () => cut.abort();
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    const server = {
      protocol: address.tls ? 'amqps' : 'amqp',
      hostname: address.host,
      port: address.port,
      // amqplib takes the percent-encoding off again.
      vhost: encodeURIComponent(address.vhost),
      heartbeat: options.heartbeatSeconds,
    };
    const model = await connect(server, { ...socketOptions(options), ...{ signal: cut.signal } });
    return new Connection(model, { cut, at: printHost(address), closeTimeoutMs: options.closeTimeoutMs });
  } catch (error) {
    throw connectError(error, address);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function socketOptions({ address, name, tls }: ResolvedOptions) {
  return {
    // Without it a worker with prefetch 1 waits 40 ms per job for TCP's delayed acknowledgements.
    noDelay: true,
    keepAlive: true,
    keepAliveDelay: 30_000,
    // As bytes of UTF-8; a URL would be read as Latin-1.
    credentials: credentials.plain(address.user, address.password),
    clientProperties: { connection_name: name },
    ...tls,
  };
}

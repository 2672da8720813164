// The embedded broker in the hand of a simulation: somebody decides what happens next, and links fail in the middle of
// whatever is under way. Without a scheduler nothing is ever under way for long, so all of this needs one.
import { NeedfulError } from '../../src/contract/errors.js';
import type { Message } from '../../src/contract/message.js';
import { EmbeddedBroker, type MemoryBroker } from './broker.js';
import type { BrokerClock } from './clock.js';
import type { Connection } from './connection.js';
import { encode } from './message-copy.js';
import type { LinkObserver } from './tap.js';
import { ScheduledTurns, type Scheduler } from './turns.js';

/** From the client to the broker, and back. */
export type LinkWay = 'up' | 'down';

/** A live connection. */
export interface Link {
  /** Frames that the broker has not read. */
  readonly unreadCount: number;
  /** Of those, publishes that wait for a receipt. */
  readonly unreadReceiptCount: number;
  /** The frame that the broker reads next is one of those. */
  readonly nextWantsReceipt: boolean;
  /** What the client was told and has not heard. */
  readonly unheardCount: number;
  /**
   * It breaks. Of what is under way the broker still reads `readCount` frames and the client hears `heardCount` news
   * (default 0), the rest is lost; each side notices when it comes to the end, and either may be the first.
   */
  sever(counts?: { readonly readCount?: number; readonly heardCount?: number }): void;
  /** What is under way that way, or is put on it, is lost, and nobody notices: until `sever`, as a heartbeat would. */
  silence(way: LinkWay): void;
  /** Nothing arrives that way until `release`. */
  hold(way: LinkWay): void;
  release(way: LinkWay): void;
  /** The confirms of the next `count` publishes with a receipt never come. */
  loseConfirms(count: number): void;
  /** Publishes that were to be refused or not confirmed, and did not come yet, are taken like any other. */
  forgive(): void;
}

export interface SimulatedBroker extends MemoryBroker {
  /** The connection of that name, as long as neither side has lost it. */
  link(name: string): Link | undefined;
  /**
   * The client's process dies: of what it sent the broker still reads `readCount` frames (default 0), then notices; none of
   * its transports calls back ever again.
   */
  kill(name: string, options?: { readonly readCount?: number }): void;
  /** Down and up again: connections end, and what is not durable is gone, transient messages too. */
  restart(): void;
  /** At once, without a connection; the names of the queues that took it. `redelivered`: as one that was given before. */
  publish(message: Message, options?: { readonly redelivered?: boolean }): readonly string[];
  /** Sees what connections carry besides what a tap sees; one observer at a time. */
  watch(observer: LinkObserver): void;
}

/** An embedded broker that does nothing but what `scheduler` calls. */
export function createSimulatedBroker(options: {
  readonly clock: BrokerClock;
  readonly scheduler: Scheduler;
}): SimulatedBroker {
  return new Simulated(options.clock, new ScheduledTurns(options.scheduler));
}

class Simulated extends EmbeddedBroker implements SimulatedBroker {
  readonly #buried = new Set<string>();

  link(name: string): Link | undefined {
    const connection = this.connections(name).find(({ live }) => live);
    return connection && linkOf(connection);
  }

  override isBuried(name: string): boolean {
    return this.#buried.has(name);
  }

  kill(name: string, { readCount = 0 }: { readonly readCount?: number } = {}): void {
    this.#buried.add(name);
    for (const connection of this.connections(name)) connection.bury(readCount);
  }

  restart(): void {
    this.cut();
    this.host.restart();
  }

  publish(message: Message, { redelivered = false }: { readonly redelivered?: boolean } = {}) {
    const copy = encode(message);
    if (!copy) throw new NeedfulError('OPTION_INVALID', 'No client could put this message on a wire.');
    const queues = this.host.route(copy) ?? [];
    const names = queues.map(({ name }) => name);
    if (this.host.taps.open) {
      const seen = { message: copy, connection: 'operator', purpose: 'jobs', queues: names } as const;
      this.host.taps.report({ type: 'published', ...seen });
    }
    for (const queue of queues) queue.push(copy, { redelivered });
    return names;
  }

  watch(observer: LinkObserver): void {
    this.host.watcher = observer;
  }
}

function linkOf(connection: Connection): Link {
  return {
    get unreadCount() {
      return connection.unreadCount;
    },
    get unreadReceiptCount() {
      return connection.unreadReceiptCount;
    },
    get nextWantsReceipt() {
      return connection.nextWantsReceipt;
    },
    get unheardCount() {
      return connection.unheardCount;
    },
    sever({ readCount = 0, heardCount = 0 } = {}) {
      const words = 'CONNECTION_FORCED - the link broke';
      connection.sever(
        { readCount, heardCount },
        new NeedfulError('CONNECTION_LOST', words, { retry: true }),
      );
    },
    silence: (way) => connection.silence(way),
    hold: (way) => connection.hold(way),
    release: (way) => connection.release(way),
    forgive: () => connection.forgive(),
    loseConfirms: (count) => connection.doom({ unconfirmed: count }),
  };
}

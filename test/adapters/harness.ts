// What the conformance suite needs of an adapter and the broker behind it. One harness serves a whole file of cases:
// they share its broker and keep apart by unique names.
import type { Transport } from '../../src/transport.js';

export interface QueueCounts {
  readonly readyCount: number;
  /** Delivered, not settled; only where the broker tells it at no great cost: no case needs it. */
  readonly unsettledCount?: number;
  readonly consumerCount: number;
}

export interface ConformanceHarness {
  /** Cases this adapter cannot hold, each with its reason; at most five. The key is the case's name. */
  readonly skipped?: Readonly<Record<string, string>>;
  /** A transport that was not opened. `name` is its connection's name on the broker; without it: a unique one. */
  connect(name?: string): Transport;
  /** Ends the connections of that name from the broker's side, as an operator would; resolves once they are gone there. */
  cut(name: string): Promise<void>;
  /** Raises an alarm: the broker stops reading from connections that publish. The words of the alarm are the broker's. */
  block(): Promise<void>;
  unblock(): Promise<void>;
  /** As an operator would, whoever consumes from it. */
  deleteQueue(name: string): Promise<void>;
  /** Counts of a queue, not through the adapter; undefined if there is none. They may lag behind: cases poll. */
  queue(name: string): Promise<QueueCounts | undefined>;
  /** A name nothing on the broker has, beginning with `prefix`. */
  unique(prefix: string): string;
  /** Ends everything the harness started: transports it gave out, the broker if it is its own. */
  stop(): Promise<void>;
}

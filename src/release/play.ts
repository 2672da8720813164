// Plays a playbook: drives the release machine with a client, one job at a time.
import type { ClientClock, ClientLogger } from '../client/client.js';
import type { MessageFormat } from '../contract/message-format.js';
import type { Transport } from '../transport.js';
import type { Playbook } from './playbook.js';
import type { ReleaseEvent, ReleaseSummary } from './release-event.js';

export interface PlayOptions {
  /** Opened if need be, and then closed at the end; an open one is left open. */
  readonly transport: Transport;
  readonly playbook: Playbook;
  /** All of them go to every job. Default none. */
  readonly dynamic?: Readonly<Record<string, unknown>>;
  /**
   * Longest wait for each reply, in milliseconds; Infinity waits for ever. Default 60,000 for `started`, 3,600,000 from
   * there to the final reply.
   */
  readonly deadlineMs?: number;
  /** Id of the release, correlation id of all its jobs. Default: 24 hex digits. */
  readonly release?: string;
  /** Hear the workers' output lines. Default true; a broker that refuses it makes a warning. */
  readonly outputs?: boolean;
  /** How long lines are still heard after the last step, in milliseconds. Default 100. */
  readonly lingerMs?: number;
  /** Exchange of the notifications that the steps ask for. Default: the format's. */
  readonly notificationExchange?: string;
  /** Aborted: the step under way counts as failed with CANCELLED, the rest is skipped. No worker is told. */
  readonly signal?: AbortSignal;
  /** Called in order, synchronously. Must not throw; what it throws is logged. */
  readonly onEvent?: (event: ReleaseEvent) => void;
  /** Default: the Release Engine's messages. */
  readonly format?: MessageFormat;
  readonly clock?: ClientClock;
  /** 0 <= x < 1; for the id. Default Math.random. */
  readonly random?: () => number;
  /** Default: writes nothing. */
  readonly logger?: ClientLogger;
}

/**
 * Plays a release to its end: a failed step is a summary whose outcome is `failed`. Rejects, with nothing sent, with
 * DYNAMIC_MISSING or with the transport's NeedfulError where no reply queue can be had.
 */
export declare function playRelease(options: PlayOptions): Promise<ReleaseSummary>;

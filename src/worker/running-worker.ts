// A worker as it runs: how it is started, stopped, asked and watched.
import type { InspectionEvent, Observer } from 'xstate';
import type { Clock } from '../clock.js';
import type { MessageFormat } from '../contract/message-format.js';
import type { Transport } from '../transport.js';
import type { DeadLetter } from './dead-letter.js';
import type { Logger } from './logger.js';

export type OutputLevel = 'debug' | 'info' | 'warn' | 'error' | 'critical';

export interface WorkerOptions {
  readonly transport: Transport;
  /** Consumes `worker.<queue>`. Default: the worker's name. */
  readonly queue?: string;
  /** Lanes: jobs done at a time, and prefetch. Default 1. */
  readonly concurrency?: number;
  /**
   * `check`: exchange and queue must exist. `declare`: they are declared, durable. `none`: consumed as it is.
   * Default `declare` on the embedded broker, else `check` (ADR 0004).
   */
  readonly topology?: 'check' | 'declare' | 'none';
  /** Default: a pino logger on stderr at level info. */
  readonly logger?: Logger;
  /** Output lines below it are not sent. Default `debug`, as the original. */
  readonly outputLevel?: OutputLevel;
  /** Exchange of notifications. Default `re`; `''` is what the original does. */
  readonly notificationExchange?: string;
  /** Default: the Release Engine's messages. */
  readonly format?: MessageFormat;
  /** Largest body of a job, in bytes. Default 8 MiB. */
  readonly bodyLimitBytes?: number;
  /** Deepest nesting of a job's JSON. Default 64. */
  readonly depthLimit?: number;
  /** Most values in a job's JSON: members and elements, at all depths. Default 100,000. */
  readonly valueLimit?: number;
  /** Largest `data` of a reply, in bytes of JSON. Default 256 KiB. */
  readonly resultLimitBytes?: number;
  /** Longest wait for the confirm of a reply, in milliseconds. Default 30,000. */
  readonly replyDeadlineMs?: number;
  /** Longest run of a step that names no deadline, in milliseconds. Default: 24 hours. */
  readonly stepDeadlineMs?: number;
  /** A delivery that waited this long for a lane goes back to the queue, in milliseconds. Default 1,000. */
  readonly holdMs?: number;
  /** How long `start` tries to reach a broker, in milliseconds. Default 30,000. */
  readonly connectDeadlineMs?: number;
  /** How long `stop` lets jobs run before it cancels them, in milliseconds. Default 25,000. */
  readonly drainMs?: number;
  /**
   * The broker's `consumer_timeout`, in milliseconds: a delivery that is not acknowledged for so long ends the channel. At
   * 80 % of it the log warns. Default 1,800,000, RabbitMQ's own.
   */
  readonly consumerTimeoutMs?: number;
  /** Where jobs go that are invalid, or that nobody can be told about. Default: nowhere; the log has them. */
  readonly deadLetter?: DeadLetter;
  /**
   * Shortest time between `started` and the final reply, in milliseconds: an original engine loses a reply that comes at
   * once after `started` in its checks and actions around a release. Default 0.
   */
  readonly minimumReplyGapMs?: number;
  readonly clock?: Clock;
  /** 0 <= x < 1; jitter and ids. Default Math.random. */
  readonly random?: () => number;
  /** An observer of XState: sees every inspection event of the worker, its lanes and its steps. It costs the worker speed. */
  readonly inspect?: ((event: InspectionEvent) => void) | Pick<Observer<InspectionEvent>, 'next'>;
}

/** One microstep of a machine, `always` included. */
export interface TransitionRecord {
  /** Milliseconds, by the worker's clock. */
  readonly at: number;
  /** `step`: a step that is a machine. */
  readonly machine: 'worker' | 'job' | 'step';
  readonly worker: string;
  /** Number of the lane, from 0; null for the worker's own machine. */
  readonly lane: number | null;
  /** '' where the machine of a step begins. */
  readonly from: string;
  readonly to: string;
  readonly event: string;
  readonly correlationId: string | null;
  /** The step's name where it is known. */
  readonly step: string | null;
}

export interface LaneStatus {
  readonly lane: number;
  readonly state: string;
  /** Milliseconds, by the worker's clock. */
  readonly since: number;
  readonly correlationId: string | null;
  readonly step: string | null;
}

export interface WorkerCounts {
  readonly received: number;
  /** Of those: the broker had given them before, to this worker or another, which may have begun them. */
  readonly redelivered: number;
  readonly completed: number;
  readonly failed: number;
  readonly invalid: number;
  /** Ended without a reply that arrived. */
  readonly unanswered: number;
  /** Attempts of steps after the first. */
  readonly retried: number;
  /** Steps that went on although they were aborted. */
  readonly orphaned: number;
  /** Sent to where dead letters are kept. */
  readonly deadLettered: number;
  /** Given back because no lane was free. */
  readonly returned: number;
  readonly lost: number;
  /** Output lines and notifications that were not sent, since the broker took none. */
  readonly linesDropped: number;
}

/** Plain data. */
export interface WorkerStatus {
  readonly worker: string;
  /** Name of the queue on the broker. */
  readonly queue: string;
  /** State of the worker's machine, nested states joined by a dot. */
  readonly state: string;
  /** A consumer is confirmed on a live channel. */
  readonly ready: boolean;
  readonly lanes: readonly LaneStatus[];
  readonly counts: WorkerCounts;
}

/** How a worker ended. */
export interface EndedWorker extends WorkerStatus {
  /**
   * Absent: every job in hand ended by itself. DRAIN_DEADLINE_PASSED: some were cancelled, or could not be told.
   * PROMISE_BROKEN: a defect of Needful. Any other: why it is faulted.
   */
  readonly error?: Error;
}

/** `E` names the events that the worker's flow has of its own. */
export interface RunningWorker<E extends string = string> extends AsyncDisposable {
  /** Resolves when the worker listens; rejects with a NeedfulError when it cannot. Idempotent. */
  start(): Promise<void>;
  /** Drains: no new jobs, running ones end, at the deadline they are cancelled and told so. Idempotent; a second call may shorten the deadline. */
  stop(options?: { readonly deadlineMs?: number }): Promise<EndedWorker>;
  /**
   * Gives the lane that has this job in hand an event of the flow's own, or `cancel`. Whether a lane took it: none has the
   * job, or its state does not answer the event, is false. Throws OPTION_INVALID for an event that the flow does not name.
   */
  send(
    correlationId: string,
    event: { readonly type: E | 'cancel'; readonly [key: string]: unknown },
  ): boolean;
  /** Ends the job as failed, if a lane has it in hand and can still do so; whether one could. */
  cancel(correlationId: string, reason?: string): boolean;
  status(): WorkerStatus;
  /** Every microstep of the worker, its lanes and their steps that are machines. Returns the function that ends the subscription. */
  subscribe(observer: (transition: TransitionRecord) => void): () => void;
  /** Settles when the worker stopped or is faulted; never rejects. */
  readonly ended: Promise<EndedWorker>;
}

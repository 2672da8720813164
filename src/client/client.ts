// The client's public types: an engine in a program, which sends jobs to workers and reads their replies.
import type { Clock } from '../clock.js';
import type { JobRequest, MessageFormat, Notification, ReplyStatus } from '../contract/message-format.js';
import type { Transport } from '../transport.js';
import type { Worker } from '../worker/definition.js';

/** Where a client says what it had to drop; pino fits. */
export interface ClientLogger {
  warn(fields: object, message: string): void;
}

export interface ClientOptions {
  readonly transport: Transport;
  /** Default: the Release Engine's messages. */
  readonly format?: MessageFormat;
  /** Hear the workers' output lines too, over an exclusive queue of the client's own. Default false. */
  readonly outputs?: boolean;
  readonly clock?: Clock;
  /** 0 <= x < 1; for correlation ids. Default Math.random. */
  readonly random?: () => number;
  /** Default: writes nothing. */
  readonly logger?: ClientLogger;
}

export interface SendOptions {
  /** Default: 24 hex digits of its own for every job. One job at a time may wait under the same id. */
  readonly correlationId?: string;
  /**
   * Longest wait for `started`, and again from there for the final reply, in milliseconds; Infinity waits for ever.
   * Default 60,000 for `started`, 3,600,000 for the final reply.
   */
  readonly deadlineMs?: number;
  /** Called with each event as it comes, before the iterator has it. Must not throw; what it throws is logged. */
  readonly onEvent?: (event: JobEvent) => void;
}

/** What is seen of a job while it runs. `at`: milliseconds, by the client's clock. */
export type JobEvent =
  | { readonly type: 'reply'; readonly at: number; readonly status: ReplyStatus; readonly data?: unknown }
  /** `skippedCount`: lines before this one that were dropped because nobody read them. */
  | {
      readonly type: 'output';
      readonly at: number;
      readonly message: unknown;
      readonly skippedCount?: number;
    }
  /** The worker left the protocol, but its answer could be used all the same. */
  | { readonly type: 'warning'; readonly at: number; readonly message: string };

/** The end of a job as the worker told it. `data` is what came, unchecked; absent when the reply had none. */
export type FinalReply<R = unknown> =
  | { readonly status: 'completed'; readonly data?: R }
  | { readonly status: 'failed'; readonly data?: unknown };

/**
 * One job under way. Iterating yields its events up to and including the final reply; one reader, and at most 1,000 unread
 * output lines are kept.
 */
export interface JobRun<R = unknown> extends AsyncIterable<JobEvent> {
  readonly correlationId: string;
  /**
   * The final reply, `failed` included. Rejects, as the iterator then does, with a NeedfulError where there is none:
   * JOB_UNDELIVERABLE, REPLY_DEADLINE_PASSED, REPLY_MALFORMED, CONNECTION_LOST, CHANNEL_CLOSED, EXCHANGE_MISSING, CANCELLED.
   * Nobody has to await it.
   */
  readonly result: Promise<FinalReply<R>>;
  /** Ends the waiting with CANCELLED. The worker is not told: the protocol has no word for it. */
  cancel(reason?: string): void;
}

/** One line that a worker put out. */
export interface OutputLine {
  readonly at: number;
  readonly correlationId: string | null;
  /** Who said it: `sleepworker`. */
  readonly appId: string | null;
  /** Normally a string. */
  readonly message: unknown;
}

type ObjectOf<T> = unknown extends T ? object : T;
export type At<T, K> = K extends keyof T ? T[K] : unknown;
type Flat<T> = { [K in keyof T]: T[K] } & {};
/** A step's own name; any name where the worker has a default step `'*'`. */
export type NameOf<N extends string> = '*' extends N ? string : N;
type Parameters<C, P> = unknown extends C
  ? unknown extends P
    ? Readonly<Record<string, unknown>>
    : Partial<Flat<P>>
  : Partial<Flat<C & ObjectOf<P>>>;
type Dynamic<D> = unknown extends D
  ? { readonly dynamic?: Readonly<Record<string, unknown>> }
  : { readonly dynamic: D };

/**
 * A job for one worker, typed by its definition: names of steps, names and types of parameters, dynamic values. That no
 * parameter is missing is checked by the worker only, since a schema may have defaults.
 */
export type WorkerJob<N extends string, C, P, D, K extends NameOf<N>> = Omit<
  JobRequest,
  'step' | 'parameters' | 'dynamic'
> &
  SendOptions & {
    /** The step's name, without the worker's. */
    readonly step: K;
    readonly parameters?: Parameters<C, At<P, K>>;
  } & Dynamic<At<D, K>>;

export interface ClientStatus {
  readonly open: boolean;
  /** Name that the broker chose; null while not open. */
  readonly replyQueue: string | null;
  /** Jobs without a final reply. */
  readonly openCount: number;
  /** `refused`: the broker did not let the client hear output lines; jobs are sent all the same. */
  readonly outputs: 'off' | 'heard' | 'refused';
  /** The broker's words when `outputs` is `refused`. */
  readonly outputsProblem: string | null;
  /** Replies that were dropped: seen before (same message id), or of no job that waits. */
  readonly droppedCount: number;
}

export interface Client extends AsyncDisposable {
  /**
   * Opens the transport if need be and declares an exclusive reply queue, the one thing that is declared unasked.
   * Idempotent; after a lost connection it opens again. Rejects with the transport's NeedfulError.
   */
  open(): Promise<void>;
  /**
   * Sends a job at once and waits for its replies. Throws OPTION_INVALID for what is no job and for a correlation id that
   * waits already, TRANSPORT_CLOSED before `open`.
   */
  send(job: JobRequest & SendOptions): JobRun;
  send<N extends string, C, P, D, R, K extends NameOf<N>>(
    worker: Worker<N, C, P, D, R>,
    job: WorkerJob<NoInfer<N>, NoInfer<C>, NoInfer<P>, NoInfer<D>, K>,
  ): JobRun<At<R, K>>;
  /** An engine's notification: not confirmed, nobody there is no error. `exchange`: default the one of the output lines. */
  notify(
    notification: Notification,
    options: { readonly correlationId: string; readonly exchange?: string },
  ): void;
  /** Every output line heard, of whichever job. Returns the function that ends the subscription. */
  subscribe(observer: (line: OutputLine) => void): () => void;
  status(): ClientStatus;
  /** Jobs that wait end with CANCELLED; the reply queue's consumer ends. The transport is closed only if `open` opened it. Idempotent, never rejects. */
  close(): Promise<void>;
}

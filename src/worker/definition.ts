// What a user writes: a worker as one literal, with parameters, dynamic values and results inferred from zod schemas.
import type { ActorLogic } from 'xstate';
import type { z } from 'zod';
import type { JobFlow } from '../../machines/job.js';
import type { Acknowledge, JobPolicy } from '../../machines/job-policy.js';
import type { JobEvent } from '../../machines/job-vocabulary.js';
import type { Job, MessageFormat } from '../contract/message-format.js';
import type { Output } from '../contract/output.js';
import type { AnyMachine } from '../statechart/embed-machine.js';
import type { AnyFlow, Flow } from '../statechart/flow.js';
import type { Backoff } from './backoff.js';
import type { Logger } from './logger.js';

export type { Output } from '../contract/output.js';

// biome-ignore lint/complexity/noBannedTypes: a step without a schema adds nothing to the type
type ObjectOf<T> = unknown extends T ? {} : T;
type At<T, K> = K extends keyof T ? T[K] : unknown;
type Prettify<T> = { [K in keyof T]: T[K] } & {};

/** What a step is given. `parameters` and `dynamic` were checked against their schemas. */
export interface StepContext<P, D> {
  readonly parameters: P;
  readonly dynamic: D;
  /** Machines to work on; one name when a playbook is played, may be empty. */
  readonly hosts: readonly string[];
  readonly group: string | null;
  /** The step's name in the job; null when the job named none and the default step `'*'` runs. */
  readonly subcommand: string | null;
  readonly correlationId: string | null;
  /** The job as it came: nothing in it was checked but its outer shape. */
  readonly job: Job;
  /** From 1; more where the step is tried again. */
  readonly attempt: number;
  /**
   * Aborted when the result is no longer wanted. Its reason is a NeedfulError: code DEADLINE_PASSED, CANCELLED, STOPPING or
   * DELIVERY_LOST.
   */
  readonly signal: AbortSignal;
  readonly output: Output;
  /** Tells those whom the job's `notify` lists for this phase; nobody listed: nothing is sent. */
  notify(phase: string, text: { readonly slug: string; readonly message: string }): void;
  /** A child of the worker's logger with correlation id, worker and step. */
  readonly logger: Logger;
}

// Of the registry of symbols, so that `failed()` of a second copy of this package counts too.
const failure: unique symbol = Symbol.for('needful.failed');

/** A failure on purpose: `data` goes out as it is. */
export interface Failed {
  readonly [failure]: true;
  readonly data?: unknown;
  readonly final?: true;
}

/**
 * Ends a step as failed. `failed()` sends no `data` key, `failed(x)` sends x as it is. `final`: the step is not tried again,
 * whatever its `retry` says.
 */
export function failed(data?: unknown, options: { readonly final?: boolean } = {}): Failed {
  return { [failure]: true, ...(data !== undefined && { data }), ...(options.final && { final: true }) };
}

export function isFailed(value: unknown): value is Failed {
  return typeof value === 'object' && value !== null && failure in value;
}

export type Input<C, P, D> = StepContext<Prettify<ObjectOf<C> & ObjectOf<P>>, ObjectOf<D>>;
export type Run<I, R> = (context: I) => R | Failed | Promise<R | Failed>;
// biome-ignore lint/suspicious/noExplicitAny: XState's own variance; promise, callback, observable and machine all fit
export type StepLogic<I> = ActorLogic<any, any, I, any, any>;

/** A step that failed is tried again, while `started` stays the only reply before the final one. */
export interface Retry {
  /** Runs of the step at most, the first one counted. */
  readonly attempts: number;
  /** Bound of the first pause, in milliseconds; it doubles with every further one, and each is drawn below it. Default 1,000. */
  readonly backoffMs?: number;
  /** Longest pause, in milliseconds. Default 60,000. */
  readonly maxBackoffMs?: number;
}

/** Policies of one step. */
export interface StepPolicy {
  /** Default: the worker's. */
  readonly retry?: Retry;
  /** Longest time the step may run, in milliseconds. Default: no deadline of its own (the worker's `stepDeadlineMs`). */
  readonly deadlineMs?: number;
  /** `required`: a job without hosts is refused. Default: the worker's. */
  readonly hosts?: 'required' | 'optional';
}

export type Steps<N extends string, C, P, D, R> = {
  [K in N]: StepPolicy & {
    run: Run<Input<C, At<P, K>, At<D, K>>, At<R, K>> | StepLogic<Input<C, At<P, K>, At<D, K>>>;
  };
} & { [K in keyof P]: { parameters?: z.ZodType<P[K], object> } } & {
  [K in keyof D]: { dynamic?: z.ZodType<D[K], object> };
} & { [K in keyof R]: { result?: z.ZodType<unknown, R[K]> } };

/** A worker's definition. `N` names its steps, `C` the common parameters, `P`, `D`, `R` parameters, dynamic values, results by step. */
export interface WorkerDefinition<
  N extends string,
  C,
  P,
  D,
  R,
  K extends Acknowledge = 'received',
  F extends AnyFlow | AnyMachine = AnyFlow | AnyMachine,
> extends JobPolicy<K> {
  /** Consumes `worker.<name>` unless told otherwise; the playbook says `name:Step`. Letters, digits, `_`, `-`, `.`. */
  readonly name: string;
  /** Default: the name followed by `worker`, as the original does. */
  readonly appId?: string;
  /** How output lines call the worker. Default: the name in CamelCase followed by `Worker`. */
  readonly outputName?: string;
  /** Parameters that every step takes. */
  readonly parameters?: z.ZodType<C, object>;
  /** Default `optional`. */
  readonly hosts?: 'required' | 'optional';
  /** `optional`: a job nobody waits for is done all the same. Default `required`: it is refused. */
  readonly replyTo?: 'required' | 'optional';
  /** Messages it takes and sends, unless `createWorker` is told otherwise. Default: the Release Engine's. */
  readonly format?: MessageFormat;
  /** What carries a job from the queue to its final reply: a flow, a change of `jobFlow`, an XState machine. Default: `jobFlow`. */
  readonly flow?: F | ((base: JobFlow<K>) => F);
  /** `fail`: a job that was delivered before, and may have been begun, is refused. Default `run`. */
  readonly redelivered?: 'run' | 'fail';
  /** For steps that name none. Default: no step is tried twice. */
  readonly retry?: Retry;
  /** By the name behind the colon. `'*'` is given unknown, empty and missing names. */
  readonly steps: Steps<N, C, P, D, R>;
}

/** Names of the events that a flow has of its own; any where its names are not known. */
export type EventsOf<F extends AnyFlow | AnyMachine> =
  F extends Flow<string, infer E, string, string, string, string>
    ? Exclude<E, JobEvent['type']>
    : F extends { transition(snapshot: never, event: infer E, ...rest: never): unknown }
      ? Exclude<E extends { readonly type: infer T extends string } ? T : string, JobEvent['type']>
      : string;

declare const types: unique symbol;

/** A checked definition, to be handed to `createWorker`. `E` names the events that its flow has of its own. */
export interface Worker<
  N extends string = string,
  C = unknown,
  P = unknown,
  D = unknown,
  R = unknown,
  E extends string = string,
> {
  readonly name: string;
  readonly appId: string;
  readonly outputName: string;
  readonly replyTo: 'required' | 'optional';
  readonly redelivered: 'run' | 'fail';
  readonly format?: MessageFormat;
  /** Checked. */
  readonly flow: AnyFlow | AnyMachine;
  readonly steps: ReadonlyMap<string, Step>;
  /** Only for inference. */
  readonly [types]?: { names: N; common: C; parameters: P; dynamic: D; results: R; events: E };
}

/** One step as the runtime sees it. */
export interface Step {
  readonly name: string;
  /** Schemas that each must accept the job's parameters: the worker's common one, the step's own. */
  readonly parameters: readonly z.ZodType[];
  readonly dynamic: z.ZodType | undefined;
  readonly result: z.ZodType | undefined;
  readonly hosts: 'required' | 'optional';
  readonly deadlineMs: number | undefined;
  readonly retry: ({ readonly attempts: number } & Backoff) | undefined;
  readonly run: Run<StepContext<unknown, unknown>, unknown> | StepLogic<StepContext<unknown, unknown>>;
}

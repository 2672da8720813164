// The client's runtime: one reply queue, many jobs, each reply to the job it belongs to.

import { type Clock, systemClock } from '../clock.js';
import { NeedfulError } from '../contract/errors.js';
import type { JobRequest, MessageFormat, Notification } from '../contract/message-format.js';
import { releaseEngine } from '../contract/release-engine.js';
import type { Delivery, Transport, TransportEvent } from '../transport.js';
import type { Worker } from '../worker/definition.js';
import { checkOptions } from './check-options.js';
import { requestOf } from './check-request.js';
import type {
  Client,
  ClientLogger,
  ClientOptions,
  ClientStatus,
  JobRun,
  OutputLine,
  SendOptions,
} from './client.js';
import { newCorrelationId } from './correlation-id.js';
import { loss, refusal } from './job-loss.js';
import { type OpenJob, openJob } from './open-job.js';
import { createRecent } from './recent.js';
import { openSession, type Session } from './session.js';

const rememberedCount = 1_024;
const silent: ClientLogger = { warn: () => {} };

/** An engine for programs: sends jobs over a transport and yields their replies. Throws OPTION_INVALID. */
export function createClient(options: ClientOptions): Client {
  checkOptions(options);
  return new EngineClient(options);
}

class EngineClient implements Client {
  readonly #transport: Transport;
  readonly #format: MessageFormat;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #logger: ClientLogger;
  readonly #wantsOutputs: boolean;
  readonly #jobs = new Map<string, OpenJob>();
  readonly #endedIds = createRecent(rememberedCount);
  readonly #seenReplies = createRecent(rememberedCount);
  readonly #observers = new Set<(line: OutputLine) => void>();
  #session: Session | undefined;
  #opening: Promise<void> | undefined;
  #ownsTransport: boolean | undefined;
  #unsubscribe: (() => void) | undefined;
  #droppedCount = 0;
  #closeCount = 0;

  constructor(options: ClientOptions) {
    this.#transport = options.transport;
    this.#format = options.format ?? releaseEngine;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#logger = options.logger ?? silent;
    this.#wantsOutputs = options.outputs ?? false;
  }

  open(): Promise<void> {
    if (this.#session !== undefined) return Promise.resolve();
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(): Promise<void> {
    const closeCount = this.#closeCount;
    this.#ownsTransport ??= this.#transport.status.phase === 'closed';
    await this.#transport.open();
    this.#unsubscribe ??= this.#transport.subscribe((event) => this.#observe(event));
    const session = await openSession({
      transport: this.#transport,
      output: this.#wantsOutputs ? this.#format.output : undefined,
      onReply: (delivery) => this.#takeReply(delivery),
      onOutput: (delivery) => this.#takeOutput(delivery),
    });
    if (closeCount !== this.#closeCount) {
      this.#unsubscribe?.();
      this.#unsubscribe = undefined;
      await session.close();
      throw new NeedfulError('CANCELLED', 'the client was closed while it opened');
    }
    this.#session = session;
    const problem = session.outputsProblem;
    if (problem !== null)
      this.#logger.warn({ problem }, 'the broker does not let the client hear output lines');
  }

  send(job: JobRequest & SendOptions): JobRun;
  send<R>(worker: Worker, job: JobRequest & SendOptions): JobRun<R>;
  send(first: (JobRequest & SendOptions) | Worker, second?: JobRequest & SendOptions): JobRun {
    return this.#send(requestOf(first, second));
  }

  #send({ correlationId, deadlineMs, onEvent, ...job }: JobRequest & SendOptions): JobRun {
    const session = this.#session;
    if (session === undefined)
      throw new NeedfulError('TRANSPORT_CLOSED', 'the client is not open: call open() first');
    const id = correlationId ?? newCorrelationId(this.#clock, this.#random);
    if (this.#jobs.has(id))
      throw new NeedfulError('OPTION_INVALID', `correlationId: a job waits under ${id} already`);
    const message = this.#format.encodeJob(job, { replyTo: session.replyQueue, correlationId: id });
    const open = openJob({
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      ...(onEvent === undefined ? {} : { onEvent }),
      correlationId: id,
      step: job.step,
      clock: this.#clock,
      logger: this.#logger,
      onEnd: () => {
        this.#jobs.delete(id);
        this.#endedIds.add(id);
      },
    });
    this.#jobs.set(id, open);
    this.#transport.publish({ ...message, mandatory: true }, (outcome, sent) => {
      const error = refusal(outcome, { message: sent, step: job.step });
      if (error !== undefined) open.fail(error);
    });
    return open.run;
  }

  notify(
    notification: Notification,
    { correlationId, exchange }: { readonly correlationId: string; readonly exchange?: string },
  ): void {
    const { properties, ...message } = this.#format.encodeNotification(notification, {
      address: { replyTo: null, correlationId },
      appId: '',
      exchange: exchange ?? this.#format.output.exchange,
    });
    // An engine has no app id.
    const { appId, ...rest } = properties;
    this.#transport.publish({ ...message, properties: appId === '' ? rest : properties });
  }

  subscribe(observer: (line: OutputLine) => void): () => void {
    const own = (line: OutputLine) => observer(line);
    this.#observers.add(own);
    return () => this.#observers.delete(own);
  }

  status(): ClientStatus {
    const session = this.#session;
    const problem = session?.outputsProblem ?? null;
    const heard = problem === null ? 'heard' : 'refused';
    return {
      open: session !== undefined,
      replyQueue: session?.replyQueue ?? null,
      openCount: this.#jobs.size,
      outputs: session !== undefined && this.#wantsOutputs ? heard : 'off',
      outputsProblem: problem,
      droppedCount: this.#droppedCount,
    };
  }

  async close(): Promise<void> {
    this.#closeCount += 1;
    const session = this.#session;
    this.#lose(new NeedfulError('CANCELLED', 'the client was closed before the final reply'));
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    await session?.close();
    if (this.#ownsTransport === true) await this.#transport.close();
    this.#ownsTransport = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #takeReply(delivery: Delivery): void {
    const { correlationId, messageId, appId } = delivery.properties;
    // A worker that got no confirm sends a final reply again, under the same message id.
    const isNew = messageId === undefined || this.#seenReplies.add(`${correlationId}|${appId}|${messageId}`);
    const job = isNew ? (this.#jobs.get(correlationId ?? '') ?? this.#adopt(correlationId)) : undefined;
    if (job !== undefined) job.reply(this.#format.decodeReply(delivery));
    else
      this.#drop(
        correlationId,
        isNew ? 'of no job that waits' : 'that came before under the same message id',
      );
  }

  // The original engine does not look at the id at all; here it may be wrong as long as only one job can be meant.
  #adopt(correlationId: string | undefined): OpenJob | undefined {
    const [only, ...others] = this.#jobs.values();
    if (only === undefined || others.length > 0 || this.#endedIds.has(correlationId ?? '')) return undefined;
    only.warn('a reply came with a foreign correlation id and was taken for the only job that waits');
    return only;
  }

  #drop(correlationId: string | undefined, what: string): void {
    this.#droppedCount += 1;
    this.#logger.warn({ correlationId: correlationId ?? null }, `a reply ${what} is dropped`);
  }

  #takeOutput(delivery: Delivery): void {
    const decoded = this.#format.decodeOutput(delivery);
    const { correlationId = null, appId = null } = delivery.properties;
    if (!decoded.ok) {
      this.#logger.warn({ correlationId, problem: decoded.problem }, 'an output line cannot be read');
      return;
    }
    const line: OutputLine = { at: this.#clock.now(), correlationId, appId, message: decoded.value };
    this.#jobs.get(correlationId ?? '')?.output(decoded.value);
    for (const observer of this.#observers) {
      try {
        observer(line);
      } catch (error) {
        this.#logger.warn({ err: error }, 'an observer of output lines threw');
      }
    }
  }

  #observe(event: TransportEvent): void {
    if (event.type === 'channel.closed' && event.purpose === 'lines')
      this.#logger.warn({ err: event.error }, 'a notification was refused by the broker');
    const error = this.#session === undefined ? undefined : loss(event, this.#session);
    if (error !== undefined) this.#lose(error);
  }

  #lose(error: NeedfulError): void {
    this.#session = undefined;
    for (const job of [...this.#jobs.values()]) job.fail(error);
  }
}

// One job that waits for its replies: their order, its deadlines, its end. How messages travel is the client's.

import { arm, type Clock } from '../clock.js';
import { NeedfulError } from '../contract/errors.js';
import type { Decoded, Reply } from '../contract/message-format.js';
import type { ClientLogger, FinalReply, JobEvent, JobRun, SendOptions } from './client.js';
import { createEventBuffer } from './event-buffer.js';

export const defaultDeadlines = { startedMs: 60_000, finishedMs: 3_600_000 };

export interface OpenJobOptions extends Pick<SendOptions, 'deadlineMs' | 'onEvent'> {
  readonly correlationId: string;
  /** For messages: `sleep:Seconds`. */
  readonly step: string;
  readonly clock: Clock;
  readonly logger: ClientLogger;
  /** Called once, before the last event is shown: the correlation id is free again. */
  readonly onEnd: () => void;
}

export interface OpenJob {
  readonly run: JobRun;
  reply(reply: Decoded<Reply>): void;
  output(message: unknown): void;
  warn(message: string): void;
  /** Ends it without a final reply. */
  fail(error: NeedfulError): void;
}

export function openJob(options: OpenJobOptions): OpenJob {
  const { clock, logger, step, correlationId } = options;
  const buffer = createEventBuffer();
  let resolve: (reply: FinalReply) => void = () => {};
  let reject: (error: NeedfulError) => void = () => {};
  const result = new Promise<FinalReply>((...settle) => {
    [resolve, reject] = settle;
  });
  let phase: 'sent' | 'started' | 'ended' = 'sent';
  let disarm = () => {};

  function show(event: JobEvent): void {
    buffer.push(event);
    try {
      options.onEvent?.(event);
    } catch (error) {
      logger.warn({ correlationId, step, err: error }, 'onEvent of a job threw');
    }
  }

  function warn(message: string): void {
    if (phase === 'ended') return;
    logger.warn({ correlationId, step }, message);
    show({ type: 'warning', at: clock.now(), message });
  }

  function end(): void {
    phase = 'ended';
    disarm();
    options.onEnd();
  }

  function fail(error: NeedfulError): void {
    if (phase === 'ended') return;
    end();
    reject(error);
    buffer.end(error);
  }

  function expect(what: string, defaultMs: number): void {
    disarm();
    const ms = options.deadlineMs ?? defaultMs;
    const fire = () =>
      fail(new NeedfulError('REPLY_DEADLINE_PASSED', `${step}: expected ${what} within ${ms} ms, none came`));
    disarm = arm(clock, { ms, fire });
  }

  function started(): void {
    if (phase === 'started') warn(`${step}: started came again, as when a broker delivers a job again`);
    phase = 'started';
    expect('a final reply', defaultDeadlines.finishedMs);
  }

  function finish(status: 'completed' | 'failed'): void {
    if (status === 'completed' && phase === 'sent') warn(`${step}: completed came without started`);
    end();
  }

  function take(reply: Reply): void {
    const at = clock.now();
    const { status } = reply;
    const data = reply.data === undefined ? {} : { data: reply.data };
    if (status === 'started') started();
    else finish(status);
    show({ type: 'reply', at, status, ...data });
    if (status === 'started') return;
    resolve({ status, ...data });
    buffer.end();
  }

  result.catch(() => {});
  expect('started', defaultDeadlines.startedMs);
  return {
    run: {
      correlationId,
      result,
      cancel: (reason = 'the job was cancelled by its sender') => fail(new NeedfulError('CANCELLED', reason)),
      [Symbol.asyncIterator]: () => buffer[Symbol.asyncIterator](),
    },
    reply(reply) {
      if (phase === 'ended') return;
      if (reply.ok) return take(reply.value);
      fail(new NeedfulError('REPLY_MALFORMED', `${step}: a reply cannot be read: ${reply.problem.message}`));
    },
    output(message) {
      if (phase !== 'ended') show({ type: 'output', at: clock.now(), message });
    },
    warn,
    fail,
  };
}

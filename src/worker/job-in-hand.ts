// The job in a lane's hand: what is said about it on the bus and in the log, and what the actions of its flow do. All of it
// is dropped when the lane listens again.
import { type JobContext, noJob } from '../../machines/job-outcome.js';
import { NeedfulError } from '../contract/errors.js';
import type { Reply, Sender } from '../contract/message-format.js';
import { redactIn } from '../contract/redact-value.js';
import { redact } from '../contract/secrets.js';
import type { EffectScope } from '../statechart/machine.js';
import type { Delivery } from '../transport.js';
import { type Confirmed, createConfirmed, letterOutcomes, replyOutcomes } from './confirmed.js';
import { deadLetter } from './dead-letter.js';
import type { Worker } from './definition.js';
import { createJobOutput, type JobOutput } from './job-output.js';
import type { Logger } from './logger.js';
import type { ResolvedOptions } from './options.js';
import type { StepJob } from './parse-job.js';
import { encodeRedacted } from './redacted-reply.js';
import type { WorkerCounts } from './running-worker.js';

export type JobScope = EffectScope<JobContext<StepJob>>;

export interface JobInHand {
  /** As the lane's machine has it. */
  context: JobContext<StepJob>;
  readonly output: JobOutput | null;
  /** For the log: correlation id and step, as far as they are known. */
  about(context?: JobContext<StepJob>): { correlationId: string | null; step: string | null };
  /** A delivery was taken. */
  arrived(): void;
  /** The lane has come to a state. */
  passed(state: string): void;
  /** From here on it is known who waits for the job. */
  begin(scope: JobScope): void;
  /** Gone, as if it had never been. */
  drop(): void;
  /** The lane ends: the job goes back if it still can; else nobody will hear how it ended. */
  giveUp(): void;
  readonly effects: Readonly<Record<string, (scope: JobScope) => void>>;
}

/** What is done for a job beyond its lane. */
export interface JobHost {
  readonly worker: Worker;
  readonly options: ResolvedOptions;
  /** Name of the queue on the broker. */
  readonly queue: string;
  /** The broker does not answer on a channel that is open. */
  onDeaf(error: Error): void;
  count(what: keyof WorkerCounts): void;
  /** A name for the next delivery that no other worker uses. */
  nextDeliveryId(): string;
}

/** Of what the log is told. */
const stepLimit = 200;
const bodyLimitBytes = 10_000;

export interface JobInHandOptions {
  readonly host: JobHost;
  readonly logger: Logger;
  /** Gives the lane an event. */
  readonly send: (event: { readonly type: string }) => void;
}

export function createJobInHand({ host, logger, send }: JobInHandOptions): JobInHand {
  const { worker, options } = host;
  const { transport, format, clock } = options;
  const outputOptions = { ...options, outputName: worker.outputName };
  const nobody: Sender = { appId: worker.appId, address: { replyTo: null, correlationId: null } };
  let sender = nobody;
  let output: JobOutput | null = null;
  let deliveryId = '';
  let startedAt: number | null = null;
  let path: string[] = [];

  const confirmed: Confirmed = createConfirmed(transport, (event) => {
    // A letter is sent again on the next channel, which may be there already.
    if (event.type !== 'letter.lost') send(event);
    else if (transport.status.phase === 'open') send({ type: 'connection.opened' });
  });

  const delivery = (scope: JobScope) => scope.context.delivery as Delivery;

  const report = (reply: Reply, scope: JobScope) => {
    if (sender.address.replyTo === null)
      return scope.send({ type: worker.replyTo === 'optional' ? 'reply.confirmed' : 'reply.undeliverable' });
    // The same id when it is sent again, so that an engine can drop the second.
    const messageId = `${deliveryId}-${reply.status}`;
    const message = encodeRedacted(reply, { format, sender: { ...sender, messageId } });
    confirmed.publish(message, replyOutcomes);
  };

  const reportFinal = (scope: JobScope) => {
    const { outcome } = scope.context;
    if (outcome?.problem) {
      const { code, message } = outcome.problem; // The step cannot say it: it never ran, or was given up.
      output?.notify('failed', { slug: `${worker.outputName} Failed`, message });
      output?.error(`${code}: ${message}`);
    }
    output?.end();
    const reply = outcome ?? { status: 'failed' };
    const gapMs = startedAt === null ? 0 : startedAt + options.minimumReplyGapMs - clock.now();
    if (gapMs <= 0) return report(reply, scope);
    const of = deliveryId;
    clock.setTimeout(() => {
      // A lane that moved on meanwhile has dropped the reply.
      if (of === deliveryId && job.context.outcome === outcome) report(reply, { ...scope, send });
    }, gapMs);
  };

  const settle = (how: 'acknowledge' | 'reject', scope: JobScope) => {
    if (delivery(scope).settle(how)) return;
    if (scope.context.outcome === null) return scope.send({ type: 'delivery.lost' });
    host.count('lost');
    logger.warn(job.about(), 'the delivery was lost after its job was done: it may be done again');
  };

  const job: JobInHand = {
    context: noJob,
    get output() {
      return output;
    },
    about: ({ parsed, delivery } = job.context) => ({
      correlationId: (parsed ? parsed.address.correlationId : delivery?.properties.correlationId) ?? null,
      // A worker with a step for all names is given names of any length.
      step: redactIn(parsed?.step)?.slice(0, stepLimit) ?? null,
    }),
    arrived() {
      host.count('received');
      if ((job.context.delivery as Delivery).redelivered) host.count('redelivered');
      deliveryId = host.nextDeliveryId();
    },
    passed(state) {
      confirmed.forget();
      if (options.deadLetter !== undefined) path.push(state);
    },
    begin({ context: { parsed } }) {
      if (parsed === null || output !== null) return;
      sender = { appId: worker.appId, address: parsed.address };
      output = createJobOutput(outputOptions, { sender, notify: parsed.job?.notify ?? {} });
      output.begin();
    },
    drop() {
      output?.end();
      job.context = noJob;
      output = null;
      sender = nobody;
      startedAt = null;
      if (path.length > 0) path = [];
    },
    giveUp() {
      output?.end();
      const given = job.context.delivery as Delivery | null;
      if (given === null || given.settle('requeue') || given.settlement !== 'acknowledged') return;
      host.count('unanswered');
      logger.warn(job.about(), 'the lane ended, and nobody was told how its job did');
    },
    effects: {
      acknowledge: (scope) => settle('acknowledge', scope),
      reject: (scope) => settle('reject', scope),
      reportStarted(scope) {
        job.begin(scope);
        if (options.minimumReplyGapMs > 0) startedAt = clock.now();
        report({ status: 'started' }, scope);
      },
      reportInvalid(scope) {
        job.begin(scope);
        logger.warn({ ...job.about(), ...scope.context.parsed?.problem }, 'job refused');
        reportFinal(scope);
      },
      reportCompleted: reportFinal,
      reportFailed: reportFinal,
      recordUnknown({ event, send: later }) {
        logger.warn(job.about(), 'whether a reply arrived is not known');
        if (transport.status.phase !== 'open') return;
        // The next channel was there before the loss of the last one was told; or this one is open, and deaf.
        if (event.type === 'reply.lost') later({ type: 'connection.opened' });
        else
          host.onDeaf(
            new NeedfulError('REPLY_UNKNOWN', 'the broker did not confirm a reply in time', { retry: true }),
          );
      },
      recordRefused: () => logger.warn(job.about(), 'the broker refused a reply; it is sent again'),
      recordUnanswered({ context }) {
        output?.end();
        host.count('unanswered');
        logger.warn({ ...job.about(), outcome: context.outcome }, 'nobody can be told how the job ended');
      },
      recordLost() {
        host.count('lost');
        logger.warn(job.about(), 'the delivery was lost before it was acknowledged');
      },
      deadLetter({ context, send: later }) {
        if (options.deadLetter === undefined) return later({ type: 'letter.sent' });
        const facts = { queue: host.queue, worker: worker.name, path };
        confirmed.publish(deadLetter(options.deadLetter, { context, facts }), letterOutcomes);
      },
      recordLetter({ context }) {
        const { delivery, outcome } = context;
        const text = Buffer.from(delivery?.body.subarray(0, 2 * bodyLimitBytes) ?? []).toString();
        const body = redact(text).slice(0, bodyLimitBytes);
        logger.error({ ...job.about(), outcome, body }, 'the dead letter was not taken');
      },
      giveBack: () => job.giveUp(),
    },
  };
  return job;
}

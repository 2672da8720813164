// One check: the jobs that were sent for it, what was answered, and what is wrong with that. The order of replies is judged by
// the protocol's automaton, which knows nothing of this worker; here are the properties and how a job may end.
import type { Received } from '../../contract/message.js';
import type { Address, ReplyStatus } from '../../contract/message-format.js';
import { workerReplyTo } from '../../contract/names.js';
import { oneLine } from '../../contract/problem.js';
import { createProtocol, type Violation } from '../../contract/protocol.js';
import { releaseEngine } from '../../contract/release-engine.js';
import type { Kind } from './cases.js';
import { type Finding, type JudgeCode, judgeCodes } from './codes.js';

/** A job that was sent. */
export interface SentJob {
  /** `replyTo` null: nobody can be answered, or nobody would hear it. */
  readonly address: Address;
  readonly kind: Kind;
  readonly body: Uint8Array;
  isStarted: boolean;
  final: 'completed' | 'failed' | null;
  /** A reply came that nobody can read: for an engine that is the end. */
  isSpoiled: boolean;
  /** Given up: the worker went away. */
  isWithdrawn: boolean;
  /** A line came before any reply. */
  hasEarlyLine: boolean;
}

export class Hearing {
  readonly jobs: SentJob[] = [];
  readonly #findings = new Map<JudgeCode, Finding>();
  readonly #protocol = createProtocol();

  get findings(): readonly Finding[] {
    return [...this.#findings.values()];
  }

  /** Kept once for each code. */
  note(code: JudgeCode, sentence: string): void {
    if (this.#findings.has(code)) return;
    this.#findings.set(code, { code, severity: judgeCodes[code].severity, sentence: oneLine(sentence) });
  }

  /** Before it is sent. */
  send(job: Pick<SentJob, 'address' | 'kind' | 'body'>): SentJob {
    const sent: SentJob = {
      ...job,
      isStarted: false,
      final: null,
      isSpoiled: false,
      isWithdrawn: false,
      hasEarlyLine: false,
    };
    this.jobs.push(sent);
    this.#protocol.observe({ type: 'job', address: job.address });
    return sent;
  }

  /** A reply to the job, or one of which nothing better can be said. */
  reply(received: Received, job: SentJob): void {
    const { properties, exchange } = received;
    const decoded = releaseEngine.decodeReply(received);
    const status = decoded.ok ? decoded.value.status : null;
    const what = status === null ? 'a reply' : `\`${status}\``;
    this.#judgeIdentity(properties.correlationId ?? null, job, what);
    if (exchange !== '') this.note('REPLY_MISPLACED', `${what} came over the exchange ${exchange}`);
    if (!properties.appId) this.note('APP_ID_MISSING', `${what} has no app_id`);
    if (properties.replyTo !== workerReplyTo) {
      const got = properties.replyTo === undefined ? 'none' : JSON.stringify(properties.replyTo);
      this.note('REPLY_TO_OTHER', `${what} has the reply_to ${got}`);
    }
    const { contentType } = properties;
    if (contentType !== undefined && contentType !== 'application/json') {
      this.note('CONTENT_TYPE_OTHER', `${what} has the content_type ${JSON.stringify(contentType)}`);
    }
    if (!decoded.ok) job.isSpoiled = true;
    const [violation] = this.#protocol.observe({
      type: 'reply',
      address: job.address,
      appId: properties.appId ?? null,
      messageId: null,
      status,
      returned: false,
    });
    if (violation !== undefined) {
      const words = decoded.ok ? violation.sentence : decoded.problem.message;
      this.note(codeOf(violation, status), words);
    }
    if (decoded.ok) this.#move(job, { status: decoded.value.status, data: decoded.value.data });
  }

  #judgeIdentity(came: string | null, job: SentJob, what: string): void {
    const sent = job.address.correlationId;
    if (came === sent) return;
    const got = came === null ? 'no correlation id' : `the correlation id ${JSON.stringify(came)}`;
    if (sent === null) this.note('CORRELATION_ID_INVENTED', `${what} has ${got}`);
    else this.note('CORRELATION_ID_WRONG', `${what} has ${got}, not that of the job`);
  }

  #move(job: SentJob, { status, data }: { readonly status: ReplyStatus; readonly data: unknown }): void {
    if (status === 'started') {
      job.isStarted = true;
      if (job.hasEarlyLine && job.final === null) {
        this.note('OUTPUT_EARLY', `an output line came before \`started\``);
      }
    } else if (job.final === null) {
      job.final = status;
      this.#judgeEnd(job, { status, data });
    }
  }

  #judgeEnd(
    job: SentJob,
    { status, data }: { readonly status: 'completed' | 'failed'; readonly data: unknown },
  ): void {
    const { kind, isStarted } = job;
    const why = data === undefined ? '' : `: ${typeof data === 'string' ? data : JSON.stringify(data)}`;
    if (status === 'failed') {
      if (kind === 'valid' && isStarted) this.note('JOB_FAILED', `it was started and failed${why}`);
      else if (kind === 'valid')
        this.note('JOB_REFUSED', `it was answered \`failed\` without \`started\`${why}`);
      else if (kind === 'unreadable' && isStarted)
        this.note('STARTED_UNREADABLE', `it was started before it failed`);
    } else if (kind === 'unreadable') this.note('COMPLETED_UNREADABLE', `it was answered \`completed\``);
    else if (kind === 'invalid') this.note('COMPLETED_INVALID', `it was answered \`completed\``);
    else if (kind === 'doubtful') this.note('COMPLETED_ANYWAY', `it was completed`);
  }

  output(received: Received, job: SentJob): void {
    const decoded = releaseEngine.decodeOutput(received);
    if (!decoded.ok) {
      this.note('OUTPUT_MALFORMED', `an output line: ${decoded.problem.message}`);
      return;
    }
    if (!received.properties.appId) this.note('APP_ID_MISSING', `an output line has no app_id`);
    // The original's frame around every job begins before `started`.
    const isFrame = typeof decoded.value === 'string' && decoded.value.startsWith('Starting ');
    if (!isFrame && !job.isStarted && job.final === null) job.hasEarlyLine = true;
  }

  /** No more is waited for: what is still owed is missing. */
  end(): void {
    const owing = this.jobs.filter(isOpen);
    const owed = this.#protocol.end().length;
    if (owed === 0 || owing.length === 0) return;
    this.note('NO_FINAL_REPLY', `${owing.length} of ${this.jobs.length} got no final reply`);
  }
}

/** A final reply is still due. */
export function isOpen(job: SentJob): boolean {
  return job.address.replyTo !== null && job.final === null && !job.isSpoiled && !job.isWithdrawn;
}

function codeOf({ promise }: Violation, status: ReplyStatus | null): JudgeCode {
  if (status === null) return 'REPLY_UNREADABLE';
  if (promise === 'I2') return status === 'started' ? 'STARTED_TWICE' : 'STARTED_MISSING';
  return status === 'started' ? 'STARTED_LATE' : 'FINAL_TWICE';
}

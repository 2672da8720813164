// What the judge of workers may find, by code. A code is stable: scripts may compare it. docs/other-languages.md lists them,
// held by a test.

/**
 * `broken`: a release fails or hangs by it, or jobs are lost or done twice. `departs`: engines do not mind, but the original's
 * workers do it otherwise. `info`: no defect.
 */
export type Severity = 'broken' | 'departs' | 'info';

interface CodeKind {
  readonly severity: Severity;
  /** What it means for a release, and what a worker does instead. */
  readonly meaning: string;
}

const broken = (meaning: string): CodeKind => ({ severity: 'broken', meaning });
const departs = (meaning: string): CodeKind => ({ severity: 'departs', meaning });
const info = (meaning: string): CodeKind => ({ severity: 'info', meaning });

export const judgeCodes = {
  NOBODY_LISTENS: broken('Nobody consumes the queue: start the worker, and look at the name of its queue.'),
  QUEUE_BUSY: broken('The queue holds messages of others: judge a worker on a queue of its own.'),
  NO_FINAL_REPLY: broken(
    'A job got no final reply: its release waits for ever. Answer every job that you take.',
  ),
  JOB_REFUSED: broken(
    'The valid job was answered `failed` without `started`: give parameters that the worker takes.',
  ),
  STARTED_MISSING: broken(
    '`completed` came without `started` before it: the engine reads that as a failure.',
  ),
  STARTED_TWICE: broken('`started` came twice for one job: the engine reads the second as a failure.'),
  STARTED_LATE: broken(
    '`started` came after the final reply: the engine takes it for an answer to the next job.',
  ),
  FINAL_TWICE: broken('A second final reply came: the engine takes it for an answer to the next job.'),
  REPLY_UNREADABLE: broken(
    'A reply is not one JSON object whose `status` is started, completed or failed: the engine dies of it.',
  ),
  REPLY_MISPLACED: broken(
    'A reply was published to the exchange `re`: its place is the default exchange, key = `reply_to`.',
  ),
  CORRELATION_ID_WRONG: broken(
    "A reply does not carry the job's `correlation_id`: nobody can tell whose it is.",
  ),
  COMPLETED_UNREADABLE: broken('A message that is no job was answered `completed`: answer it `failed`.'),
  COMPLETED_INVALID: broken('A job with an invalid parameter was answered `completed`: answer it `failed`.'),
  DIED: broken('The worker stopped consuming: one bad message must end neither it nor its connection.'),
  DEAF: broken('The worker still consumes, but a valid job gets no final reply any more.'),
  SPOILED: broken('A valid job that completed before fails after bad input.'),
  REQUEUED: broken(
    'A job went back to the queue, again and again: reject it without requeue, or acknowledge it.',
  ),
  UNACKNOWLEDGED: broken(
    'A job was answered and never acknowledged: it is done again when the worker is started again.',
  ),
  APP_ID_MISSING: departs('A message has no `app_id`: people cannot tell which worker said it.'),
  REPLY_TO_OTHER: departs("A reply's own `reply_to` is not `log`, the constant of the original's workers."),
  OUTPUT_MALFORMED: departs('An output line is not `{"message": …}`: nobody can read it.'),
  OUTPUT_EARLY: departs('An output line came before `started`.'),
  CONTENT_TYPE_OTHER: info(
    'A message has a `content_type` that is not `application/json`; no engine looks at it.',
  ),
  CORRELATION_ID_INVENTED: info(
    'A job without `correlation_id` was answered with one, as the original does.',
  ),
  STARTED_UNREADABLE: info(
    'A message that is no job was answered `started` before `failed`, as the original does.',
  ),
  COMPLETED_ANYWAY: info(
    'A doubtful job was completed: right, if the worker needs nothing of what was wrong.',
  ),
  JOB_FAILED: info('The valid job was started and failed: a job that can be completed judges more.'),
  LINES_UNHEARD: info('There is no exchange `re`: output lines were not judged.'),
  SETTLEMENT_UNKNOWN: info(
    'Whether jobs stay unacknowledged only the management API tells: --management URL.',
  ),
} as const satisfies Record<string, CodeKind>;

export type JudgeCode = keyof typeof judgeCodes;

export interface Finding {
  readonly code: JudgeCode;
  readonly severity: Severity;
  /** What was seen, in one line. */
  readonly sentence: string;
}

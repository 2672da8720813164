// What the books say at the end: which promises were broken, and what a crash, a stop or an unknown confirm has cost. The
// costs are what docs/reliability.md says they are; they are counted by class, and whatever fits no class is a broken promise.
import type { Violation } from '../../contract/protocol.js';
import type { JobEntry, Ledger, ReplyEntry } from './ledger.js';

/** Jobs by what they cost. */
export interface Costs {
  /** No final reply: their worker crashed after the broker had read the ack. */
  lostByCrash: number;
  /** No final reply: their worker was stopped while no broker could be reached. */
  lostByStop: number;
  /** No final reply for certain: its confirm never came, and the policy does not send it again. */
  givenUp: number;
  /** No final reply: the broker refused it by a negative confirm, or refused `started`. */
  refused: number;
  /** No final reply: the job was cancelled while it was unknown whether its reply had arrived. */
  cancelled: number;
  /** Transient, and gone with the broker that had them. */
  droppedByBroker: number;
  /** A final reply that came again, with its message id, since its confirm was unknown. */
  resent: number;
  /** Answered once more: a delivery whose ack the broker never read was given again. */
  repeated: number;
}

export const noCosts: Costs = {
  lostByCrash: 0,
  lostByStop: 0,
  givenUp: 0,
  refused: 0,
  cancelled: 0,
  droppedByBroker: 0,
  resent: 0,
  repeated: 0,
};

/** What is known of the workers of a run beyond the books. */
export interface Crew {
  readonly acknowledge: 'received' | 'verified' | 'settled';
  readonly unknownReply: 'resend' | 'giveUp';
  readonly laneCount: number;
  /** Names of those that crashed. */
  readonly crashed: ReadonlySet<string>;
  /** Of those that were stopped while no broker could be reached. */
  readonly cutOff: ReadonlySet<string>;
  /** Of those that lost a channel or a connection. */
  readonly disturbed: ReadonlySet<string>;
  /** Correlation ids of jobs that were cancelled. */
  readonly cancelled: ReadonlySet<string>;
}

export interface Verdict {
  readonly broken: readonly string[];
  readonly costs: Costs;
}

export function judge(ledger: Ledger, crew: Crew): Verdict {
  ledger.protocol.end();
  const broken: string[] = [];
  const costs = { ...noCosts };
  const unanswered = new Map<string, number>();
  const byJob = new Map<string | null, Violation[]>();
  for (const violation of ledger.protocol.violations) {
    const known = byJob.get(violation.correlationId);
    if (known) known.push(violation);
    else byJob.set(violation.correlationId, [violation]);
  }
  for (const job of ledger.jobs.values()) {
    broken.push(...job.wrongs.map((sentence) => `${job.id}: ${sentence}`));
    broken.push(...judgeJob(job, { crew, costs, unanswered }).map((sentence) => `${job.id}: ${sentence}`));
    // The protocol knows no crash and no lost ack: it judges the jobs that had none.
    if (wasDisturbed(job, crew)) byJob.delete(job.id);
  }
  for (const violations of byJob.values()) {
    for (const { promise, sentence, correlationId } of violations) {
      broken.push(`${correlationId ?? 'no job'}: ${promise}: ${sentence}`);
    }
  }
  // A lane has one job in hand.
  for (const [worker, count] of unanswered) {
    if (count > crew.laneCount && crew.unknownReply === 'resend')
      broken.push(`${worker} ended with ${count} jobs in ${crew.laneCount} lanes`);
  }
  return { broken, costs };
}

const isFinal = ({ status }: ReplyEntry) => status !== 'started';
const isTakenBack = ({ settled }: JobEntry['deliveries'][number]) =>
  settled === 'lost' || settled === 'requeue';

function wasDisturbed(job: JobEntry, { crashed, cutOff, disturbed }: Crew): boolean {
  const isUnanswered = !job.replies.some(isFinal);
  return (
    job.copyCount > 1 ||
    (isUnanswered && job.deadLetterCount > 0) ||
    (isUnanswered && job.deliveries.some(({ worker }) => disturbed.has(worker))) ||
    job.deliveries.some(
      (entry) => isTakenBack(entry) || crashed.has(entry.worker) || cutOff.has(entry.worker),
    ) ||
    job.replies.some(({ sentCount, heard }) => sentCount > 1 || heard !== 'confirmed') ||
    job.refused.length > 0
  );
}

interface Judging {
  readonly crew: Crew;
  readonly costs: Costs;
  /** Jobs without a final reply, by the worker that ended with them. */
  readonly unanswered: Map<string, number>;
}

function judgeJob(job: JobEntry, given: Judging): readonly string[] {
  const { crew, costs } = given;
  const broken: string[] = [];
  if (job.copyCount === 0) return [`replies came for a job that nobody sent`];
  const back = job.deliveries.filter(isTakenBack).length;
  const due = job.copyCount + back - job.droppedCount;
  costs.droppedByBroker += job.droppedCount;
  if (job.deliveries.length < due) broken.push("it is in nobody's hand and was never given to a worker");
  for (const worker of new Set(job.deliveries.map((entry) => entry.worker))) {
    broken.push(...judgeWorker(job, { worker, ...given }));
  }
  const finals = job.replies.filter(isFinal);
  const again = finals.reduce((sum, { sentCount }) => sum + sentCount - 1, 0);
  costs.resent += again;
  if (again > 0 && crew.unknownReply === 'giveUp') broken.push('its final reply was sent again');
  const extra = finals.length - (job.copyCount - job.droppedCount);
  if (extra <= 0) return broken;
  if (extra > back) broken.push(`it was answered ${finals.length} times`);
  else costs.repeated += extra;
  return broken;
}

/** What one worker owes for the deliveries that it was given. */
function judgeWorker(
  job: JobEntry,
  { worker, crew, costs, unanswered }: Judging & { readonly worker: string },
): readonly string[] {
  const broken: string[] = [];
  const deliveries = job.deliveries.filter((entry) => entry.worker === worker);
  const replies = job.replies.filter((entry) => entry.worker === worker);
  const finals = replies.filter(isFinal);
  const started = replies.filter((entry) => !isFinal(entry));
  if (deliveries.some(({ settled }) => settled === null)) broken.push(`${worker} never settled it`);
  if (started.length > deliveries.length) broken.push(`${worker} sent \`started\` ${started.length} times`);
  if (finals.length > deliveries.length) broken.push(`${worker} answered it ${finals.length} times`);
  const completed = finals.filter(({ status }) => status === 'completed').length;
  if (completed > started.length) broken.push(`${worker} sent \`completed\` without \`started\``);
  if (job.isMute) return broken;
  const kept = deliveries.filter((entry) => !isTakenBack(entry) && entry.settled !== null).length;
  // A job that nobody waits for ends with `started`.
  const unwanted = started.filter(({ returned }) => returned).length;
  const owed = kept - finals.length - unwanted - job.deadLetterCount;
  if (owed <= 0) return broken;
  const ended = crew.crashed.has(worker) || crew.cutOff.has(worker);
  if (job.refused.includes(worker)) costs.refused += owed;
  else if (ended && crew.acknowledge !== 'settled') {
    unanswered.set(worker, (unanswered.get(worker) ?? 0) + owed);
    costs[crew.crashed.has(worker) ? 'lostByCrash' : 'lostByStop'] += owed;
  } else if (crew.cancelled.has(job.id)) costs.cancelled += owed;
  else if (crew.unknownReply === 'giveUp' && crew.disturbed.has(worker)) costs.givenUp += owed;
  else broken.push(`${worker} kept it and sent no final reply`);
  return broken;
}

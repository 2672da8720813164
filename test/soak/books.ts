// The books of a soak, of one policy: what the engine heard of each job, held against what the workers wrote down. What a
// kill, a cut or an unknown confirm has cost is excused only where the record of that very job has one, and is counted by
// class; whatever else there is breaks a promise.
import type { SoakDelivery } from './deliveries.js';
import type { Policy } from './kinds.js';
import type { JobEntry, Ledger } from './ledger.js';
import { Page } from './page.js';

export const costs = {
  /** No final reply. */
  lostByCrash: 'lost: its worker was killed after the acknowledgement',
  /** One final reply, heard again with its message id. */
  resent: 'answered twice: the confirm of the reply was unknown, and it was sent again',
  /** Two final replies, of two deliveries. */
  unknown: 'answered twice: whether `started` arrived was unknown, and the job came again',
  repeated: 'answered twice: its worker was killed or cut off before the broker had read the acknowledgement',
  /** By two deliveries. */
  runTwice: 'run twice: its worker was killed or cut off before the broker had read the acknowledgement',
  /** By two deliveries, the first of them acknowledged and known to be read. */
  forgotten: 'came again: the broker was killed, and forgot that it was acknowledged',
} as const;
export type Cost = keyof typeof costs;

export interface Books {
  readonly policy: Policy;
  /** Jobs that the broker took: the sum of the next six. */
  readonly sent: number;
  /** One final reply. */
  readonly answered: number;
  readonly answeredTwice: number;
  /** Nobody waited; not begun, among the dead letters. */
  readonly undeliverable: number;
  /** No reply, but a dead letter. */
  readonly dead: number;
  readonly queued: number;
  readonly lost: number;
  /** Whatever was answered; no part of the sum. */
  readonly runTwice: number;
  /** Jobs by what they cost; a job may be in two. */
  readonly costs: Readonly<Record<Cost, number>>;
  readonly broken: readonly string[];
}

export interface BooksOptions {
  readonly ledger: Ledger;
  /** In the order in which they began. */
  readonly deliveries: readonly SoakDelivery[];
  /** When the broker was killed. */
  readonly crashes: readonly number[];
}

export function closeBooks({ ledger, deliveries, crashes }: BooksOptions): Books {
  const { policy, strays, jobs } = ledger;
  const byId = new Map<string, SoakDelivery[]>();
  for (const delivery of deliveries) {
    const known = byId.get(delivery.id);
    if (known) known.push(delivery);
    else byId.set(delivery.id, [delivery]);
  }
  const places = { answered: 0, answeredTwice: 0, undeliverable: 0, dead: 0, queued: 0, lost: 0 };
  const paid = Object.fromEntries(Object.keys(costs).map((cost) => [cost, 0])) as Record<Cost, number>;
  const broken = strays.map((stray) => `a reply for a job that nobody sent: ${stray}`);
  let [sent, runTwice] = [0, 0];
  for (const entry of jobs.values()) {
    const own = byId.get(entry.id) ?? [];
    byId.delete(entry.id);
    const wasSeen = own.length > 0 || entry.statuses.length > 0 || entry.letters + entry.queued > 0;
    if (entry.sent !== 'confirmed' && !wasSeen) continue;
    sent += 1;
    places[placeOf(entry)] += 1;
    const page = new Page(entry, { policy, deliveries: own, crashes });
    page.judge();
    if (page.runCount > 1) runTwice += 1;
    for (const cost of page.costs) paid[cost] += 1;
    broken.push(...page.broken.map((why) => `job ${entry.id} (${entry.job.kind}): ${why}; ${page.story()}`));
  }
  for (const id of byId.keys()) broken.push(`a delivery of a job that nobody sent: ${id}`);
  const sum = Object.values(places).reduce((all, count) => all + count, 0);
  if (sum !== sent) broken.push(`the sums do not balance: ${sent} sent, ${sum} accounted for`);
  return { policy, sent, ...places, runTwice, costs: paid, broken };
}

function placeOf({ finals, queued, letters, job }: JobEntry) {
  if (finals.length > 1) return 'answeredTwice';
  if (finals.length === 1) return 'answered';
  if (queued > 0) return 'queued';
  if (letters > 0) return job.kind === 'gone' ? 'undeliverable' : 'dead';
  return 'lost';
}

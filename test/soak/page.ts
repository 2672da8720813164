// One job in the books of a soak: what it cost, and which promise was broken over it.
import { createProtocol } from '../../src/contract/index.js';
import type { Cost } from './books.js';
import type { SoakDelivery } from './deliveries.js';
import { type Policy, queueOf, repliesOf } from './kinds.js';
import type { HeardFinal, JobEntry } from './ledger.js';

export interface PageOptions {
  readonly policy: Policy;
  readonly deliveries: readonly SoakDelivery[];
  readonly crashes: readonly number[];
}

/** How long before its death a broker may have read an acknowledgement that it forgot, in milliseconds. */
const memoryMs = 10_000;

export class Page {
  readonly costs = new Set<Cost>();
  readonly broken: string[] = [];
  readonly #entry: JobEntry;
  readonly #policy: Policy;
  readonly #deliveries: readonly SoakDelivery[];
  readonly #crashes: readonly number[];

  constructor(entry: JobEntry, { policy, deliveries, crashes }: PageOptions) {
    this.#entry = entry;
    this.#policy = policy;
    this.#deliveries = deliveries;
    this.#crashes = crashes;
  }

  /** Deliveries whose step began. */
  get runCount(): number {
    return this.#deliveries.filter(({ begun }) => begun).length;
  }

  /** What engine and workers have of it. */
  story(): string {
    const deliveries = this.#deliveries.map(({ run, states, end, again, unproved }) =>
      [run.name, states, end, ...(again ? ['again'] : []), ...(unproved ? ['unproved'] : [])].join(' '),
    );
    const { statuses, letters } = this.#entry;
    return `heard ${statuses.join(', ') || 'nothing'}; ${letters} letters; ${deliveries.join(' | ')}`;
  }

  judge(): void {
    const { finals, started, letters, job, queued } = this.#entry;
    if (this.#deliveries.some(({ end }) => end === 'open'))
      this.broken.push('its worker ended by itself with the job in hand');
    if (finals.length === 0 && queued + letters === 0) this.#missing('it was lost');
    if (job.kind === 'invalid' && finals.length > 0 && letters === 0)
      this.#missing('it is not among the dead letters');
    const startedCount = new Set(started).size;
    if (startedCount < started.length) this.broken.push('`started` was sent again');
    if (startedCount > this.#deliveries.length)
      this.broken.push('`started` came more often than the job was delivered');
    const finalCount = new Set(finals.map(({ messageId }) => messageId)).size;
    if (finalCount < finals.length) this.#resent();
    if (finalCount > 1) this.#repeated('answered twice', 'repeated');
    if (this.runCount > 1) this.#repeated('run twice', 'runTwice');
    for (const final of finals) this.#judgeAnswer(final);
    if (this.#isUndisturbed) this.#judgeProtocol();
  }

  #missing(what: string): void {
    const wasCut = this.#deliveries.some(({ end }) => end === 'cut');
    if (!wasCut || this.#policy === 'settled') this.broken.push(what);
    else if (this.#entry.finals.length === 0) this.costs.add('lostByCrash');
  }

  #resent(): void {
    if (this.#deliveries.some(wasUnknown)) this.costs.add('resent');
    else this.broken.push('the final reply came twice with one message id');
  }

  #repeated(what: string, cost: 'repeated' | 'runTwice'): void {
    const last = this.#last;
    const before = this.#deliveries.filter((one) => one !== last && (one.begun || cost === 'repeated'));
    if (before.every(cameBack))
      this.costs.add(before.some(wasUnknown) && this.#policy !== 'settled' ? 'unknown' : cost);
    else if (before.every((delivery) => cameBack(delivery) || this.#wasForgotten(delivery)))
      this.costs.add('forgotten');
    else this.broken.push(`it was ${what}`);
  }

  /**
   * The delivery that nothing need follow; all others came back. A worker that stood still takes what it was sent before
   * another one had it, so the last to begin is not always the last that was sent.
   */
  get #last(): SoakDelivery | undefined {
    const ends = this.#deliveries.filter(
      (one) => !this.#deliveries.some((other) => this.#follows(other, one)),
    );
    const stays = ends.findLast((one) => !cameBack(one) && !this.#wasForgotten(one));
    return stays ?? ends.findLast((one) => !cameBack(one)) ?? ends.at(-1);
  }

  /** The broker says it; one that was killed since does not know what it gave before. */
  #follows({ again, beganAt }: SoakDelivery, other: SoakDelivery): boolean {
    const until = Math.max(beganAt, other.beganAt);
    const wasKilled = this.#crashes.some((crash) => crash >= this.#entry.sentAt && crash <= until);
    return again && !other.again && !wasKilled;
  }

  #wasForgotten(one: SoakDelivery): boolean {
    const { settledAt } = one;
    return this.#crashes.some(
      (crash) =>
        settledAt > crash - memoryMs &&
        settledAt <= crash &&
        this.#deliveries.some((other) => other !== one && other.beganAt >= crash),
    );
  }

  #judgeAnswer({ status, data }: HeardFinal): void {
    const { kind, n } = this.#entry.job;
    const code = (data as { readonly code?: string } | null | undefined)?.code;
    const answer = `${status} ${status === 'failed' && code !== undefined ? code : JSON.stringify(data)}`;
    const right = {
      plain: `completed ${n}`,
      slow: `completed ${n}`,
      retried: `completed ${n}`,
      failing: `failed ${n}`,
      invalid: 'failed PARAMETERS_INVALID',
      gone: 'nothing',
    }[kind];
    if (answer === right) return;
    const notBegun = this.#deliveries.some(({ states }) => states.includes('vu'));
    if (answer !== 'failed REPLY_UNKNOWN' || !notBegun) this.broken.push(`the answer was ${answer}`);
  }

  get #isUndisturbed(): boolean {
    const [only, ...others] = this.#deliveries;
    if (only === undefined || others.length > 0) return false;
    return only.end === 'ended' && !only.unproved && !/[ux]/.test(only.states);
  }

  /** The second opinion, where nothing happened that it cannot see. */
  #judgeProtocol(): void {
    const { id, job, statuses, finals } = this.#entry;
    const protocol = createProtocol({ ordered: false });
    const address = { replyTo: repliesOf(this.#policy), correlationId: id };
    const given = { delivery: 1, channel: queueOf(this.#policy) };
    protocol.observe({ type: 'delivered', address, valid: job.kind !== 'invalid', ...given });
    statuses.forEach((heard, at) => {
      const status = replyStatuses.find((known) => known === heard) ?? null;
      protocol.observe({ type: 'reply', address, appId: null, messageId: `${at}`, status, returned: false });
    });
    protocol.observe({ type: 'settled', how: finals.length === 0 ? 'reject' : 'acknowledge', ...given });
    protocol.end();
    this.broken.push(...protocol.violations.map(({ promise, sentence }) => `${promise}: ${sentence}`));
  }
}

/** The broker had not read a settlement. */
const cameBack = ({ end, states, proved, unproved }: SoakDelivery) =>
  !proved && (end === 'cut' || states.includes('x') || unproved);

const wasUnknown = ({ states }: SoakDelivery) => states.includes('u');

const replyStatuses = ['started', 'completed', 'failed'] as const;

// Judges a worker from outside, whatever language it is written in: sends it jobs and what is none, and holds the answers to the
// protocol. Any broker will do that a transport reaches.
import { type Clock, systemClock } from '../../clock.js';
import type { JobRequest } from '../../contract/message-format.js';
import type { Delivery, Transport } from '../../transport.js';
import { bodyOf, type Case, type CaseOptions, casesOf } from './cases.js';
import { type Finding, type JudgeCode, judgeCodes } from './codes.js';
import { Desk } from './desk.js';
import { Hearing, isOpen } from './hearing.js';
import { takeBack } from './take-back.js';

export interface QueueLook {
  readonly readyCount: number;
  readonly consumerCount: number;
}

export interface JudgeOptions extends CaseOptions {
  /** Open, and nobody else's: its connection may hold the judge's queues. */
  readonly transport: Transport;
  /** The worker's queue, where nobody else sends jobs meanwhile: `worker.sleep`. */
  readonly queue: string;
  /** A job that the worker can do, better soon than late: most checks need one. */
  readonly job: JobRequest;
  /** Asked every 100 ms. */
  readonly look: () => Promise<QueueLook>;
  /**
   * Messages of the queue that a consumer holds, once the broker's statistic is from a moment with so many consumers; null:
   * it cannot be told. Absent: nobody can be asked.
   */
  readonly unacknowledged?: (since: { readonly consumerCount: number }) => Promise<number | null>;
  /** Longest silence before a reply, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
  readonly newId?: () => string;
  /** Each check as it ends. */
  readonly onCheck?: (check: Check) => void;
}

export interface Check {
  /** Stable: `not-json`. */
  readonly name: string;
  readonly title: string;
  /** `unjudged`: the worker was no longer there. */
  readonly outcome: 'passed' | 'broken' | 'unjudged';
  /** A code that replies to valid jobs gave before is not repeated. */
  readonly findings: readonly Finding[];
  readonly durationMs: number;
}

export interface Judgement {
  readonly outcome: 'passed' | 'broken';
  readonly checks: readonly Check[];
  readonly jobCount: number;
  readonly replyCount: number;
}

const lookEveryMs = 100;
/** For a job whose follower was answered already: lanes beside each other need not end in order. */
const graceMs = 1_000;
const quietMs = 200;
/** No other job comes behind a plain one, before whose replies a second final reply would come. */
const plainQuietMs = 50;
const busyMs = 1_000;
/** Sent alone, since a worker that cannot do these is not asked for more. */
const plain: readonly string[] = ['valid', 'several', 'same-id'];

/** Rejects with CONNECTION_LOST, QUEUE_MISSING or ACCESS_REFUSED; whatever the worker does is part of the judgement. */
export function judgeWorker(options: JudgeOptions): Promise<Judgement> {
  return new Judge(options).run();
}

type Waited = 'done' | 'silent' | 'gone';

class Judge {
  readonly #options: JudgeOptions;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #desk: Desk;
  readonly #valid: Case;
  readonly #checks: Check[] = [];
  readonly #hearings: { readonly name: string; readonly hearing: Hearing; readonly count: number }[] = [];
  readonly #known = new Set<JudgeCode>();
  #first: Hearing | undefined;
  #isOver = false;

  constructor(options: JudgeOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    const newId = options.newId ?? (() => crypto.randomUUID().replaceAll('-', '').slice(0, 24));
    this.#desk = new Desk({ transport: options.transport, queue: options.queue, clock: this.#clock, newId });
    this.#valid = {
      name: 'between',
      title: 'a valid job',
      kind: 'valid',
      bodies: [bodyOf(options.job)],
      replyTo: 'here',
      correlationId: 'own',
    };
  }

  async run(): Promise<Judgement> {
    try {
      return await this.#run();
    } catch (error) {
      throw this.#desk.lost ?? error;
    }
  }

  async #run(): Promise<Judgement> {
    await this.#check('listens', 'the queue has a consumer, and is empty', (hearing) =>
      this.#listens(hearing),
    );
    for (const one of casesOf(this.#options)) {
      await this.#check(one.name, one.title, (hearing) => this.#case(one, hearing));
    }
    await this.#check('left', 'nothing comes late, and nothing is left', (hearing) => this.#left(hearing));
    const { jobCount, replyCount } = this.#desk;
    const outcome = this.#checks.some((check) => check.outcome === 'broken') ? 'broken' : 'passed';
    return { outcome, checks: this.#checks, jobCount, replyCount };
  }

  async #check(name: string, title: string, judge: (hearing: Hearing) => Promise<void>): Promise<void> {
    const startedAt = this.#clock.now();
    const hearing = new Hearing();
    const isJudged = !this.#isOver;
    if (isJudged) await judge(hearing);
    const { findings } = hearing;
    this.#hearings.push({ name, hearing, count: findings.length });
    for (const { code } of findings) this.#known.add(code);
    const isBroken = findings.some(({ severity }) => severity === 'broken');
    const check: Check = {
      name,
      title,
      outcome: isBroken ? 'broken' : isJudged ? 'passed' : 'unjudged',
      findings,
      durationMs: Math.round(this.#clock.now() - startedAt),
    };
    this.#checks.push(check);
    this.#options.onCheck?.(check);
  }

  async #listens(hearing: Hearing): Promise<void> {
    await this.#desk.open();
    if (!this.#desk.hearsLines) hearing.note('LINES_UNHEARD', judgeCodes.LINES_UNHEARD.meaning);
    if (!(await this.#looks((look) => look.consumerCount > 0, this.#timeoutMs))) {
      hearing.note('NOBODY_LISTENS', `nobody consumes ${this.#options.queue}`);
      this.#isOver = true;
    } else if (!(await this.#looks((look) => look.readyCount === 0, busyMs))) {
      hearing.note('QUEUE_BUSY', `${this.#options.queue} holds messages that the judge did not send`);
      this.#isOver = true;
    }
  }

  async #looks(isRight: (look: QueueLook) => boolean, withinMs: number): Promise<boolean> {
    const until = this.#clock.now() + withinMs;
    while (!isRight(await this.#options.look())) {
      if (this.#clock.now() >= until) return false;
      await this.#desk.change(lookEveryMs);
    }
    return true;
  }

  async #case(one: Case, hearing: Hearing): Promise<void> {
    const sameId = this.#first?.jobs[0]?.address.correlationId;
    await this.#desk.post(one, { hearing, ...(sameId ? { sameId } : {}) });
    this.#first ??= hearing;
    const between = new Hearing();
    const isPlain = plain.includes(one.name);
    if (!isPlain) await this.#desk.post(this.#valid, { hearing: between });
    const awaited = isPlain ? hearing : between;
    const waited = await this.#wait(() => !awaited.jobs.some(isOpen), this.#timeoutMs);
    if (waited === 'gone') return this.#gone([hearing, between]);
    if (waited === 'silent') await this.#silent(one, { hearing, isPlain });
    else if (isPlain) await this.#desk.quiet(plainQuietMs);
    else await this.#behind(one, hearing);
    hearing.end();
    if (!isPlain) this.#merge(between, hearing);
  }

  /** The valid job behind it was answered: so must it be, soon, and it must be out of the queue. */
  async #behind(one: Case, hearing: Hearing): Promise<void> {
    const isStarted = hearing.jobs.some((job) => job.isStarted);
    await this.#wait(() => !hearing.jobs.some(isOpen), isStarted ? this.#timeoutMs : graceMs);
    const mayBeThere =
      one.replyTo !== 'here' ||
      hearing.jobs.some(isOpen) ||
      hearing.findings.some(({ code }) => code === 'FINAL_TWICE' || code === 'STARTED_TWICE');
    if (mayBeThere) this.#cameBack(await this.#takeBack(), hearing);
  }

  async #silent(one: Case, about: { readonly hearing: Hearing; readonly isPlain: boolean }): Promise<void> {
    const { hearing, isPlain } = about;
    const cameBack = this.#cameBack(await this.#takeBack(), hearing);
    // What went round and round kept the worker busy; without it the worker may go on.
    if (cameBack) return;
    if (!isPlain) {
      hearing.note('DEAF', `a valid job after it got no final reply in ${this.#timeoutMs / 1000} s`);
    }
    this.#isOver = !isPlain || one.name === 'valid';
  }

  /** Whether one of this check was given back to the queue. */
  #cameBack(taken: readonly Delivery[], hearing: Hearing): boolean {
    const back = taken.filter(
      (delivery) => delivery.redelivered && this.#desk.jobOf(delivery)?.hearing === hearing,
    );
    if (back.length === 0) return false;
    hearing.note('REQUEUED', 'it is back in the queue');
    for (const job of hearing.jobs) job.isWithdrawn = true;
    return true;
  }

  async #gone(hearings: readonly [Hearing, Hearing]): Promise<void> {
    const [hearing] = hearings;
    const taken = await this.#takeBack();
    const again = taken
      .filter(({ redelivered }) => redelivered)
      .map((delivery) => this.#desk.jobOf(delivery));
    const answered = again.filter((posted) => posted?.job.final !== null && posted?.job.final !== undefined);
    const isBack = again.some((posted) => posted?.hearing === hearing && posted.job.final === null);
    const where = isBack ? ', and the message is back in the queue, where it ends the next worker, too' : '';
    hearing.note('DIED', `the worker stopped consuming${where}`);
    if (answered.length > 0) {
      hearing.note(
        'UNACKNOWLEDGED',
        `${answered.length} jobs with a final reply came back when the worker went away: they were never acknowledged`,
      );
    }
    for (const { jobs } of hearings) for (const job of jobs) job.isWithdrawn = true;
    this.#isOver = !(await this.#looks((look) => look.consumerCount > 0, this.#timeoutMs));
  }

  async #left(hearing: Hearing): Promise<void> {
    await this.#desk.quiet(quietMs);
    const { unacknowledged } = this.#options;
    const counts: (number | null)[] = [];
    const taken = await this.#takeBack(async () => {
      const { consumerCount } = await this.#options.look();
      counts.push((await unacknowledged?.({ consumerCount })) ?? null);
    });
    const [held = null] = counts;
    if (taken.some(({ redelivered }) => redelivered)) {
      hearing.note('REQUEUED', `${taken.length} jobs are back in the queue`);
    }
    if (held === null) hearing.note('SETTLEMENT_UNKNOWN', judgeCodes.SETTLEMENT_UNKNOWN.meaning);
    else if (held > 0) {
      hearing.note('UNACKNOWLEDGED', `the worker holds ${held} messages that it never acknowledged`);
    }
    for (const { name, hearing: earlier, count } of this.#hearings) {
      for (const { code, sentence } of earlier.findings.slice(count))
        hearing.note(code, `late, to ${name}: ${sentence}`);
    }
  }

  #takeBack(meanwhile?: () => Promise<void>): Promise<readonly Delivery[]> {
    const { transport, queue } = this.#options;
    const whole = { transport, queue, clock: this.#clock, desk: this.#desk };
    return takeBack(meanwhile === undefined ? whole : { ...whole, meanwhile });
  }

  /** Of the valid job in between only what is new is told: the rest was said of the valid jobs before. */
  #merge(between: Hearing, into: Hearing): void {
    const completedOnce = this.#first?.jobs[0]?.final === 'completed';
    for (const { code, sentence } of between.findings) {
      if (completedOnce && (code === 'JOB_FAILED' || code === 'JOB_REFUSED')) {
        into.note('SPOILED', `a valid job after it: ${sentence}`);
      } else if (!this.#known.has(code)) into.note(code, `a valid job after it: ${sentence}`);
    }
  }

  async #wait(isDone: () => boolean, patienceMs: number): Promise<Waited> {
    let [lastAt, lookedAt] = [this.#clock.now(), this.#clock.now()];
    let seen = this.#desk.replyCount;
    while (!isDone()) {
      await this.#desk.change(lookEveryMs);
      const now = this.#clock.now();
      if (this.#desk.replyCount !== seen) [seen, lastAt] = [this.#desk.replyCount, now];
      if (now - lookedAt >= lookEveryMs && !isDone()) {
        lookedAt = now;
        if ((await this.#options.look()).consumerCount === 0) return 'gone';
      }
      if (now - lastAt >= patienceMs) return isDone() ? 'done' : 'silent';
    }
    return 'done';
  }
}

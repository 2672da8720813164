// What the engine of a soak knows of its jobs: what it sent, and every reply that it heard, each publish once.
import { type Job, jobOf, type Policy } from './kinds.js';

/** A job that is not answered for so long stops no others. */
const patienceMs = 30_000;

export interface HeardFinal {
  readonly status: string;
  readonly messageId: string;
  readonly data: unknown;
}

export interface JobEntry {
  readonly id: string;
  readonly job: Job;
  readonly sentAt: number;
  /** `unsure`: its confirm was lost, so it may be there or not. */
  sent: 'open' | 'confirmed' | 'unsure' | 'refused';
  /** Message ids. */
  readonly started: string[];
  readonly finals: HeardFinal[];
  /** In the order in which they were heard. */
  readonly statuses: string[];
  letters: number;
  queued: number;
  readonly copies: Set<string>;
}

export class Ledger {
  readonly policy: Policy;
  readonly jobs = new Map<string, JobEntry>();
  answeredCount = 0;
  /** Replies that fit no job. */
  readonly strays: string[] = [];
  readonly #seed: number;
  /** An answer is expected soon; oldest first. */
  readonly #open = new Set<JobEntry>();

  constructor(policy: Policy, seed: number) {
    this.policy = policy;
    this.#seed = seed;
  }

  /** Jobs that are waited for; one that was lost, only for a while. */
  get openCount(): number {
    for (const entry of this.#open) {
      if (Date.now() - entry.sentAt < patienceMs) break;
      this.#open.delete(entry);
    }
    return this.#open.size;
  }

  next(): JobEntry {
    const n = this.jobs.size + 1;
    const entry: JobEntry = {
      id: `${n}`,
      job: jobOf(this.#seed, n),
      sentAt: Date.now(),
      sent: 'open',
      started: [],
      finals: [],
      statuses: [],
      letters: 0,
      queued: 0,
      copies: new Set(),
    };
    this.jobs.set(entry.id, entry);
    this.#open.add(entry);
    return entry;
  }

  settle(entry: JobEntry, how: 'confirmed' | 'unsure' | 'refused'): void {
    entry.sent = how;
    // Nobody answers it, or perhaps nobody.
    if (entry.job.kind === 'gone' || how !== 'confirmed') this.#open.delete(entry);
  }

  /** `copy`: of the publish; the queue of replies gives one again when the engine's own connection was lost. */
  heard(id: string | undefined, reply: HeardFinal & { readonly copy: string }): void {
    const entry = this.jobs.get(id ?? '');
    if (entry === undefined) {
      this.strays.push(`${id}: ${reply.status}`);
      return;
    }
    if (entry.copies.has(reply.copy)) return;
    entry.copies.add(reply.copy);
    entry.statuses.push(reply.status);
    if (reply.status === 'started') {
      entry.started.push(reply.messageId);
      return;
    }
    entry.finals.push({ status: reply.status, messageId: reply.messageId, data: reply.data });
    this.#open.delete(entry);
    if (entry.finals.length === 1) this.answeredCount += 1;
  }

  left(id: string, where: 'queued' | 'letters'): void {
    const entry = this.jobs.get(id);
    if (entry) entry[where] += 1;
    else this.strays.push(`${id}: ${where}`);
  }
}

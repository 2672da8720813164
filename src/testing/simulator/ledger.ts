// The books of a run, kept by somebody who sees only the bus: who was given what, what came back for it, and how often.
import type { BrokerEvent, LinkEvent } from '../../../adapters/memory/index.js';
import { type BusEvent, readTap } from '../../contract/bus-event.js';
import type { ReplyStatus } from '../../contract/message-format.js';
import { createProtocol, type Protocol } from '../../contract/protocol.js';
import type { Outcome } from '../../transport.js';

/** One delivery of a job. */
export interface DeliveryEntry {
  readonly number: number;
  readonly worker: string;
  readonly redelivered: boolean;
  settled: 'acknowledge' | 'requeue' | 'reject' | 'lost' | null;
}

/** One reply, as often as the broker took it. */
export interface ReplyEntry {
  readonly worker: string;
  readonly status: ReplyStatus;
  readonly messageId: string;
  sentCount: number;
  /** No queue took it. */
  returned: boolean;
  /** What its sender heard of it; null: nothing. */
  heard: Outcome | null;
}

export interface JobEntry {
  readonly id: string;
  /** Sent by its engine, or given twice by the bus. */
  copyCount: number;
  /** Went with the broker, since it was transient. */
  droppedCount: number;
  /** Nobody waits for it. */
  isMute: boolean;
  deadLetterCount: number;
  /** Workers whose reply or dead letter the broker refused by a negative confirm. */
  readonly refused: string[];
  readonly deliveries: DeliveryEntry[];
  readonly replies: ReplyEntry[];
  /** What broke a promise whatever else happened. */
  readonly wrongs: string[];
}

export interface LedgerOptions {
  /** Queue of the workers. */
  readonly queue: string;
  /** Where dead letters go. */
  readonly deadLetterExchange: string;
}

export class Ledger {
  readonly jobs = new Map<string, JobEntry>();
  readonly protocol: Protocol = createProtocol({ resent: 'counted', unread: 'allowed' });
  readonly #options: LedgerOptions;
  readonly #deliveries = new Map<number, DeliveryEntry>();

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** What it saw, in the protocol's words. */
  tap(event: BrokerEvent): BusEvent | null {
    const id = event.message.properties.correlationId ?? '';
    // To the protocol a job is one when a worker is given it.
    const seen =
      event.type === 'published' && event.queues.includes(this.#options.queue) ? null : readTap(event);
    if (seen !== null) this.protocol.observe(seen);
    if (event.type === 'published') this.#published(event, seen);
    else if (event.queue === this.#options.queue) this.#moved(event, this.#job(id));
    return seen;
  }

  link(event: LinkEvent): void {
    if (event.type === 'dropped' && event.queue === this.#options.queue) {
      this.#job(event.message.properties.correlationId ?? '').droppedCount += 1;
    }
    if (event.type === 'answered') this.#answered(event);
  }

  #published(event: BrokerEvent & { type: 'published' }, seen: BusEvent | null): void {
    const { message, queues, connection } = event;
    const id = message.properties.correlationId ?? '';
    if (queues.includes(this.#options.queue)) {
      const job = this.#job(id);
      job.copyCount += 1;
      job.isMute = message.properties.replyTo === undefined;
    } else if (message.exchange === this.#options.deadLetterExchange) this.#job(id).deadLetterCount += 1;
    else if (seen?.type === 'reply' && seen.status !== null) {
      const { status, returned, messageId } = seen;
      this.#replied(this.#job(id), { worker: connection, status, returned, messageId: messageId ?? '' });
    }
  }

  #replied(job: JobEntry, reply: Omit<ReplyEntry, 'sentCount' | 'heard'>): void {
    const nobodyWaits = job.replies.some(({ status, returned }) => status === 'started' && returned);
    if (nobodyWaits && reply.status === 'completed' && job.deliveries.length === 1)
      job.wrongs.push('it was done though nobody waits');
    const known = job.replies.find(({ messageId }) => messageId === reply.messageId);
    if (known === undefined) {
      job.replies.push({ ...reply, sentCount: 1, heard: null });
      return;
    }
    if (reply.status === 'started') job.wrongs.push('`started` was sent again');
    if (known.heard === 'confirmed' || known.heard === 'returned') {
      job.wrongs.push(
        `the final reply was sent again though its sender had heard that it was ${known.heard}`,
      );
    }
    known.sentCount += 1;
    known.returned = reply.returned;
  }

  #moved(event: BrokerEvent & { type: 'delivered' | 'settled' }, job: JobEntry): void {
    if (event.type === 'delivered') {
      const { delivery: number, connection: worker, redelivered } = event;
      const entry: DeliveryEntry = { number, worker, redelivered, settled: null };
      this.#deliveries.set(number, entry);
      job.deliveries.push(entry);
      return;
    }
    const entry = this.#deliveries.get(event.delivery);
    if (entry) entry.settled = event.how;
  }

  #answered({ message, outcome, connection }: LinkEvent & { type: 'answered' }): void {
    const { correlationId, messageId } = message.properties;
    const job = this.jobs.get(correlationId ?? '');
    if (outcome === 'refused') job?.refused.push(connection);
    const reply = job?.replies.find((entry) => entry.messageId === messageId);
    if (reply) reply.heard = outcome;
  }

  #job(id: string): JobEntry {
    const known = this.jobs.get(id);
    if (known !== undefined) return known;
    const job: JobEntry = {
      id,
      copyCount: 0,
      droppedCount: 0,
      isMute: false,
      deadLetterCount: 0,
      refused: [],
      deliveries: [],
      replies: [],
      wrongs: [],
    };
    this.jobs.set(id, job);
    return job;
  }
}

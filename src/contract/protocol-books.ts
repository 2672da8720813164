// What the protocol's judge remembers: a book for each address that jobs are answered at, found by it or by correlation id.
import type { Address } from './message-format.js';
import { OpenJobs } from './open-jobs.js';

/** A delivery in a worker's hand. */
export interface Given<V> {
  readonly channel: string;
  readonly valid: boolean;
  /** null: nobody can be answered. */
  readonly book: Book<V> | null;
  readonly correlationId: string | null;
  /** How it was answered for good; `unknown` when several jobs of one address were open. */
  answer: 'none' | 'failed alone' | 'after started' | 'unanswerable' | 'unknown';
}

/** All jobs of one address: an engine sends those of a release one after the other under one correlation id. */
export interface Book<V> {
  readonly correlationId: string | null;
  readonly open: OpenJobs;
  readonly apps: Set<string>;
  readonly unanswered: Set<Given<V>>;
  /** Replies that came before the job that explains them, where the order is unknown. */
  readonly owed: V[];
  /** Since all jobs were ended for the last time. */
  started: boolean;
  /** Which of several jobs was answered cannot be told. */
  unsure: boolean;
  /** The last job that ended did so by a final reply that arrived, so nothing may be said for it any more. */
  silent: boolean;
  jobCount: number;
}

export class Books<V> {
  readonly #books = new Map<string, Book<V>>();
  readonly #byCorrelationId = new Map<string, Book<V>[]>();

  at({ replyTo, correlationId }: Address): Book<V> {
    const key = JSON.stringify([replyTo, correlationId]);
    const known = this.#books.get(key);
    if (known !== undefined) return known;
    const book: Book<V> = {
      correlationId,
      open: new OpenJobs(),
      apps: new Set(),
      unanswered: new Set(),
      owed: [],
      started: false,
      unsure: false,
      silent: false,
      jobCount: 0,
    };
    this.#books.set(key, book);
    if (correlationId !== null) this.#byCorrelationId.set(correlationId, [...this.of(correlationId), book]);
    return book;
  }

  of(correlationId: string): readonly Book<V>[] {
    return this.#byCorrelationId.get(correlationId) ?? [];
  }

  all(): Iterable<Book<V>> {
    return this.#books.values();
  }
}

// A second opinion on I1 to I5: judges what was seen on a bus, from the outside and by rules of its own. Nothing here comes
// from the machines, since a machine that sends `started` twice agrees with itself.
import type { BusEvent } from './bus-event.js';
import type { Address, ReplyStatus } from './message-format.js';
import type { Move } from './open-jobs.js';
import { type Book, Books, type Given } from './protocol-books.js';

/** One promise broken, in one sentence. */
export interface Violation {
  readonly promise: 'I1' | 'I2' | 'I3' | 'I4' | 'I5';
  readonly sentence: string;
  readonly correlationId: string | null;
}

export interface ProtocolOptions {
  /**
   * Events come in the order in which the broker saw them, as a tap has them. false: they come from several queues, whose
   * order among each other is unknown: a reply may be seen before its job (settled at the end), and lines are not judged.
   * Default true.
   */
  readonly ordered?: boolean;
  /** A final reply seen again with the same message id: broken (default), or only counted where confirms were lost. */
  readonly resent?: 'refused' | 'counted';
  /** An invalid job may go back that no lane has read, as when all were busy. Default `refused`. */
  readonly unread?: 'refused' | 'allowed';
}

export interface Protocol {
  /** What the event breaks; mostly nothing. */
  observe(event: BusEvent): readonly Violation[];
  /** What is broken by having ended here: jobs without a final reply, deliveries in nobody's hand. Call it once. */
  end(): readonly Violation[];
  /** All so far, in order. */
  readonly violations: readonly Violation[];
  readonly counts: { readonly jobs: number; readonly finals: number; readonly resent: number };
}

/**
 * A judge of one bus, from a quiet start to a quiet end. Replies do not name their job: where several jobs of one address
 * are open at a time, what cannot be told apart is judged in the worker's favour.
 */
export function createProtocol(options: ProtocolOptions = {}): Protocol {
  return new Judge(options);
}

class Judge implements Protocol {
  readonly violations: Violation[] = [];
  readonly counts = { jobs: 0, finals: 0, resent: 0 };
  readonly #options: ProtocolOptions;
  readonly #books = new Books<Violation>();
  readonly #given = new Map<number, Given<Violation>>();
  readonly #finalIds = new Set<string>();

  constructor(options: ProtocolOptions) {
    this.#options = options;
  }

  observe(event: BusEvent): readonly Violation[] {
    const from = this.violations.length;
    switch (event.type) {
      case 'job':
        this.#open(event.address);
        break;
      case 'delivered':
        this.#delivered(event);
        break;
      case 'settled':
        this.#settled(event);
        break;
      case 'reply':
        this.#reply(event);
        break;
      default:
        this.#line(event);
    }
    return this.violations.slice(from);
  }

  end(): readonly Violation[] {
    const from = this.violations.length;
    for (const book of this.#books.all()) {
      this.violations.push(...book.owed);
      for (let n = book.open.least - book.owed.length; n > 0; n--) {
        this.#broken('I1', 'a job got no final reply', book);
      }
    }
    for (const [delivery, given] of this.#given) {
      this.#broken('I1', `delivery ${delivery} was neither settled nor given back`, given);
    }
    return this.violations.slice(from);
  }

  #broken(promise: Violation['promise'], sentence: string, about: { correlationId: string | null }): void {
    this.violations.push({ promise, sentence, correlationId: about.correlationId });
  }

  #open(address: Address): Book<Violation> | null {
    this.counts.jobs += 1;
    const book = this.#books.at(address);
    book.jobCount += 1;
    if (address.replyTo === null) return null;
    if (book.owed.shift() === undefined) book.open.move('opened');
    return book;
  }

  #delivered(event: BusEvent & { type: 'delivered' }): void {
    const { address, channel, valid } = event;
    const book = this.#open(address);
    const given: Given<Violation> = {
      channel,
      valid,
      book,
      correlationId: address.correlationId,
      answer: 'none',
    };
    if (this.#given.has(event.delivery)) this.#broken('I4', `delivery ${event.delivery} came twice`, given);
    this.#given.set(event.delivery, given);
    book?.unanswered.add(given);
  }

  #settled(event: BusEvent & { type: 'settled' }): void {
    const { delivery, channel, how } = event;
    const given = this.#given.get(delivery);
    if (given === undefined) {
      this.#broken('I4', `delivery ${delivery} was settled again (${how}), or never came`, {
        correlationId: null,
      });
      return;
    }
    this.#given.delete(delivery);
    if (given.channel !== channel) {
      this.#broken('I4', `delivery ${delivery} was settled on another channel than its own`, given);
    }
    if (how === 'requeue') this.#requeued(given);
    if (how !== 'acknowledge') this.#withdraw(given);
  }

  #requeued(given: Given<Violation>): void {
    if (given.answer === 'after started') {
      this.#broken('I1', 'a job went back to the queue after its final reply', given);
    } else if (given.answer === 'failed alone' || (!given.valid && this.#options.unread !== 'allowed')) {
      this.#broken('I5', 'an invalid job went back to the queue', given);
    }
  }

  // Given back, dead-lettered or lost with its channel: no final reply is due any more.
  #withdraw(given: Given<Violation>): void {
    const { book, answer } = given;
    if (book === null || (answer !== 'none' && answer !== 'unknown')) return;
    book.unanswered.delete(given);
    book.silent = false;
    book.open.move('withdrawn', { perhaps: answer === 'unknown' });
    this.#quiet(book);
  }

  #quiet(book: Book<Violation>): void {
    if (book.open.most === 0) [book.started, book.unsure] = [false, false];
  }

  #reply(event: BusEvent & { type: 'reply' }): void {
    const book = this.#books.at(event.address);
    if (event.appId !== null) book.apps.add(event.appId);
    if (event.status === null) {
      this.#broken('I1', 'a reply is none that an engine can read', book);
      return;
    }
    if (event.status !== 'started' && !this.#fresh(event, book)) return;
    const move = event.returned && event.status === 'started' ? 'unanswerable' : event.status;
    if (!book.open.move(move)) this.#misfit(event.status, move, book);
    if (move === 'started') book.started = true;
    else this.#ended(book, move);
  }

  #fresh({ messageId, status }: BusEvent & { type: 'reply' }, book: Book<Violation>): boolean {
    const known = messageId !== null && this.#finalIds.has(messageId);
    if (messageId !== null) this.#finalIds.add(messageId);
    if (!known) {
      this.counts.finals += 1;
      return true;
    }
    this.counts.resent += 1;
    if (this.#options.resent !== 'counted') {
      this.#broken('I1', `the final reply ${status} was sent twice with one message id`, book);
    }
    return false;
  }

  // No guess fits: say what is wrong, then go on as if it were right, so that one fault is told once.
  #misfit(status: ReplyStatus, move: Move, book: Book<Violation>): void {
    if (status === 'completed' && book.open.most > 0) {
      this.#broken('I2', 'completed came without started before it', book);
      book.open.move('withdrawn');
      return;
    }
    const from = this.violations.length;
    if (book.open.most > 0) this.#broken('I2', 'started came twice for one delivery', book);
    else if (book.jobCount + book.owed.length === 0)
      this.#broken('I3', `${status} came for a job that nobody saw`, book);
    else if (status === 'started') this.#broken('I3', 'started came after the job had ended', book);
    else this.#broken('I1', `a second final reply came: ${status}`, book);
    if (this.#options.ordered !== false) return;
    // Its job may be seen yet; if not, this is told at the end.
    book.owed.push(...this.violations.splice(from));
    book.open.move('opened');
    if (!book.open.move(move)) this.#misfit(status, move, book);
  }

  #ended(book: Book<Violation>, how: 'completed' | 'failed' | 'unanswerable'): void {
    const answer = how === 'failed' ? (book.started ? 'after started' : 'failed alone') : 'after started';
    // Which of several was answered cannot be told, nor of those that come before all are.
    book.unsure ||= book.unanswered.size > 1;
    for (const given of book.unanswered) {
      given.answer = book.unsure ? 'unknown' : how === 'unanswerable' ? how : answer;
    }
    book.unanswered.clear();
    book.silent = how !== 'unanswerable';
    this.#quiet(book);
  }

  #line(event: BusEvent & { type: 'output' | 'notification' }): void {
    const { correlationId, appId, type } = event;
    if (this.#options.ordered === false || correlationId === null || appId === null) return;
    const books = this.#books.of(correlationId);
    // An engine's own notifications carry the same correlation id: only those who replied are held to it. And a job that
    // ended without a final reply, as one that nobody waits for, may still say so.
    if (!books.some((book) => book.apps.has(appId))) return;
    if (!books.every((book) => book.silent && book.open.most === 0)) return;
    const what = type === 'output' ? 'an output line' : 'a notification';
    this.#broken('I3', `${what} came after the final reply`, { correlationId });
  }
}

// How workers conduct themselves, as far as bus and clock show it: not what became of each job, which is the verdict's, but
// whether each thing was done when it might be, and for a reason.
import type { BrokerEvent, LinkEvent } from '../../../adapters/memory/index.js';
import { releaseEngine } from '../../contract/release-engine.js';
import type { Message } from '../../transport.js';
import { type AnswerRules, attemptsOf, mayBeTold } from './answers.js';
import { type Dealings, noDealings } from './dealings.js';
import type { PlannedJob } from './plan.js';

export interface ConductOptions {
  readonly queue: string;
  readonly deadLetterExchange: string;
  readonly policy: ConductPolicy;
  /** Longest run of a step, in milliseconds. */
  readonly stepDeadlineMs: number;
  readonly crew: ConductCrew;
  readonly jobOf: (id: string) => PlannedJob | undefined;
  /** Where somebody waits for it. */
  readonly replyQueueOf: (id: string) => string;
}

export interface ConductPolicy {
  readonly acknowledge: 'received' | 'verified' | 'settled';
  readonly unknownReply: 'resend' | 'giveUp';
  readonly redelivered?: 'run' | 'fail';
  readonly keepsDeadLetters: boolean;
  /** Of a step; left away where nobody knows how a job must end. */
  readonly attempts?: number;
}

/** What is known of the workers. */
export interface ConductCrew {
  readonly crashed: ReadonlySet<string>;
  readonly cutOff: ReadonlySet<string>;
  readonly disturbed: ReadonlySet<string>;
  /** Of those, all but those whose broker was only blocked: a reply may have been lost on the way. */
  readonly doubted: ReadonlySet<string>;
  readonly cancelled: ReadonlySet<string>;
  readonly stopped: ReadonlySet<string>;
  /** Something keeps it from its broker just now. */
  isHindered(name: string): boolean;
  /** It was stopped, and nothing kept it from its broker since: there was time to cancel its consumer. */
  hasLeft(name: string): boolean;
}

/** A final reply is sent so often while the broker refuses it. */
const replyLimit = 8;

export class Conduct {
  readonly wrongs = new Set<string>();
  readonly #options: ConductOptions;
  /** null: nobody knows how a job must end. */
  readonly #rules: AnswerRules | null;
  readonly #dealings = new Map<string, Dealings>();
  /** Deliveries that reached their worker; true: when it was stopping. */
  readonly #heard = new Map<number, boolean>();
  /** Workers that closed their connection themselves, while nothing kept them from their broker. */
  readonly #parted = new Set<string>();
  readonly #begun = new Map<string, number>();

  constructor(options: ConductOptions) {
    this.#options = options;
    const { policy, stepDeadlineMs } = options;
    this.#rules = policy.attempts === undefined ? null : { attempts: policy.attempts, stepDeadlineMs };
  }

  tap(event: BrokerEvent): void {
    const { message, connection } = event;
    if (connection === 'operator') return;
    const dealings = this.#of(connection, message);
    if (event.type === 'published') this.#published(event, dealings);
    else if (event.queue !== this.#options.queue) return;
    else if (event.type === 'settled') this.#settled(event, dealings);
    else {
      if (this.#options.crew.hasLeft(connection)) this.#wrong(dealings, 'was given it long after its stop');
      dealings.deliveryCount += 1;
      dealings.keptCount += 1;
      if (event.redelivered) dealings.redeliveredCount += 1;
    }
  }

  link(event: LinkEvent): void {
    const { crew } = this.#options;
    if (event.type === 'heard') this.#heard.set(event.delivery, crew.stopped.has(event.connection));
    if (event.type === 'left' && !event.lost && !crew.isHindered(event.connection))
      this.#parted.add(event.connection);
    if (event.type !== 'answered') return;
    const dealings = this.#of(event.connection, event.message);
    if (event.outcome === 'refused') dealings.refusedCount += 1;
    if (this.#isLetter(event.message)) dealings.answeredLetterCount += 1;
    else this.#answered(event, dealings);
  }

  /** The step of a job has begun. */
  begun(id: string): void {
    this.#begun.set(id, (this.#begun.get(id) ?? 0) + 1);
  }

  /** A step that heeds its signal has come to its end without being told anything. */
  ended(id: string): void {
    if (this.#rules === null) return;
    const { crew, jobOf, stepDeadlineMs } = this.#options;
    const deliveryCount = this.#deliveryCountOf(id);
    const isLate = (jobOf(id)?.takesMs ?? 0) > stepDeadlineMs;
    if (deliveryCount === 1 && (crew.cancelled.has(id) || isLate))
      this.wrongs.add(`${id}: its step was not told that it had been given up`);
  }

  /** All is over. */
  end(): readonly string[] {
    for (const dealings of this.#dealings.values()) this.#judge(dealings);
    for (const [id, count] of this.#begun) {
      const job = this.#options.jobOf(id);
      if (job === undefined || this.#rules === null) continue;
      const most = this.#deliveryCountOf(id) * attemptsOf(job, this.#rules);
      if (count > most) this.wrongs.add(`${id}: its step was begun ${count} times, ${most} at most`);
    }
    return [...this.wrongs];
  }

  #published({ message, queues }: BrokerEvent & { type: 'published' }, dealings: Dealings): void {
    if (this.#isLetter(message)) {
      dealings.letterCount += 1;
      return;
    }
    const reply = replyOf(message);
    const job = this.#options.jobOf(dealings.id);
    if (reply === null || job === undefined) return;
    const { worker, id } = dealings;
    const { crew, policy } = this.#options;
    const befallen = {
      cancelled: crew.cancelled.has(id) || crew.stopped.has(worker),
      disturbed: crew.disturbed.has(worker),
      refusedAgain: policy.redelivered === 'fail' && dealings.redeliveredCount > 0,
    };
    if (this.#rules !== null && !mayBeTold(job, { reply, befallen, rules: this.#rules }))
      this.#wrong(dealings, `told \`${reply.status}\` of a job that is ${job.is}`);
    if (message.routingKey !== this.#options.replyQueueOf(id))
      this.#wrong(dealings, `answered it at ${message.routingKey}`);
    if (queues.length === 0) dealings.returnedCount += 1;
    const settledCount = dealings.acknowledgedCount + dealings.rejectedCount;
    if (policy.acknowledge === 'settled' && dealings.keptCount <= settledCount)
      this.#wrong(dealings, `sent \`${reply.status}\` when it had lost its delivery`);
    if (reply.status === 'started') {
      dealings.startedCount += 1;
      if (policy.acknowledge !== 'settled' && dealings.startedCount > dealings.acknowledgedCount)
        this.#wrong(dealings, 'sent `started` when it had not acknowledged it');
      if (befallen.refusedAgain && dealings.redeliveredCount === dealings.deliveryCount)
        this.#wrong(dealings, 'began it again though it may not');
      return;
    }
    dealings.finalCount += 1;
    const messageId = message.properties.messageId ?? '';
    if (dealings.finals.has(messageId)) dealings.resentCount += 1;
    dealings.finals.add(messageId);
  }

  #settled({ how, delivery, connection }: BrokerEvent & { type: 'settled' }, dealings: Dealings): void {
    const { crew, policy } = this.#options;
    const { acknowledge, keepsDeadLetters } = policy;
    const heardStopping = this.#heard.get(delivery);
    if (how === 'acknowledge' || how === 'reject') {
      if (heardStopping) this.#wrong(dealings, 'began it while it stopped');
      dealings[how === 'reject' ? 'rejectedCount' : 'acknowledgedCount'] += 1;
    } else dealings.keptCount -= 1;
    if (acknowledge === 'settled' && dealings.acknowledgedCount > dealings.confirmedFinalCount)
      this.#wrong(dealings, 'acknowledged it before its final reply was confirmed');
    const { answeredLetterCount, letterCount } = dealings;
    // A confirm that never comes is waited for in vain.
    const letters = crew.disturbed.has(connection)
      ? Math.max(letterCount, answeredLetterCount)
      : answeredLetterCount;
    if (keepsDeadLetters && dealings.rejectedCount > letters)
      this.#wrong(dealings, 'rejected it before its dead letter was confirmed');
    const settledCount = dealings.acknowledgedCount + dealings.rejectedCount;
    if (how === 'requeue' && dealings.finalCount > settledCount && !crew.disturbed.has(connection))
      this.#wrong(dealings, 'gave it back though it had answered it');
    if (how === 'lost' && heardStopping === false && this.#parted.has(connection))
      this.#wrong(dealings, 'ended without giving it back');
  }

  #answered({ message, outcome }: LinkEvent & { type: 'answered' }, dealings: Dealings): void {
    const reply = replyOf(message);
    if (reply === null || reply.status === 'started') return;
    if (outcome === 'confirmed') dealings.confirmedFinalCount += 1;
    if (outcome !== 'refused') return;
    const messageId = message.properties.messageId ?? '';
    dealings.refusedFinals.set(messageId, (dealings.refusedFinals.get(messageId) ?? 0) + 1);
  }

  #judge(dealings: Dealings): void {
    const { worker, id, letterCount, returnedCount, refusedCount } = dealings;
    const { crew, policy } = this.#options;
    const { keepsDeadLetters, redelivered } = policy;
    const job = this.#options.jobOf(id);
    if (job === undefined) return;
    if (dealings.resentCount > 0 && !crew.doubted.has(worker))
      this.#wrong(dealings, 'sent its final reply again though no confirm was lost');
    if (dealings.answeredLetterCount > dealings.deliveryCount)
      this.#wrong(dealings, `sent ${dealings.answeredLetterCount} dead letters of it`);
    const isRefused = job.is === 'invalid' || job.is === 'mute';
    const isForeseen = isRefused || job.is === 'gone' || returnedCount + refusedCount > 0;
    const isGivenUp = crew.cancelled.has(id) || crew.stopped.has(worker);
    const isAgain = redelivered === 'fail' && dealings.redeliveredCount > 0;
    const isUnknown = policy.unknownReply === 'giveUp' && crew.disturbed.has(worker);
    if (letterCount > 0 && !isForeseen && !isGivenUp && !isAgain && !isUnknown)
      this.#wrong(dealings, 'made it a dead letter for no reason');
    const hasEnded = crew.crashed.has(worker) || crew.cutOff.has(worker);
    if (hasEnded || dealings.keptCount === 0) return;
    // A stop may come before the answer to it is confirmed.
    const isCutShort = crew.stopped.has(worker) && crew.disturbed.has(worker);
    if (
      keepsDeadLetters &&
      !isCutShort &&
      letterCount + refusedCount === 0 &&
      (isRefused || returnedCount > 0)
    )
      this.#wrong(dealings, 'kept no dead letter of it');
    if (isGivenUp || dealings.keptCount < dealings.deliveryCount || policy.unknownReply === 'giveUp') return;
    for (const [messageId, count] of dealings.refusedFinals)
      if (count < replyLimit && !dealings.finals.has(messageId))
        this.#wrong(dealings, `gave up its final reply after it was refused ${count} times`);
  }

  #wrong({ id, worker }: Dealings, what: string): void {
    this.wrongs.add(`${id}: ${worker} ${what}`);
  }

  #deliveryCountOf(id: string): number {
    let deliveryCount = 0;
    for (const dealings of this.#dealings.values())
      if (dealings.id === id) deliveryCount += dealings.deliveryCount;
    return deliveryCount;
  }

  #isLetter({ exchange }: Message): boolean {
    return exchange === this.#options.deadLetterExchange;
  }

  #of(worker: string, { properties: { correlationId: id = '' } }: Message): Dealings {
    const key = `${worker} ${id}`;
    const dealings = this.#dealings.get(key) ?? noDealings(worker, id);
    this.#dealings.set(key, dealings);
    return dealings;
  }
}

/** null: it is none. */
function replyOf(message: Message) {
  if (message.exchange !== '') return null;
  const reply = releaseEngine.decodeReply({ ...message, headersReadable: true });
  return reply.ok ? reply.value : null;
}

// The workers of a run: real ones, each in a process of its own as far as they can tell. They come, crash, stop and are
// replaced.
import type { SimulatedBroker } from '../../../adapters/memory/index.js';
import type { Logger } from '../../contract/logger.js';
import { createWorker } from '../../worker/create-worker.js';
import type { LaneStatus, RunningWorker, TransitionRecord } from '../../worker/running-worker.js';
import type { SimulatedTime, TimeOf } from './clock.js';
import type { Policy } from './policies.js';
import { createRandom } from './random.js';
import type { Crew as CrewFacts } from './verdict.js';

/** Longest run of a step, in milliseconds. */
export const stepDeadlineMs = 20_000;
/** A worker that is never restarted would leave its jobs: somebody restarts it after this, in milliseconds. */
const restartMs = 500;

/** What a worker may take beyond the deadline of its stop: for the last replies, and to close. In milliseconds. */
const farewellMs = 4_000;

/** In these a reply or a dead letter waits for its broker. */
const waiting: ReadonlySet<string> = new Set(['replyUnknown', 'replyRefused', 'deadLettering']);

export interface Member {
  readonly name: string;
  readonly worker: RunningWorker;
  readonly time: TimeOf;
  stopping: boolean;
  /** In milliseconds; Infinity: never. */
  stoppedAt: number;
  /** When it must be down, in milliseconds. */
  downBy: number;
  /** It had a consumer. */
  listened: boolean;
}

export interface CrewOptions {
  readonly broker: SimulatedBroker;
  readonly time: SimulatedTime;
  readonly policy: Policy;
  readonly deadLetterExchange: string;
  readonly laneCount: number;
  readonly talks: boolean;
  readonly seed: number;
  readonly onBroken: (sentence: string) => void;
  readonly onTransition: ((worker: string, record: TransitionRecord) => void) | undefined;
}

export class Crew implements CrewFacts {
  /** Those that are up, or on their way down. */
  readonly members: Member[] = [];
  readonly crashed = new Set<string>();
  readonly cutOff = new Set<string>();
  readonly disturbed = new Set<string>();
  readonly doubted = new Set<string>();
  readonly cancelled = new Set<string>();
  /** Before all of them were. */
  readonly stopped = new Set<string>();
  readonly laneCount: number;
  readonly #options: CrewOptions;
  readonly #time: TimeOf;
  readonly #hindered = new Map<string, number>();
  readonly #blocked = new Map<string, number>();
  #hiredCount = 0;
  #closing = false;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.laneCount = options.laneCount;
    this.#time = options.time.of();
  }

  get acknowledge() {
    return this.#options.policy.acknowledge;
  }

  get unknownReply() {
    return this.#options.policy.unknownReply;
  }

  hire(): void {
    const { broker, policy, seed, onTransition } = this.#options;
    this.#hiredCount += 1;
    const name = `w${this.#hiredCount}`;
    const time = this.#options.time.of();
    const worker = createWorker(policy.worker, {
      transport: broker.connect({ name }),
      concurrency: this.laneCount,
      logger: this.#loggerOf(name),
      outputLevel: this.#options.talks ? 'debug' : 'info',
      stepDeadlineMs,
      ...(policy.keepsDeadLetters && { deadLetter: { exchange: this.#options.deadLetterExchange } }),
      clock: time,
      random: createRandom(seed * 1_000 + this.#hiredCount),
    });
    const member: Member = {
      name,
      worker,
      time,
      stopping: false,
      stoppedAt: Number.POSITIVE_INFINITY,
      downBy: Number.POSITIVE_INFINITY,
      listened: false,
    };
    this.members.push(member);
    if (onTransition) worker.subscribe((record) => this.crashed.has(name) || onTransition(name, record));
    worker.start().then(
      () => {
        member.listened = true;
      },
      () => {},
    );
    void worker.ended.then(({ error }) => this.#ended(member, error));
  }

  /** Everything of it is gone; of what it sent the broker still reads so many frames. */
  crash(member: Member, options: { readonly readCount: number; readonly backAfterMs: number }): void {
    this.#options.broker.kill(member.name, options);
    member.time.end();
    this.crashed.add(member.name);
    this.#dismiss(member);
    this.#time.setTimeout(() => this.hire(), options.backAfterMs);
  }

  stop(member: Member, options: { readonly deadlineMs: number }): void {
    member.stopping = true;
    member.stoppedAt = Math.min(member.stoppedAt, this.#time.now());
    member.downBy = Math.min(member.downBy, this.#time.now() + options.deadlineMs + farewellMs);
    if (!this.#closing) this.stopped.add(member.name);
    const waits = this.lanesOf(member).some(({ state }) => waiting.has(state));
    const { broker } = this.#options;
    if (waits || !broker.link(member.name) || this.#hindered.get(member.name)) this.cutOff.add(member.name);
    void member.worker.stop(options);
  }

  /** All of them, for good. */
  close(): void {
    this.#closing = true;
    for (const member of this.members) this.stop(member, { deadlineMs: 60_000 });
  }

  /** Whether it was done. `answers`: the state of the lane says that it must be. */
  cancel(member: Member, { id, answers }: { readonly id: string; readonly answers: boolean }): boolean {
    this.cancelled.add(id);
    const isDone = member.worker.cancel(id, 'simulated');
    if (!isDone && answers) this.#options.onBroken(`${member.name} could not cancel ${id}`);
    return isDone;
  }

  /** Something keeps it from its broker. */
  trouble(name: string): void {
    this.doubted.add(name);
    this.#disturb(name);
  }

  #disturb(name: string): void {
    this.disturbed.add(name);
    if (this.members.some((member) => member.name === name && member.stopping)) this.cutOff.add(name);
  }

  /** Something keeps it from its broker until the function that is returned is called. */
  hinder(name: string): () => void {
    this.trouble(name);
    return this.#count(this.#hindered, name);
  }

  /** The same, but nothing that is under way is lost, and the worker hears of it. */
  block(name: string): () => void {
    this.#disturb(name);
    const ends = [this.#count(this.#hindered, name), this.#count(this.#blocked, name)];
    return () => {
      for (const end of ends) end();
    };
  }

  isHindered(name: string): boolean {
    return (this.#hindered.get(name) ?? 0) > 0;
  }

  hasLeft(name: string): boolean {
    const member = this.members.find((other) => other.name === name);
    return member !== undefined && this.#time.now() > member.stoppedAt && !this.disturbed.has(name);
  }

  /** Its broker takes nothing, and nothing else keeps it from hearing that. */
  isBlocked(name: string): boolean {
    const count = this.#blocked.get(name) ?? 0;
    return count > 0 && this.#hindered.get(name) === count;
  }

  #count(counts: Map<string, number>, name: string): () => void {
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return () => void counts.set(name, (counts.get(name) ?? 1) - 1);
  }

  lanesOf(member: Member): readonly LaneStatus[] {
    return member.worker.status().lanes;
  }

  #ended(member: Member, error: Error | undefined): void {
    if (this.crashed.has(member.name)) return;
    const stopped = member.stopping && (!error || codeOf(error) === 'DRAIN_DEADLINE_PASSED');
    // One that cannot reach its broker in time gives up, and is started again like any that ended.
    const unreached = !member.listened && this.disturbed.has(member.name);
    if (!stopped && !unreached)
      this.#options.onBroken(`${member.name} gave up: ${error?.message ?? 'nobody stopped it'}`);
    if (this.#time.now() > member.downBy)
      this.#options.onBroken(`${member.name} was not down when its stop had to be over`);
    for (const { state } of this.lanesOf(member))
      if (state !== 'stopped') this.#options.onBroken(`${member.name} ended with a lane in ${state}`);
    this.#dismiss(member);
    if (!this.#closing) this.#time.setTimeout(() => this.hire(), restartMs);
  }

  #dismiss(member: Member): void {
    this.members.splice(this.members.indexOf(member), 1);
  }

  #loggerOf(name: string): Logger {
    const ignore = () => {};
    const logger: Logger = {
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: ignore,
      fatal: (_: object, message: string) => this.#options.onBroken(`${name}: ${message}`),
      child: () => logger,
    };
    return logger;
  }
}

const codeOf = (error: Error) => (error as { readonly code?: unknown }).code;

// The world around one worker: the embedded broker, an engine that sends jobs, the time, and the steps' ends. It does what
// a stimulus says, through the places where it would come from in a real process, and lets everything settle.
import { createSimulatedBroker } from '../../../adapters/memory/index.js';
import type { Message } from '../../contract/message.js';
import { releaseEngine } from '../../contract/release-engine.js';
import type { Worker } from '../../worker/definition.js';
import type { RunningWorker, TransitionRecord } from '../../worker/running-worker.js';
import { SimulatedTime, type TimeOf } from '../simulator/clock.js';
import { Crew, type Member } from '../simulator/crew.js';
import { type FaultScene, faults } from '../simulator/faults.js';
import { Ledger } from '../simulator/ledger.js';
import type { DoneFault } from '../simulator/plan.js';
import { settling } from '../simulator/turn.js';
import { judge } from '../simulator/verdict.js';
import type { Move } from './model.js';
import { type EndStep, steer } from './steer.js';
import type { Deed, JobName } from './stimuli.js';

export interface JobAddress {
  /** null: nobody waits. */
  readonly replyTo: string | null;
  readonly correlationId: string;
}

export interface Jobs {
  /** A job, to be sent with these properties. */
  make(job: JobName, address: JobAddress, group?: string): Message;
}

export interface WorldOptions {
  readonly worker: Worker;
  readonly jobs: Jobs;
  readonly acknowledge: 'received' | 'verified' | 'settled';
  readonly unknownReply: 'resend' | 'giveUp';
}

/** Name of the worker that walks, and of its connection; those that take its place have others. */
const name = 'w1';
const graveyard = 'needful.dead';
const replyQueue = (id: string) => `needful.reply.${id}`;
/** The job that a path is about. */
export const jobId = 'job';
/** Timers that pass at most while something is waited for. */
const patience = 400;

export class World implements FaultScene {
  /** Moves of the lane, in order. */
  readonly moves: Move[] = [];
  /** Bodies of replies as they were sent, by job. */
  readonly replies = new Map<string, string[]>();
  readonly broker;
  readonly crew: Crew;
  readonly queue: string;
  readonly #clock = new SimulatedTime();
  readonly time: TimeOf = this.#clock.of();
  readonly #due: { readonly work: () => void; readonly line: string }[] = [];
  readonly #steps: EndStep[] = [];
  readonly #ledger: Ledger;
  readonly #options: WorldOptions;
  readonly #broken: string[] = [];
  readonly #jobs = new Map<string, Message>();
  /** What awaits a confirm is not read by the broker yet. */
  #held = true;
  #ends = false;

  constructor(options: WorldOptions) {
    this.#options = options;
    const { worker, acknowledge, unknownReply } = options;
    this.queue = releaseEngine.queueName(worker.name);
    this.#ledger = new Ledger({ queue: this.queue, deadLetterExchange: graveyard });
    this.broker = createSimulatedBroker({
      clock: this.time,
      scheduler: { later: (work, line) => void this.#due.push({ work, line }) },
    });
    this.broker.tap((event) => {
      const seen = this.#ledger.tap(event);
      if (event.type !== 'published' || seen?.type !== 'reply') return;
      const id = event.message.properties.correlationId ?? '';
      this.replies.set(id, [...(this.replies.get(id) ?? []), Buffer.from(event.message.body).toString()]);
    });
    this.broker.watch((event) => {
      this.#ledger.link(event);
      if (event.type === 'left' && event.lost) this.crew.trouble(event.connection);
    });
    this.broker.declare(releaseEngine.topology(worker.name));
    this.#declareGraveyard();
    const steered = steer(worker, (end) => {
      if (this.#ends) end('completed');
      else this.#steps.push(end);
    });
    this.crew = new Crew({
      broker: this.broker,
      time: this.#clock,
      policy: {
        acknowledge,
        unknownReply,
        redelivered: worker.redelivered,
        keepsDeadLetters: true,
        worker: steered,
      },
      deadLetterExchange: graveyard,
      laneCount: 1,
      talks: false,
      seed: 1,
      onBroken: (sentence) => this.#broken.push(sentence),
      onTransition: (of, record) => this.#note(of, record),
    });
  }

  get #member(): Member | undefined {
    return this.crew.members[0];
  }

  get #running(): RunningWorker | undefined {
    return this.#member?.worker;
  }

  async start(): Promise<void> {
    this.crew.hire();
    await this.#untilQuiet();
  }

  async do(deed: Deed): Promise<void> {
    switch (deed.does) {
      case 'send':
        this.#send(jobId, deed.job);
        break;
      case 'answer':
        await this.#answer(deed.as);
        break;
      case 'cut':
        this.#cut();
        break;
      case 'reconnect':
        this.broker.accept();
        await this.#pass(() => this.#isLinked);
        break;
      case 'wait':
        await this.#wait();
        break;
      case 'end':
        this.#steps.pop()?.(deed.how);
        break;
      case 'cancel':
        this.crew.cancelled.add(jobId);
        this.#running?.cancel(jobId, 'as tested');
        break;
      case 'stop':
        if (this.#member) this.crew.stop(this.#member, { deadlineMs: 25_000 });
        break;
      case 'tell':
        this.#running?.send(jobId, { type: deed.event });
        break;
    }
    await this.#untilQuiet();
  }

  /** The fault happens to the lane where it is now. false: it cannot happen here. */
  async suffer(fault: DoneFault): Promise<boolean> {
    const member = this.#member;
    const lane = member?.worker.status().lanes[0];
    if (member === undefined || lane === undefined) return false;
    const aim = { fault: { kind: fault, state: '', step: 0, target: 0, amount: 2, other: 0 }, member, lane };
    const happened = faults[fault].happen(this, aim);
    await this.#untilQuiet();
    return happened;
  }

  /** Lets everything come to rest; a worker must then do another job, and stop. Returns what was broken. */
  async toItsEnd(): Promise<readonly string[]> {
    this.#held = false;
    this.#ends = true;
    this.reopen();
    for (const end of this.#steps.splice(0)) end('completed');
    await this.#untilQuiet();
    for (const { name } of this.crew.members) this.broker.link(name)?.forgive();
    const isAtRest = () =>
      this.#running?.status().ready === true &&
      this.#running.status().lanes.every(({ correlationId }) => correlationId === null) &&
      this.broker.queue(this.queue)?.readyCount === 0;
    if (!(await this.#pass(isAtRest))) this.#broken.push('no worker comes to rest');
    this.#send('probe', 'valid');
    // One that came twice may be refused for that.
    const final = this.#options.worker.redelivered === 'fail' ? /"(completed|failed)"/ : /"completed"/;
    const isAnswered = () => this.replies.get('probe')?.some((body) => final.test(body)) === true;
    if (!(await this.#pass(isAnswered))) this.#broken.push('a job that came afterwards was not answered');
    this.crew.close();
    await this.#untilQuiet();
    const areGone = () => this.crew.members.length === 0;
    if (!(await this.#pass(areGone))) this.#broken.push('the worker does not stop');
    return [...this.#broken, ...judge(this.#ledger, this.crew).broken];
  }

  // For faults

  jobOf(correlationId: string): Message | undefined {
    return this.#jobs.get(correlationId);
  }

  replyQueueOf(correlationId: string): string {
    return replyQueue(correlationId);
  }

  close(): void {
    this.broker.refuse();
  }

  reopen(): void {
    this.broker.accept();
  }

  /** It hears its broker, as far as what it sent is read. */
  get #isLinked(): boolean {
    return this.#running?.status().ready === true || this.broker.link(name)?.nextWantsReceipt === true;
  }

  #note(of: string, { machine, from, to, event, correlationId }: TransitionRecord): void {
    if (of === name && machine === 'job' && correlationId !== 'probe') this.moves.push({ from, to, event });
  }

  #send(id: string, job: JobName): void {
    const replyTo = replyQueue(id);
    this.broker.declare({ exchanges: [], queues: [{ name: replyTo, durable: true }], bindings: [] });
    const message = this.#options.jobs.make(job, { replyTo, correlationId: id });
    const sent = { ...message, properties: { ...message.properties, persistent: true } };
    this.#jobs.set(id, sent);
    this.broker.publish(sent);
  }

  async #answer(as: 'confirmed' | 'returned' | 'refused'): Promise<void> {
    // What is awaited no more.
    while ((this.broker.link(name)?.unreadReceiptCount ?? 0) > 1) this.#readOne();
    if (as === 'refused') this.broker.refusePublishes(1, name);
    if (as === 'returned') {
      this.broker.deleteQueue(replyQueue(jobId));
      this.broker.deleteQueue(graveyard);
    }
    this.#readOne();
    await this.#untilQuiet();
    if (as === 'returned') this.#declareGraveyard();
  }

  /** Until the lane has moved. A confirm that it waits for never comes; the broker has read the reply. */
  async #wait(): Promise<void> {
    const { length } = this.moves;
    const link = this.broker.link(name);
    const awaitedCount = link?.unreadReceiptCount ?? 0;
    if (awaitedCount > 0) {
      this.crew.trouble(name);
      link?.loseConfirms(awaitedCount);
      for (let count = 0; count < awaitedCount; count++) this.#readOne();
    }
    await this.#pass(() => this.moves.length > length);
    // It hangs up on a broker that is deaf.
    const isAtRest = () =>
      this.#running?.status().lanes.every(({ correlationId }) => correlationId === null) === true;
    if (awaitedCount > 0) await this.#pass(() => isAtRest() || this.#isLinked);
  }

  /** The broker reads up to what awaits a confirm. */
  #readOne(): void {
    const link = this.broker.link(name);
    const before = link?.unreadReceiptCount ?? 0;
    while (before > 0 && link?.unreadReceiptCount === before) {
      const at = this.#due.findIndex(({ line }) => line === `${name} up`);
      if (at < 0) return;
      this.#due.splice(at, 1)[0]?.work();
    }
  }

  #cut(): void {
    const link = this.broker.link(name);
    this.crew.trouble(name);
    this.broker.refuse();
    link?.sever({ readCount: link.unreadCount, heardCount: link.unheardCount });
  }

  #declareGraveyard(): void {
    this.broker.declare({
      exchanges: [{ name: graveyard, type: 'topic', durable: true }],
      queues: [{ name: graveyard, durable: true }],
      bindings: [{ exchange: graveyard, queue: graveyard, routingKey: '#' }],
    });
  }

  /** From timer to timer, until it is so. */
  async #pass(isSo: () => boolean): Promise<boolean> {
    await this.#untilQuiet();
    for (let count = 0; count < patience && !isSo(); count++) {
      if (!this.#clock.pass()) break;
      await this.#untilQuiet();
    }
    return isSo();
  }

  #untilQuiet(): Promise<void> {
    return settling(() => {
      const at = this.#due.findIndex(({ line }) => !this.#waits(line));
      if (at < 0) return false;
      this.#due.splice(at, 1)[0]?.work();
      return true;
    });
  }

  #waits(line: string): boolean {
    if (!this.#held || line !== `${name} up`) return false;
    return this.broker.link(name)?.nextWantsReceipt === true;
  }
}

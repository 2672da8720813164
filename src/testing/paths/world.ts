// The world around one worker: the embedded broker, an engine that sends jobs, the time, and the steps' ends. It does what
// a stimulus says, through the places where it would come from in a real process, and lets everything settle.
import { createSimulatedBroker } from '../../../adapters/memory/index.js';
import type { Message } from '../../contract/message.js';
import { releaseEngine } from '../../contract/release-engine.js';
import { createWorker } from '../../worker/create-worker.js';
import type { Worker } from '../../worker/definition.js';
import type { RunningWorker, TransitionRecord } from '../../worker/running-worker.js';
import { SimulatedTime, type TimeOf } from '../simulator/clock.js';
import { Ledger } from '../simulator/ledger.js';
import { createRandom } from '../simulator/random.js';
import { settling } from '../simulator/turn.js';
import { judge } from '../simulator/verdict.js';
import type { Move } from './model.js';
import { silent } from './silent.js';
import { type Running, steer } from './steer.js';
import type { Deed, JobName } from './stimuli.js';

export interface Jobs {
  /** A job, to be sent with these properties. */
  make(job: JobName, address: { readonly replyTo: string; readonly correlationId: string }): Message;
}

export interface WorldOptions {
  readonly worker: Worker;
  readonly jobs: Jobs;
  readonly acknowledge: 'received' | 'verified' | 'settled';
  readonly unknownReply: 'resend' | 'giveUp';
}

/** Name of the worker's connection. */
const name = 'worker';
const graveyard = 'needful.dead';
const replyQueue = (id: string) => `needful.reply.${id}`;
/** The job that a path is about. */
export const jobId = 'job';
/** Timers that pass at most while something is waited for. */
const patience = 400;

export class World {
  readonly running: RunningWorker;
  /** Moves of the lane, in order. */
  readonly moves: Move[] = [];
  /** Bodies of replies as they were sent, by job. */
  readonly replies = new Map<string, string[]>();
  readonly #broker;
  readonly #clock = new SimulatedTime();
  readonly #time: TimeOf = this.#clock.of();
  readonly #due: { readonly work: () => void; readonly line: string }[] = [];
  readonly #steps: Running[] = [];
  readonly #queue: string;
  readonly #ledger: Ledger;
  readonly #options: WorldOptions;
  readonly #disturbed = new Set<string>();
  readonly #cancelled = new Set<string>();
  /** What awaits a confirm is not read by the broker yet. */
  #held = true;
  #ends = false;

  constructor(options: WorldOptions) {
    this.#options = options;
    const { worker } = options;
    this.#queue = releaseEngine.queueName(worker.name);
    this.#ledger = new Ledger({ queue: this.#queue, deadLetterExchange: graveyard });
    this.#broker = createSimulatedBroker({
      clock: this.#time,
      scheduler: { later: (work, line) => void this.#due.push({ work, line }) },
    });
    this.#broker.tap((event) => {
      const seen = this.#ledger.tap(event);
      if (event.type !== 'published' || seen?.type !== 'reply') return;
      const id = event.message.properties.correlationId ?? '';
      this.replies.set(id, [...(this.replies.get(id) ?? []), Buffer.from(event.message.body).toString()]);
    });
    this.#broker.watch((event) => this.#ledger.link(event));
    this.#broker.declare(releaseEngine.topology(worker.name));
    this.#declareGraveyard();
    this.running = createWorker(
      steer(worker, (step) => void (this.#ends ? step.end('completed') : this.#steps.push(step))),
      {
        transport: this.#broker.connect({ name }),
        logger: silent,
        deadLetter: { exchange: graveyard },
        clock: this.#time,
        random: createRandom(1),
      },
    );
    this.running.subscribe((record) => this.#note(record));
  }

  async start(): Promise<void> {
    const started = this.running.start();
    await this.#untilQuiet();
    await started;
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
        this.#broker.accept();
        await this.#pass(() => this.#isLinked);
        break;
      case 'wait':
        await this.#wait();
        break;
      case 'end':
        this.#steps.pop()?.end(deed.how);
        break;
      case 'cancel':
        this.#cancelled.add(jobId);
        this.running.cancel(jobId, 'as tested');
        break;
      case 'stop':
        void this.running.stop();
        break;
      case 'tell':
        this.running.send(jobId, { type: deed.event });
        break;
    }
    await this.#untilQuiet();
  }

  /** Lets everything come to rest; the worker must then do another job, and stop. Returns what was broken. */
  async toItsEnd(): Promise<readonly string[]> {
    const broken: string[] = [];
    this.#held = false;
    this.#ends = true;
    this.#broker.accept();
    for (const step of this.#steps.splice(0)) step.end('completed');
    this.#broker.link(name)?.forgive();
    await this.#untilQuiet();
    const isStopping = /^(draining|closing|stopped)/.test(this.running.status().state);
    if (!isStopping) {
      const atRest = () =>
        this.running.status().ready &&
        this.running.status().lanes.every(({ state }) => state === this.#initial);
      if (!(await this.#pass(atRest))) broken.push('the worker does not come to rest');
      this.#send('probe', 'valid');
      const isAnswered = () => (this.replies.get('probe')?.length ?? 0) >= 2;
      await this.#pass(isAnswered);
      if (!isAnswered()) broken.push('a job that came afterwards was not answered');
      void this.running.stop();
    }
    let ended = false;
    void this.running.ended.then(() => {
      ended = true;
    });
    await this.#untilQuiet();
    if (!(await this.#pass(() => ended))) broken.push('the worker does not stop');
    return [...broken, ...this.#verdict()];
  }

  /** It hears its broker, as far as what it sent is read. */
  get #isLinked(): boolean {
    return this.running.status().ready || this.#broker.link(name)?.nextWantsReceipt === true;
  }

  readonly #initial = 'listening';

  #verdict(): readonly string[] {
    const { acknowledge, unknownReply } = this.#options;
    const none: ReadonlySet<string> = new Set();
    return judge(this.#ledger, {
      acknowledge,
      unknownReply,
      laneCount: 1,
      crashed: none,
      cutOff: none,
      disturbed: this.#disturbed,
      cancelled: this.#cancelled,
    }).broken;
  }

  #note({ machine, from, to, event, correlationId }: TransitionRecord): void {
    if (machine === 'job' && correlationId !== 'probe') this.moves.push({ from, to, event });
  }

  #send(id: string, job: JobName): void {
    const replyTo = replyQueue(id);
    this.#broker.declare({ exchanges: [], queues: [{ name: replyTo, durable: true }], bindings: [] });
    this.#broker.publish(this.#options.jobs.make(job, { replyTo, correlationId: id }));
  }

  async #answer(as: 'confirmed' | 'returned' | 'refused'): Promise<void> {
    // What is awaited no more.
    while ((this.#broker.link(name)?.unreadReceiptCount ?? 0) > 1) this.#readOne();
    if (as === 'refused') this.#broker.refusePublishes(1, name);
    if (as === 'returned') {
      this.#broker.deleteQueue(replyQueue(jobId));
      this.#broker.deleteQueue(graveyard);
    }
    this.#readOne();
    await this.#untilQuiet();
    if (as === 'returned') this.#declareGraveyard();
  }

  /** Until the lane has moved. A confirm that it waits for never comes; the broker has read the reply. */
  async #wait(): Promise<void> {
    const { length } = this.moves;
    const link = this.#broker.link(name);
    const awaitedCount = link?.unreadReceiptCount ?? 0;
    if (awaitedCount > 0) {
      this.#disturbed.add(name);
      link?.loseConfirms(awaitedCount);
      for (let count = 0; count < awaitedCount; count++) this.#readOne();
    }
    await this.#pass(() => this.moves.length > length);
    // It hangs up on a broker that is deaf.
    const isAtRest = () => this.running.status().lanes.every(({ correlationId }) => correlationId === null);
    if (awaitedCount > 0) await this.#pass(() => isAtRest() || this.#isLinked);
  }

  /** The broker reads up to what awaits a confirm. */
  #readOne(): void {
    const link = this.#broker.link(name);
    const before = link?.unreadReceiptCount ?? 0;
    while (before > 0 && link?.unreadReceiptCount === before) {
      const at = this.#due.findIndex(({ line }) => line === `${name} up`);
      if (at < 0) return;
      this.#due.splice(at, 1)[0]?.work();
    }
  }

  #cut(): void {
    const link = this.#broker.link(name);
    this.#disturbed.add(name);
    this.#broker.refuse();
    link?.sever({ readCount: link.unreadCount, heardCount: link.unheardCount });
  }

  #declareGraveyard(): void {
    this.#broker.declare({
      exchanges: [{ name: graveyard, type: 'topic', durable: true }],
      queues: [{ name: graveyard, durable: true }],
      bindings: [{ exchange: graveyard, queue: graveyard, routingKey: '#' }],
    });
  }

  /** From timer to timer, until it is so. */
  async #pass(isSo: () => boolean): Promise<boolean> {
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
    return this.#broker.link(name)?.nextWantsReceipt === true;
  }
}

// Where faults are raised: one face for a RabbitMQ of our own and for the embedded broker, so that one story is told on
// both. Workers whose step is in the test's hand, their engine, an operator, and the log.
import { expect } from 'vitest';
import type { AmqpOptions } from '../../adapters/amqp/index.js';
import type { Outcome, Topology, Transport } from '../../src/transport.js';
import { createWorker } from '../../src/worker/create-worker.js';
import type { Worker } from '../../src/worker/definition.js';
import type { Logger } from '../../src/worker/logger.js';
import type { WorkerOptions } from '../../src/worker/running-worker.js';
import { Trace, until } from '../adapters/bus.js';
import type { QueueCounts } from '../adapters/harness.js';
import type { Engine, SendOptions, SentJob } from '../worker/engine.js';
import { type HoldingOptions, holdingWorker, type StagedWorker, watched } from '../worker/stage.js';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface PlayOptions extends Partial<WorkerOptions> {
  /** Puts something between the worker and its transport. */
  readonly between?: (transport: Transport) => Transport;
  /** Of its transport, where that speaks AMQP. */
  readonly amqp?: AmqpOptions;
}

/** A worker whose one step is in the test's hand. */
export interface HeldWorker extends StagedWorker {
  readonly begun: ReturnType<typeof holdingWorker>['begun'];
  readonly held: ReturnType<typeof holdingWorker>['held'];
  readonly transport: Transport;
  /** Of its queue on the broker. */
  readonly queueName: string;
  /** Sends it a job. */
  job(options?: SendOptions): Promise<SentJob>;
  /** Resolves when it listens, now or again. */
  listens(): Promise<void>;
}

let groundCount = 0;

export abstract class Ground {
  readonly log = new Trace<LogLine>();
  abstract readonly engine: Engine;
  /** Of its workers. */
  readonly name = `held-${process.pid}-${++groundCount}`;
  readonly #workers: HeldWorker[] = [];

  /** A transport that was not opened; `name` is its connection's on the broker. */
  abstract connect(name: string, amqp?: AmqpOptions): Transport;
  /** An operator ends the connections of that name. */
  abstract cut(name: string): Promise<void>;
  abstract alarm(raised: boolean): Promise<void>;
  abstract declare(topology: Topology): Promise<void>;
  abstract deleteQueue(name: string): Promise<void>;
  abstract purge(name: string): Promise<void>;
  /** Nobody can be told how this job ended: it needs no final reply. */
  untold(_job: SentJob): void {}
  /** Counts of a queue, from the broker; undefined if there is none. */
  abstract queue(name: string): Promise<QueueCounts | undefined>;
  protected abstract close(): Promise<void>;

  /** Where workers of this ground consume, if not told otherwise. */
  get queueName(): string {
    return `worker.${this.name}`;
  }

  /** Not started. Two of one ground share their queue. */
  worker(policy: HoldingOptions = {}, { between, amqp, ...options }: PlayOptions = {}): HeldWorker {
    const number = this.#workers.length + 1;
    const name = `${this.name} ${number}`;
    const { definition, begun, held } = holdingWorker({ name: this.name, ...policy });
    const transport = this.connect(name, amqp);
    const made = createWorker(definition as Worker, {
      transport: between?.(transport) ?? transport,
      topology: 'declare',
      logger: recorder(this.log),
      // Little jitter, and yet names of deliveries that no other worker uses.
      random: () => 0.02 + number / 2 ** 40,
      ...options,
    });
    const worker = watched(made, name);
    const listening = () => worker.status().state === 'listening.flowing';
    const heldWorker: HeldWorker = Object.assign(worker, {
      begun,
      held,
      transport,
      queueName: worker.status().queue,
      job: (sending: SendOptions = {}) => this.engine.send(`${definition.name}:Hold`, sending),
      async listens() {
        const entered = worker.route('worker').filter((state) => state === 'listening.flowing').length;
        if (!listening()) await worker.reached('listening.flowing', entered + 1);
      },
    });
    this.#workers.push(heldWorker);
    return heldWorker;
  }

  /** Listens. */
  async play(policy?: HoldingOptions, options?: PlayOptions): Promise<HeldWorker> {
    const worker = this.worker(policy, options);
    await worker.start();
    return worker;
  }

  /**
   * The fault is over: the broker knows one consumer, a probe gets both replies, and nothing is left in the queue. Ends the
   * worker, since what it had in hand unsettled is in the queue again only then.
   */
  async over(worker: HeldWorker, expected: { readonly left?: number } = {}): Promise<void> {
    await worker.listens();
    const begun = worker.begun.all.length;
    const probe = await worker.job();
    (await worker.held(begun + 1)).end('probe');
    expect(await probe.final()).toMatchObject({ status: 'completed', data: 'probe' });
    expect(probe.statuses).toEqual(['started', 'completed']);
    const counts = async () => await this.queue(worker.queueName);
    await until('there is one consumer', async () => (await counts())?.consumerCount === 1);
    expect(worker.status()).toMatchObject({ state: 'listening.flowing', ready: true });
    expect(await worker.stop()).toMatchObject({ state: 'stopped' });
    const left = expected.left ?? 0;
    await until(`${left} messages are left`, async () => (await counts())?.readyCount === left);
  }

  /** Every state that its workers and their lanes were in: `worker reconnecting`, `job lost`. */
  statesSeen(): readonly string[] {
    return this.#workers.flatMap(({ transitions }) =>
      transitions.all.map(({ machine, to }) => `${machine} ${to}`),
    );
  }

  /** The first line of the log with these fields and words, once it came. */
  async logged(
    level: LogLine['level'],
    words: RegExp,
    fits: (line: LogLine) => boolean = () => true,
  ): Promise<LogLine> {
    const isIt = (line: LogLine) => line.level === level && words.test(line.message) && fits(line);
    const [line] = await this.log.first(1, isIt);
    if (line === undefined) throw new Error('nothing was logged');
    return line;
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop({ deadlineMs: 0 })));
    await this.close();
  }
}

function recorder(log: Trace<LogLine>, bound: object = {}): Logger {
  const write = (level: LogLine['level']) => (fields: object, message: string) =>
    log.add({ ...bound, ...fields, level, message });
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
    child: (more) => recorder(log, { ...bound, ...more }),
  };
}

/** A job whose step runs. */
export async function running(worker: HeldWorker, options?: SendOptions) {
  const count = worker.begun.all.length + 1;
  const job = await worker.job(options);
  return { job, step: await worker.held(count) };
}

/** Resolves when the worker leaves `listening` over a loss; it is not ready then. To be called before the fault. */
export function loss(worker: HeldWorker): Promise<void> {
  return new Promise((resolve, reject) => {
    const unsubscribe = worker.subscribe(({ machine, from, to }) => {
      if (machine !== 'worker' || !from.startsWith('listening') || to !== 'reconnecting') return;
      unsubscribe();
      // The record comes while the machine is on its way.
      queueMicrotask(() =>
        worker.status().ready ? reject(new Error(`ready in ${worker.status().state}`)) : resolve(),
      );
    });
  });
}

/** Breaks a rule of AMQP: the broker closes the jobs channel, and the connection lives. */
export function loseChannel({ transport }: HeldWorker): Promise<Outcome> {
  const broken = { exchange: 'no-such-exchange', routingKey: '', body: Buffer.alloc(0), properties: {} };
  return new Promise((resolve) => transport.publish({ ...broken, mandatory: true }, resolve));
}

/** A worker whose channel did not change. */
export const sameChannel = ({ transport }: HeldWorker) =>
  expect(transport.status).toMatchObject({ phase: 'open', epoch: 1 });

/** A job as it is on the wire, for the step of these workers. */
export const jobText = (queueName: string): string =>
  JSON.stringify({ parameters: { command: queueName, subcommand: 'Hold' } });

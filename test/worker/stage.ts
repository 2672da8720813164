// A stage for workers on the embedded broker: an engine in front of them, the protocol's judge beside it, all transitions seen.
import { expect } from 'vitest';
import { SimulatedClock } from 'xstate';
import { createMemoryBroker } from '../../adapters/memory/index.js';
import type { JobPolicy } from '../../machines/index.js';
import { createProtocol, type ProtocolOptions, readTap, type Violation } from '../../src/contract/index.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { defineWorker } from '../../src/worker/define-worker.js';
import type { StepContext, Worker } from '../../src/worker/definition.js';
import { type Logger, silentLogger } from '../../src/worker/logger.js';
import type { RunningWorker, TransitionRecord, WorkerOptions } from '../../src/worker/running-worker.js';
import { Trace, turn } from '../adapters/bus.js';
import { Engine } from './engine.js';

export interface StagedWorker extends RunningWorker {
  /** Name of its connection. */
  readonly name: string;
  readonly transitions: Trace<TransitionRecord>;
  /** Once a state was entered for the `count`th time; the worker's own states or a lane's. */
  reached(state: string, count?: number): Promise<TransitionRecord>;
  /** States entered so far, in order: of the worker itself, or of one lane. */
  route(machine: 'worker' | 'job', lane?: number): readonly string[];
}

export class Stage {
  readonly broker = createMemoryBroker();
  readonly engine = new Engine(this.broker.connect({ name: 'engine' }));
  /** Replies that the broker took, in order. */
  readonly replies: { readonly status: string; readonly messageId: string | undefined }[] = [];
  /** Correlation ids of jobs that nobody can be told about: they need no final reply. */
  readonly untold = new Set<string>();
  readonly #protocol;
  readonly #workers: RunningWorker[] = [];
  readonly #clocks = new Set<SimulatedClock>();
  #withhold: { readonly status: string; readonly resolve: () => void } | null = null;

  constructor(options: ProtocolOptions = {}) {
    this.#protocol = createProtocol(options);
    this.broker.tap((event) => {
      const seen = readTap(event);
      if (seen === null) return;
      this.#protocol.observe(seen);
      if (seen.type !== 'reply') return;
      const { status, messageId } = seen;
      this.replies.push({ status: status ?? '', messageId: messageId ?? undefined });
      if (status !== this.#withhold?.status) return;
      this.broker.holdConfirms();
      this.#withhold?.resolve();
    });
  }

  /** Resolves when the next reply of this status was taken; its confirm, and all after it, are held back. */
  withhold(status: 'started' | 'completed' | 'failed'): Promise<void> {
    return new Promise((resolve) => {
      this.#withhold = { status, resolve };
    });
  }

  /** Confirms flow again, but those of a connection that was cut meanwhile. */
  release(): void {
    this.#withhold = null;
    this.broker.releaseConfirms();
  }

  /** Not started. */
  worker(definition: Worker, options: Partial<WorkerOptions> = {}): StagedWorker {
    const name = `worker-${this.#workers.length + 1}`;
    const transport = this.broker.connect({ name });
    // Next to no jitter, and yet names of deliveries that no other worker of the stage uses.
    const random = () => this.#workers.length / 2 ** 40;
    const worker = createWorker(definition, { transport, logger: silentLogger, random, ...options });
    this.#workers.push(worker);
    if (options.clock instanceof SimulatedClock) this.#clocks.add(options.clock);
    return watched(worker, name);
  }

  /** Started, with the engine open. */
  async play(definition: Worker, options: Partial<WorkerOptions> = {}): Promise<StagedWorker> {
    const worker = this.worker(definition, options);
    await this.engine.open();
    await worker.start();
    return worker;
  }

  /** Stops all; nothing the protocol promises was broken. */
  async end(): Promise<void> {
    this.broker.accept();
    this.release();
    this.broker.unblock();
    const stopped = this.#workers.map((worker) => worker.stop({ deadlineMs: 0 }));
    let waits = true;
    void Promise.all(stopped).then(() => {
      waits = false;
    });
    while (waits) {
      for (const clock of this.#clocks) clock.increment(1000);
      await turn();
    }
    await this.engine.transport.close();
    await this.broker.idle();
    this.#protocol.end();
    const told = ({ promise, correlationId }: Violation) =>
      promise !== 'I1' || correlationId === null || !this.untold.has(correlationId);
    expect(this.#protocol.violations.filter(told)).toEqual([]);
  }
}

/** A worker whose transitions can be awaited. */
export function watched(worker: RunningWorker, name: string): StagedWorker {
  const transitions = new Trace<TransitionRecord>();
  worker.subscribe((transition) => transitions.add(transition));
  return Object.assign(worker, {
    name,
    transitions,
    async reached(state: string, count = 1) {
      const entered = await transitions.first(count, ({ to }) => to === state);
      const last = entered.at(-1);
      if (last === undefined) throw new Error(`${state} was not reached`);
      return last;
    },
    route: (machine: 'worker' | 'job', lane: number | null = machine === 'job' ? 0 : null) =>
      transitions.all.filter((t) => t.machine === machine && t.lane === lane).map(({ to }) => to),
  });
}

/** A step in the test's hand. */
export interface HeldStep {
  readonly context: StepContext<unknown, unknown>;
  end(data?: unknown): void;
  fail(error: unknown): void;
}

export interface HoldingOptions extends Partial<Pick<Worker, 'name' | 'redelivered'>>, JobPolicy {
  readonly deadlineMs?: number;
  readonly replyTo?: 'optional';
}

/** A worker `held` with one step `Hold` that lasts until the test ends it. */
export function holdingWorker(changes: HoldingOptions = {}) {
  const begun = new Trace<HeldStep>();
  const { deadlineMs, ...own } = changes;
  const policy = deadlineMs === undefined ? {} : { deadlineMs };
  const definition = defineWorker({
    name: 'held',
    ...(own as object),
    steps: {
      Hold: {
        ...policy,
        run: (context) =>
          new Promise<unknown>((end, fail) => {
            begun.add({ context, end, fail });
          }),
      },
    },
  });
  /** The step that began as number `count`, from 1. */
  const held = async (count = 1): Promise<HeldStep> => {
    const step = (await begun.first(count)).at(-1);
    if (step === undefined) throw new Error('no step began');
    return step;
  };
  return { definition: definition as Worker, begun, held };
}

/** Hears every line that a worker logs, with its fields and those of its child loggers. */
export function loggerThat(
  hears: (message: string, fields: Record<string, unknown>) => void,
  bound: Record<string, unknown> = {},
): Logger {
  const write = (fields: object, message: string) => hears(message, { ...bound, ...fields });
  return {
    debug: () => {},
    info: write,
    warn: write,
    error: write,
    fatal: write,
    child: (more) => loggerThat(hears, { ...bound, ...more }),
  };
}

// Steps, schemas and observers that misbehave: each job ends in one `failed` that says why, and the next one is done.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { z } from 'zod';
import type { ErrorCode } from '../../src/contract/errors.js';
import { createWorker, defineWorker, failed, silentLogger } from '../../src/index.js';
import type { RunningWorker, WorkerOptions } from '../../src/worker/running-worker.js';
import type { Trace } from '../adapters/bus.js';
import { describeOnEachBus, type ForeignBus, jobPaths, jsonOf, type Seen } from './foreign-bus.js';

const replyQueue = 'engine.bad-steps';
const cycle: { self?: unknown } = {};
cycle.self = cycle;
const hostile = () => {
  throw new Error('hostile');
};

/** What a step returns or throws, and the code of its failure. */
const ends: Readonly<Record<string, readonly [() => unknown, ErrorCode]>> = {
  TooLarge: [() => 'x'.repeat(300 * 1024), 'RESULT_TOO_LARGE'],
  FailedTooLarge: [() => failed('x'.repeat(300 * 1024)), 'RESULT_TOO_LARGE'],
  Function: [() => ({ deep: [hostile] }), 'RESULT_INVALID'],
  BigInt: [() => 1n, 'RESULT_INVALID'],
  NaN: [() => ({ x: Number.NaN }), 'RESULT_INVALID'],
  Cycle: [() => cycle, 'RESULT_INVALID'],
  HostileJson: [() => ({ toJSON: hostile }), 'RESULT_INVALID'],
  HostileThen: [() => Object.defineProperty({}, 'then', { get: hostile }), 'STEP_THREW'],
  ThrowsError: [hostile, 'STEP_THREW'],
  ThrowsString: [() => thrown('words'), 'STEP_THREW'],
  ThrowsUndefined: [() => thrown(undefined), 'STEP_THREW'],
  RejectsError: [() => Promise.reject(new Error('rejected')), 'STEP_THREW'],
  ThrowsHostile: [
    () => thrown(Object.defineProperty(new Error(), 'message', { get: hostile })),
    'STEP_THREW',
  ],
  RejectsHostile: [() => Promise.reject(Object.assign(new Error(), { name: Symbol('name') })), 'STEP_THREW'],
  RejectsUndefined: [() => Promise.reject(undefined), 'STEP_THREW'],
};

function thrown(value: unknown): never {
  throw value;
}

interface Held {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}
let held: Held | undefined;
let onHeld = () => {};

const odd = defineWorker({
  name: 'odd',
  steps: {
    ...Object.fromEntries(Object.entries(ends).map(([name, [run]]) => [name, { run }])),
    Good: { run: () => 'good' },
    Never: {
      deadlineMs: 5_000,
      run: ({ signal, output }) =>
        new Promise((resolve, reject) => {
          held = { resolve, reject, signal, say: (line) => output.info(line) };
          onHeld();
        }),
    },
    SchemaThrows: { parameters: z.object({}).refine(hostile), run: () => 'ran' },
    SchemaIsAsync: { parameters: z.object({}).refine(async () => true), run: () => 'ran' },
    OtherResult: { result: z.string(), run: () => 1 as unknown as string },
  },
});

const begin = ['received', 'acknowledged', 'parsing'];
const ran = (end: string) => [...begin, 'verified', 'doingTheNeedful', end, 'listening'];
const refusal = [...begin, 'invalid', 'deadLettering', 'listening'];
const completed = { status: 'completed', data: 'good' };
const failure = (code: ErrorCode) => ({ status: 'failed', data: expect.objectContaining({ code }) });

describeOnEachBus('what steps do', (open) => {
  let bus: ForeignBus;
  let worker: RunningWorker;
  let paths: Trace<readonly string[]>;

  const start = async (options: Partial<WorkerOptions> = {}) => {
    worker = createWorker(odd, {
      transport: bus.connect(),
      topology: 'declare',
      logger: silentLogger,
      ...options,
    });
    paths = jobPaths(worker);
    await worker.start();
  };
  const send = (subcommand: string) =>
    bus.send({
      routingKey: 'worker.odd',
      body: JSON.stringify({ parameters: { subcommand } }),
      properties: { replyTo: replyQueue, correlationId: subcommand },
    });
  const isFinal = (seen: Seen) => seen.queue === replyQueue && !Buffer.from(seen.body).includes('"started"');
  /** The replies to all jobs, once so many ended. */
  const replies = async (finals: number) => {
    const heard = await bus.heard.since(0, (messages) => messages.filter(isFinal).length >= finals);
    return heard.filter(({ queue }) => queue === replyQueue).map(jsonOf);
  };
  const started = { status: 'started' };

  beforeEach(async () => {
    bus = await open();
    await bus.hear(replyQueue);
  });
  afterEach(async () => {
    await worker.stop();
    expect(bus.judge()).toEqual([]);
    await bus.end('worker.odd');
  });

  it.each([
    ...Object.entries(ends).map(([name, [, code]]) => [name, code] as const),
    ['OtherResult', 'RESULT_INVALID'] as const,
  ])('%s ends in failed with %s', async (name, code) => {
    await start();
    await send(name);
    await send('Good');
    expect(await replies(2)).toEqual([started, failure(code), started, completed]);
    expect(await paths.first(2)).toEqual([ran('failed'), ran('completed')]);
  });

  it.each(['SchemaThrows', 'SchemaIsAsync'])('%s ends in invalid', async (name) => {
    await start();
    await send(name);
    await send('Good');
    expect(await replies(2)).toEqual([failure('PARAMETERS_INVALID'), started, completed]);
    expect(await paths.first(2)).toEqual([refusal, ran('completed')]);
  });

  it.each(['resolves', 'rejects'])(
    'a step that outlasts its deadline is aborted, and whatever it says then is ignored when it %s',
    async (how) => {
      const clock = new SimulatedClock();
      await start({ clock });
      const begun = new Promise<void>((resolve) => {
        onHeld = resolve;
      });
      await send('Never');
      await begun;
      const first = held;
      clock.increment(4_999);
      expect(first?.signal.aborted).toBe(false);
      clock.increment(1);
      expect(first?.signal.aborted).toBe(true);
      expect(first?.signal.reason).toMatchObject({ code: 'DEADLINE_PASSED' });
      await paths.first(1);
      const again = new Promise<void>((resolve) => {
        onHeld = resolve;
      });
      // The same step again, so that a late result could be taken for its own.
      await send('Never');
      await again;
      first?.say('too late');
      if (how === 'resolves') first?.resolve('late');
      else first?.reject(new Error('late'));
      await Promise.resolve();
      expect(worker.status().lanes[0]?.state).toBe('doingTheNeedful');
      held?.resolve('good');
      expect(await replies(2)).toEqual([started, failure('DEADLINE_PASSED'), started, completed]);
      expect(await paths.first(2)).toEqual([ran('failed'), ran('completed')]);
      const said = bus.heard.all.map(({ body }) => Buffer.from(body).toString());
      expect(said.filter((text) => text.includes('too late'))).toEqual([]);
    },
  );

  it('a job that is delivered again is done', async () => {
    await start();
    await worker.stop();
    await send('Good');
    await bus.putBack('worker.odd');
    await start();
    expect(await replies(1)).toEqual([started, completed]);
    expect(await paths.first(1)).toEqual([ran('completed')]);
  });

  it('observers that throw are sent home, and the worker goes on', async () => {
    let [inspected, observed] = [0, 0];
    await start({
      inspect() {
        inspected += 1;
        throw new Error('inspect');
      },
    });
    worker.subscribe(() => {
      observed += 1;
      throw new Error('observer');
    });
    await send('Good');
    await send('Good');
    expect(await replies(2)).toEqual([started, completed, started, completed]);
    expect([inspected, observed]).toEqual([1, 1]);
  });
});

// A step alone ends as it would end under a worker: the same replies, the same words, the same defects.
import { describe, expect, it } from 'vitest';
import { fromPromise } from 'xstate';
import { z } from 'zod';
import { defineWorker, failed, NeedfulError, numeric, rememberSecret, step } from '../../src/index.js';
import { runStep } from '../../src/testing/run-step.js';
import { createSimulatedClock } from '../../src/testing/simulated-clock.js';
import noop from '../../workers/noop.js';
import sleep from '../../workers/sleep.js';

/** A promise that ends when the signal is aborted. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

const worker = defineWorker({
  name: 'shop',
  parameters: z.object({ region: z.string().default('eu') }),
  steps: {
    Sell: {
      parameters: z.object({ count: numeric().pipe(z.int().min(1)) }),
      dynamic: z.object({ token: z.string() }),
      result: z.object({ sold: z.number() }),
      run({ parameters, dynamic, hosts, group, subcommand, correlationId, attempt, output, notify }) {
        output.info(`${parameters.count} in ${parameters.region}`);
        output.warn(`${hosts.join()} ${group} ${subcommand} ${correlationId} ${attempt} ${dynamic.token}`);
        notify('completed', { slug: 'sold', message: 'all of it' });
        return { sold: parameters.count };
      },
    },
    Refuse: { run: () => failed({ why: 'closed' }) },
    Bare: { run() {} },
    Throw: {
      run() {
        throw new RangeError('too far');
      },
    },
    Lie: { result: z.number(), run: (): number => JSON.parse('"text"') },
    Endless: { run: () => ({ big: 1n }) },
    Wait: { deadlineMs: 500, run: ({ signal }) => untilAborted(signal) },
    Deaf: { run: () => new Promise<void>(() => undefined) },
    Logic: step({}).run(fromPromise(async () => 'done')),
    Brew: step({ parameters: z.object({ minutes: z.number() }), result: z.string() }).machine({
      context: ({ parameters }) => ({ minutes: parameters.minutes, cups: 0 }),
      initial: 'brewing',
      states: {
        brewing: { waitMs: ({ minutes }) => minutes * 60_000, done: { target: 'pouring' } },
        pouring: { run: async () => ({ cups: 2 }), done: { target: 'poured' } },
        poured: { completed: ({ cups }) => `${cups} cups` },
      },
    }),
  },
});

describe('a step alone', () => {
  it('gives its result, what it said and whom it told', async () => {
    const outcome = await runStep(worker, 'Sell', {
      parameters: { count: 3 },
      dynamic: { token: 't' },
      hosts: ['a', 'b'],
      group: 'web',
      correlationId: 'c1',
      attempt: 2,
      notify: { completed: { irc: ['#shop'] } },
    });
    expect(outcome).toEqual({
      status: 'completed',
      result: { sold: 3 },
      data: { sold: 3 },
      problem: null,
      outputs: [
        { level: 'info', line: '3 in eu' },
        { level: 'warn', line: 'a,b web Sell c1 2 t' },
      ],
      notifications: [
        { phase: 'completed', transport: 'irc', slug: 'sold', message: 'all of it', target: ['#shop'] },
      ],
      error: undefined,
      orphaned: false,
      transitions: [],
    });
  });

  it('needs no job where nothing is asked for', async () => {
    expect(await runStep(worker, 'Bare')).toMatchObject({
      status: 'completed',
      result: undefined,
      data: undefined,
    });
    expect(await runStep(worker, 'Logic')).toMatchObject({ status: 'completed', result: 'done' });
  });

  it('fails on purpose with its data, and no problem', async () => {
    expect(await runStep(worker, 'Refuse')).toMatchObject({
      status: 'failed',
      result: undefined,
      data: { why: 'closed' },
      problem: null,
    });
  });

  it('shows what it threw, and what the engine is told of it', async () => {
    const { status, error, data, problem } = await runStep(worker, 'Throw');
    expect(status).toBe('failed');
    expect(error).toEqual(new RangeError('too far'));
    expect(data).toEqual({ code: 'STEP_THREW', message: 'the step threw RangeError: too far' });
    expect(problem).toEqual(data);
  });

  it('is held against its result schema, and against JSON', async () => {
    expect(await runStep(worker, 'Lie')).toMatchObject({
      status: 'failed',
      problem: { code: 'RESULT_INVALID' },
    });
    expect(await runStep(worker, 'Endless')).toMatchObject({
      status: 'failed',
      problem: { code: 'RESULT_INVALID' },
    });
  });

  it('is not run for a job that is refused', async () => {
    const outcome = await runStep(worker, 'Sell', { parameters: { count: 0 }, dynamic: { token: 't' } });
    expect(outcome).toMatchObject({
      status: 'invalid',
      problem: { code: 'PARAMETERS_INVALID' },
      outputs: [],
    });
    expect(outcome.data).toEqual(outcome.problem);
  });

  it('answers to any name where it is the step for all names', async () => {
    expect(await runStep(noop, 'Fail')).toMatchObject({ status: 'failed' });
    expect(await runStep(noop, '*', { subcommand: 'Fail' })).toMatchObject({ status: 'failed' });
    expect(await runStep(sleep, 'Seconds', { parameters: { seconds: 0 } })).toMatchObject({ result: 0 });
  });

  it('of a misspelt name is a clear error, with the name that was probably meant', async () => {
    // @ts-expect-error no step of that name
    const run = runStep(worker, 'Sel', { dynamic: { token: 't' } });
    await expect(run).rejects.toMatchObject({
      code: 'STEP_UNKNOWN',
      message: 'shop has no step "Sel"; did you mean "Sell"?',
    });
  });

  it('tells no secret that the process knows', async () => {
    const forget = rememberSecret('hunter2-hunter2');
    const outcome = await runStep(worker, 'Sell', {
      parameters: { count: 1 },
      dynamic: { token: 'hunter2-hunter2' },
    });
    forget();
    expect(JSON.stringify(outcome.outputs)).not.toContain('hunter2');
  });
});

describe('a step machine alone', () => {
  it('shows each transition; time passes when the test says so', async () => {
    const clock = createSimulatedClock();
    const run = runStep(worker, 'Brew', { parameters: { minutes: 5 }, clock });
    await clock.advance(299_999);
    expect(clock.now()).toBe(299_999);
    await clock.advance(1);
    const { result, transitions } = await run;
    expect(result).toBe('2 cups');
    expect(transitions.map(({ from, to }) => `${from} -> ${to}`)).toEqual([
      ' -> brewing',
      'brewing -> pouring',
      'pouring -> poured',
    ]);
  });

  it('ends where it is when it is aborted', async () => {
    const controller = new AbortController();
    const clock = createSimulatedClock();
    const run = runStep(worker, 'Brew', { parameters: { minutes: 5 }, clock, signal: controller.signal });
    await clock.advance(10);
    controller.abort('nobody is thirsty');
    expect(await run).toMatchObject({
      status: 'failed',
      data: { code: 'CANCELLED', message: 'the job was cancelled: nobody is thirsty' },
      transitions: [{ to: 'brewing' }],
    });
  });
});

describe('a step whose signal is in the hand of the test', () => {
  it('is seen to end when it is aborted, with the reason that a worker gives', async () => {
    const controller = new AbortController();
    const run = runStep(worker, 'Wait', { signal: controller.signal });
    controller.abort();
    const { status, problem, error, orphaned } = await run;
    expect({ status, orphaned }).toEqual({ status: 'failed', orphaned: false });
    expect(problem).toEqual({ code: 'CANCELLED', message: 'the job was cancelled: no reason given' });
    expect(error).toMatchObject({ code: 'CANCELLED' });
  });

  it('is given the reason that the test has', async () => {
    const lost = new NeedfulError('DELIVERY_LOST', 'gone');
    const run = runStep(worker, 'Wait', { signal: AbortSignal.abort(lost) });
    expect(await run).toMatchObject({ problem: { code: 'DELIVERY_LOST', message: 'gone' }, error: lost });
  });

  it('is aborted at its own deadline', async () => {
    const clock = createSimulatedClock();
    const run = runStep(worker, 'Wait', { clock });
    await clock.advance(500);
    expect(await run).toMatchObject({
      status: 'failed',
      problem: { code: 'DEADLINE_PASSED' },
      orphaned: false,
    });
  });

  it('is orphaned when it goes on a second later', async () => {
    const clock = createSimulatedClock();
    const run = runStep(worker, 'Deaf', { clock, signal: AbortSignal.abort() });
    await clock.advance(1000);
    expect(await run).toMatchObject({ status: 'failed', orphaned: true, error: undefined });
  });
});

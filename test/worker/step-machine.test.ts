// A step may be a state machine of plain async functions: each way through it ends the job, and each state is seen.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { z } from 'zod';
import { NeedfulError } from '../../src/contract/errors.js';
import { defineWorker, step } from '../../src/worker/define-worker.js';
import { failed, type Worker } from '../../src/worker/definition.js';
import { Stage, type StagedWorker } from './stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.end());

/** What the attempts of one job do, in order; the last is repeated. */
type Script = readonly ('hang' | 'refuse' | number)[];

const fetcher = (script: Script, aborted: unknown[] = []) => {
  let count = 0;
  return defineWorker({
    name: 'fetcher',
    steps: {
      Fetch: step({ parameters: z.object({ url: z.string() }), result: z.number() }).machine({
        context: ({ parameters }) => ({ url: parameters.url, size: 0, attempt: 1 }),
        guards: {
          hasSize: ({ size }) => size > 0,
          isBusy: ({ attempt }, error) => error instanceof Error && error.message === 'busy' && attempt < 3,
        },
        initial: 'fetching',
        states: {
          fetching: {
            description: 'The page is on its way.',
            deadlineMs: 1000,
            run: async ({ context, signal, output }) => {
              output.info(`attempt ${context.attempt}`);
              const said = script[Math.min(count++, script.length - 1)];
              if (said === 'hang')
                return new Promise<never>((_, reject) => {
                  signal.addEventListener('abort', () => {
                    aborted.push(signal.reason);
                    reject(signal.reason);
                  });
                });
              if (said === 'refuse') throw new Error('busy');
              return { size: said ?? 0 };
            },
            done: [{ guard: 'hasSize', target: 'good' }, { target: 'empty' }],
            failed: [{ guard: 'isBusy', target: 'resting' }, { target: 'gone' }],
          },
          resting: { waitMs: ({ attempt }) => attempt * 100, done: { target: 'again' } },
          again: {
            run: ({ context, error, output }) => {
              output.info(`again after ${error}`);
              return { attempt: context.attempt + 1 };
            },
            done: { target: 'fetching' },
          },
          good: { completed: ({ size }) => size },
          empty: { refused: ({ url }) => `nothing at ${url}` },
          gone: {
            refused: (_, error) => ({ why: error instanceof NeedfulError ? error.code : String(error) }),
          },
        },
      }),
    },
  }) as Worker;
};

const send = () => stage.engine.send('fetcher:Fetch', { parameters: { url: 'u' } });
/** States and events of the step's machine, in order. */
const steps = (running: StagedWorker) =>
  running.transitions.all
    .filter(({ machine }) => machine === 'step')
    .map(({ from, to, event }) => `${from} > ${to} (${event})`);

describe('a step that is a machine', () => {
  it('ends completed, and every state is a transition of its own', async () => {
    const running = await stage.play(fetcher([7]));
    const job = await send();
    expect(await job.final()).toMatchObject({ status: 'completed', data: 7 });
    expect(job.statuses).toEqual(['started', 'completed']);
    expect(steps(running)).toEqual([
      ' > fetching (xstate.init)',
      'fetching > good (xstate.done.actor.fetching)',
    ]);
    const [first] = running.transitions.all.filter(({ machine }) => machine === 'step');
    expect(first).toMatchObject({
      lane: 0,
      step: 'Fetch',
      correlationId: job.correlationId,
      worker: 'fetcher',
    });
  });

  it('ends refused on purpose, with its own words', async () => {
    await stage.play(fetcher([0]));
    const job = await send();
    expect(await job.final()).toMatchObject({ status: 'failed', data: 'nothing at u' });
  });

  it('takes `failed` when its work throws, and a guard is told the error', async () => {
    const clock = new SimulatedClock();
    await stage.engine.open({ lines: true });
    const running = stage.worker(fetcher(['refuse', 'refuse', 3]), { clock });
    await running.start();
    const job = await send();
    await running.reached('resting');
    clock.increment(100);
    await running.reached('resting', 2);
    clock.increment(100);
    clock.increment(100);
    expect(await job.final()).toMatchObject({ status: 'completed', data: 3 });
    expect(stage.engine.lines.all).toContain('again after Error: busy');
    expect(job.statuses).toEqual(['started', 'completed']);
    expect(steps(running).slice(0, 4)).toEqual([
      ' > fetching (xstate.init)',
      'fetching > resting (xstate.error.actor.fetching)',
      'resting > again (xstate.after.wait.resting.Fetch.resting)',
      'again > fetching (xstate.done.actor.again)',
    ]);
  });

  it('gives up with what its work threw last', async () => {
    const clock = new SimulatedClock();
    const running = await stage.play(fetcher(['refuse']), { clock });
    const job = await send();
    await running.reached('resting');
    clock.increment(100);
    await running.reached('resting', 2);
    clock.increment(200);
    expect(await job.final()).toMatchObject({ status: 'failed', data: { why: 'Error: busy' } });
  });

  it("takes `failed` when a state's deadline passes, and its work is told why", async () => {
    const clock = new SimulatedClock();
    const aborted: unknown[] = [];
    const running = await stage.play(fetcher(['hang'], aborted), { clock });
    const job = await send();
    await running.reached('fetching');
    clock.increment(1000);
    expect(await job.final()).toMatchObject({ data: { why: 'DEADLINE_PASSED' } });
    expect(aborted).toMatchObject([
      { code: 'DEADLINE_PASSED', message: expect.stringContaining('fetching') },
    ]);
  });

  it('is stopped with its job, and its work is told why', async () => {
    const aborted: unknown[] = [];
    const running = await stage.play(fetcher(['hang'], aborted));
    const job = await send();
    await running.reached('fetching');
    expect(running.send(job.correlationId, { type: 'cancel', reason: 'not today' })).toBe(true);
    expect(await job.final()).toMatchObject({ status: 'failed', data: { code: 'CANCELLED' } });
    expect(aborted).toMatchObject([{ code: 'CANCELLED' }]);
  });
});

const at = (state: object, more: object = {}) =>
  ({
    context: () => ({ a: 1 }),
    initial: 'a',
    states: { a: state, end: { completed: () => 1 } },
    ...more,
  }) as never;

describe('the work of a state', () => {
  const broken: readonly (readonly [string, never, RegExp])[] = [
    [
      'throws without `failed`',
      at({ run: () => Promise.reject(new RangeError('no')), done: { target: 'end' } }),
      /RangeError: no$/,
    ],
    [
      'returns no object',
      at({ run: () => 5, done: { target: 'end' } }),
      /state a returned a number, expected an object/,
    ],
    [
      'returns failed(…)',
      at({ run: () => failed(1), done: { target: 'end' } }),
      /lead to a state with `refused`/,
    ],
    [
      'has a guard that throws',
      at(
        { run: () => ({}), done: [{ guard: 'g', target: 'a' }, { target: 'end' }] },
        {
          guards: {
            g: () => {
              throw new Error('in g');
            },
          },
        },
      ),
      /in g/,
    ],
    [
      'ends in a result that throws',
      at(
        { run: () => ({}), done: { target: 'end' } },
        {
          states: {
            a: {
              completed: () => {
                throw new Error('in the end');
              },
            },
          },
        },
      ),
      /in the end/,
    ],
    [
      'begins in a context that throws',
      at(
        { completed: () => 1 },
        {
          context: () => {
            throw new Error('in context');
          },
          states: { a: { completed: () => 1 } },
        },
      ),
      /in context/,
    ],
    [
      'begins in a context that is none',
      at({ completed: () => 1 }, { context: () => 5, states: { a: { completed: () => 1 } } }),
      /`context` returned a number, expected a plain object/,
    ],
    [
      'begins in a promise',
      at({ completed: () => 1 }, { context: async () => ({}), states: { a: { completed: () => 1 } } }),
      /`context` returned a promise, expected a plain object/,
    ],
    [
      'begins in an instance of a class',
      at({ completed: () => 1 }, { context: () => new Date(), states: { a: { completed: () => 1 } } }),
      /`context` returned an instance of a class, expected a plain object/,
    ],
    [
      'ends in a promise',
      at({ completed: () => 1 }, { states: { a: { completed: async () => 1 } } }),
      /state a ends with a promise: do the work in a state with `run`/,
    ],
    [
      'waits for what is no time',
      at({ waitMs: () => Number.NaN, done: { target: 'end' } }),
      /`waitMs` of state a returned NaN, expected milliseconds/,
    ],
  ];
  it.each(broken)('that %s fails the job, and the lane goes on', async (_, machine, message) => {
    await stage.play(defineWorker({ name: 'odd', steps: { Odd: step({}).machine(machine) } }) as Worker);
    for (let n = 0; n < 2; n++) {
      const job = await stage.engine.send('odd:Odd');
      expect(await job.final()).toMatchObject({
        status: 'failed',
        data: { code: 'STEP_THREW', message: expect.stringMatching(message) },
      });
    }
  });
});

describe('a definition', () => {
  const end = { completed: () => 1 };
  const go = { run: () => ({}), done: { target: 'end' } };
  const whole = { context: () => ({}), initial: 'a', states: { a: go, end } };
  const defective: readonly (readonly [string, object, string])[] = [
    [
      'without a context',
      { ...whole, context: undefined },
      '`context` must be a function that returns an object',
    ],
    ['without states', { ...whole, states: {} }, '`states` must name at least one state'],
    ['with guards that are none', { ...whole, guards: 5 }, '`guards` must be an object of functions'],
    ['with a guard that is no function', { ...whole, guards: { g: 1 } }, 'guard g must be a function'],
    ['with a misspelt key', { ...whole, gaurds: {} }, 'a step machine has `gaurds`, did you mean "guards"?'],
    ['without an initial state', { ...whole, initial: undefined }, '`initial` must name a state'],
    [
      'with an unknown initial state',
      { ...whole, initial: 'edn' },
      '`initial` goes to "edn", did you mean "end"?',
    ],
    [
      'with an unknown target',
      { ...whole, states: { a: { ...go, done: { target: 'ends' } }, end } },
      'state a done goes to "ends", did you mean "end"?',
    ],
    [
      'with an unknown target of `failed`',
      { ...whole, states: { a: { ...go, failed: { target: 'x' } }, end } },
      'state a failed goes to "x", did you mean "a"?',
    ],
    [
      'with an unknown guard',
      { ...whole, states: { a: { ...go, done: [{ guard: 'g', target: 'a' }, { target: 'end' }] }, end } },
      'state a done names the guard "g", there are none',
    ],
    [
      'with a state whose name is an address',
      { ...whole, states: { a: { ...go, done: { target: 'b.c' } }, 'b.c': end } },
      'the name of state b.c must be without "." and not begin with "#"',
    ],
    ['with an unused guard', { ...whole, guards: { g: () => true } }, 'no way names the guard "g"'],
    [
      'with a state that nothing leads to',
      { ...whole, states: { a: go, end, b: go } },
      'no way leads to state b',
    ],
    [
      'with a state of no kind',
      { ...whole, states: { a: { done: { target: 'end' } }, end } },
      'state a must have one of `run`, `waitMs`, `completed`, `refused`',
    ],
    [
      'with a state of two kinds',
      { ...whole, states: { a: { ...go, waitMs: 5 }, end } },
      'state a has both `run` and `waitMs`: split it in two',
    ],
    [
      'with a misspelt key of a state',
      { ...whole, states: { a: { ...go, fialed: { target: 'end' } }, end } },
      'state a has `fialed`, did you mean "failed"?',
    ],
    [
      'with work that is no function',
      { ...whole, states: { a: { ...go, run: 'x' }, end } },
      '`run` of state a must be a function',
    ],
    [
      'with a wait that is no duration',
      { ...whole, states: { a: { waitMs: -1, done: { target: 'end' } }, end } },
      '`waitMs` of state a must be milliseconds',
    ],
    [
      'with a deadline that is no duration',
      { ...whole, states: { a: { ...go, failed: { target: 'end' }, deadlineMs: '5' }, end } },
      '`deadlineMs` of state a must be milliseconds',
    ],
    [
      'with a deadline that leads nowhere',
      { ...whole, states: { a: { ...go, deadlineMs: 5 }, end } },
      'state a has a deadline and no `failed`',
    ],
    [
      'with a state that leads nowhere',
      { ...whole, states: { a: { run: () => ({}) }, end } },
      'state a done must say where it leads',
    ],
    [
      'with a way that is none',
      { ...whole, states: { a: { ...go, done: 'end' }, end } },
      'state a done must be `{ target, guard? }`, or a list of them',
    ],
    [
      'with a misspelt key of a way',
      { ...whole, states: { a: { ...go, done: { target: 'end', gaurd: 'g' } }, end } },
      'state a done has `gaurd`, did you mean "guard"?',
    ],
    [
      'with guards that may all fail',
      {
        ...whole,
        guards: { g: () => true },
        states: { a: { ...go, done: { target: 'end', guard: 'g' } }, end },
      },
      'state a done leads nowhere when no guard holds',
    ],
    [
      'with a way that is never taken',
      { ...whole, states: { a: { ...go, done: [{ target: 'end' }, { target: 'a' }] }, end } },
      'state a done never gets beyond its way to end',
    ],
    [
      'with a description that is no text',
      { ...whole, states: { a: { ...go, description: 5 }, end } },
      'the description of state a must be text',
    ],
    [
      'that never ends',
      { ...whole, states: { a: { ...go, done: { target: 'a' } } } },
      'no state ends the step',
    ],
  ];
  it.each(defective)('%s is refused', (_, machine, message) => {
    const define = () => defineWorker({ name: 'odd', steps: { Odd: step({}).machine(machine as never) } });
    expect(define).toThrow(NeedfulError);
    expect(define).toThrow('step Odd of worker odd: ');
    expect(define).toThrow(message);
  });
});

// A step's `run` may be a function or any XState actor logic: each ends the job the same way, and can be ended.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromCallback, fromObservable, fromPromise, SimulatedClock, setup } from 'xstate';
import { z } from 'zod';
import { defineWorker } from '../../src/worker/define-worker.js';
import { failed, type StepContext, type Worker } from '../../src/worker/definition.js';
import { Stage } from './stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.end());

type Given = StepContext<{ a: number }, object>;
const parameters = z.object({ a: z.number() });
const machine = (output: (input: Given) => unknown) =>
  setup({ types: { input: {} as Given, context: {} as { input: Given } } }).createMachine({
    context: ({ input }) => ({ input }),
    initial: 'working',
    states: { working: { always: { target: 'done' } }, done: { type: 'final' } },
    output: ({ context }) => output(context.input),
  });
const throwing = setup({
  types: { input: {} as Given },
  actions: {
    throws: () => {
      throw new Error('in a machine');
    },
  },
}).createMachine({ initial: 'a', states: { a: { entry: 'throws' } } });

const worker = defineWorker({
  name: 'kinds',
  steps: {
    Async: { parameters, run: async ({ parameters: { a } }) => a + 1 },
    Sync: { parameters, run: ({ parameters: { a } }) => a + 1 },
    Thenable: { parameters, run: ({ parameters: { a } }) => Promise.resolve(a + 1).then((n) => n) },
    Promised: { parameters, run: fromPromise(async ({ input }: { input: Given }) => input.parameters.a + 1) },
    PromisedFailed: {
      parameters,
      run: fromPromise(async ({ input }: { input: Given }) => failed(input.parameters.a)),
    },
    PromisedThrew: {
      parameters,
      run: fromPromise(async ({ input }: { input: Given }) => {
        throw new RangeError(`not ${input.parameters.a}`);
      }),
    },
    Callback: {
      parameters,
      run: fromCallback<{ type: 'none' }, Given>(({ input, sendBack }) => {
        sendBack({ type: 'step.completed', data: input.parameters.a + 1 });
        sendBack({ type: 'step.completed', data: 'a second time' });
      }),
    },
    CallbackFailed: {
      parameters,
      run: fromCallback<{ type: 'none' }, Given>(({ input, sendBack }) => {
        sendBack({ type: 'step.failed', data: input.parameters.a });
      }),
    },
    CallbackThrew: {
      parameters,
      run: fromCallback<{ type: 'none' }, Given>(() => {
        throw new Error('at once');
      }),
    },
    Observable: {
      parameters,
      run: fromObservable(({ input }: { input: Given }) => ({
        subscribe(observer) {
          const { next, complete } = observer as { next(value: number): void; complete(): void };
          next.call(observer, input.parameters.a);
          complete.call(observer);
          return { unsubscribe: () => {} };
        },
      })),
    },
    Machine: { parameters, run: machine((input) => input.parameters.a + 1) },
    MachineFailed: { parameters, run: machine((input) => failed(input.parameters.a)) },
    MachineThrew: { parameters, run: throwing },
    Result: { parameters, result: z.string(), run: machine(() => 7) as never },
  },
}) as Worker;

const threw = (words: string) => ({
  status: 'failed',
  data: { code: 'STEP_THREW', message: `the step threw ${words}` },
});
const ends: readonly (readonly [step: string, final: object])[] = [
  ['Async', { status: 'completed', data: 2 }],
  ['Sync', { status: 'completed', data: 2 }],
  ['Thenable', { status: 'completed', data: 2 }],
  ['Promised', { status: 'completed', data: 2 }],
  ['PromisedFailed', { status: 'failed', data: 1 }],
  ['PromisedThrew', threw('RangeError: not 1')],
  ['Callback', { status: 'completed', data: 2 }],
  ['CallbackFailed', { status: 'failed', data: 1 }],
  ['CallbackThrew', threw('Error: at once')],
  ['Observable', { status: 'completed' }],
  ['Machine', { status: 'completed', data: 2 }],
  ['MachineFailed', { status: 'failed', data: 1 }],
  ['MachineThrew', threw('Error: in a machine')],
  ['Result', { status: 'failed', data: { code: 'RESULT_INVALID' } }],
];

describe('the needful', () => {
  it.each(ends)('as %s ends the job once, and the lane goes on', async (step, final) => {
    await stage.play(worker);
    for (let n = 0; n < 2; n++) {
      const job = await stage.engine.send(`kinds:${step}`, { parameters: { a: 1 } });
      expect(await job.final()).toMatchObject(final);
      expect(job.statuses).toEqual(['started', (final as { status: string }).status]);
    }
  });

  it('in actor logic is stopped at its deadline, and what it still says is not heard', async () => {
    const clock = new SimulatedClock();
    const seen: string[] = [];
    let late: (() => void) | undefined;
    const definition = defineWorker({
      name: 'slow',
      steps: {
        Callback: {
          deadlineMs: 50,
          run: fromCallback<{ type: 'none' }, StepContext<object, object>>(({ input, sendBack }) => {
            input.signal.addEventListener('abort', () =>
              seen.push((input.signal.reason as { code: string }).code),
            );
            late = () => sendBack({ type: 'step.completed', data: 'late' });
            return () => seen.push('cleaned up');
          }),
        },
      },
    }) as Worker;
    const running = await stage.play(definition, { clock });
    const job = await stage.engine.send('slow:Callback');
    await running.reached('doingTheNeedful');
    clock.increment(50);
    expect(await job.final()).toMatchObject({ data: { code: 'DEADLINE_PASSED' } });
    late?.();
    expect(seen).toEqual(['DEADLINE_PASSED', 'cleaned up']);
    expect(job.statuses).toEqual(['started', 'failed']);
  });
});

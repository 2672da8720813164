// What must and must not compile when a worker is written. Held by `npm run types`; nothing here runs.
import { createWorker, defineWorker, failed, numeric, type StepContext, step } from 'needful-worker';
import { createMemoryBroker } from 'needful-worker/memory';
import { expectTypeOf } from 'vitest';
import { fromCallback, fromPromise, setup } from 'xstate';
import { z } from 'zod';

const text = z.object({ a: z.string() });

const worker = defineWorker({
  name: 'shapes',
  parameters: z.object({ region: z.string() }),
  steps: {
    Bare: { run() {} },
    Typed: {
      parameters: text,
      dynamic: z.object({ token: z.string() }),
      result: z.number(),
      async run({
        parameters,
        dynamic,
        hosts,
        signal,
        output,
        notify,
        logger,
        group,
        subcommand,
        correlationId,
      }) {
        expectTypeOf(parameters).toEqualTypeOf<{ region: string; a: string }>();
        expectTypeOf(dynamic).toEqualTypeOf<{ token: string }>();
        expectTypeOf(hosts).toEqualTypeOf<readonly string[]>();
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
        expectTypeOf(group).toEqualTypeOf<string | null>();
        expectTypeOf(subcommand).toEqualTypeOf<string | null>();
        expectTypeOf(correlationId).toEqualTypeOf<string | null>();
        output.warn('line');
        notify('completed', { slug: 's', message: 'm' });
        logger.info({ a: 1 }, 'line');
        return dynamic.token === '' ? failed('no token') : 1;
      },
    },
    Union: {
      parameters: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('x'), x: z.number() }),
        z.object({ kind: z.literal('y'), y: z.string() }),
      ]),
      run: ({ parameters }) => (parameters.kind === 'x' ? parameters.x : parameters.y.length),
    },
    Numeric: {
      parameters: z.object({ n: numeric().pipe(z.number().min(0)) }),
      run({ parameters }) {
        expectTypeOf(parameters).toEqualTypeOf<{ region: string; n: number }>();
        return parameters.n;
      },
    },
    Promised: {
      parameters: text,
      run: fromPromise(
        async ({ input }: { input: StepContext<{ a: string }, object> }) => input.parameters.a,
      ),
    },
    Watched: step({ parameters: text }).run(
      fromCallback(({ input, sendBack }) => {
        expectTypeOf(input.parameters.a).toEqualTypeOf<string>();
        sendBack({ type: 'step.completed' });
      }),
    ),
    Stepped: step({ parameters: text, result: z.string() }).run(({ parameters }) => parameters.a),
    Machine: {
      parameters: text,
      run: setup({
        types: { input: {} as StepContext<{ a: string }, object>, output: {} as string },
      }).createMachine({
        initial: 'done',
        states: { done: { type: 'final' } },
        output: 'yes',
      }),
    },
    '*': { run: ({ job }) => job.parameters },
  },
});

createWorker(worker, { transport: createMemoryBroker().connect() });

defineWorker({
  name: 'wrong',
  steps: {
    // @ts-expect-error the result is not what `result` says
    Result: { result: z.number(), run: async () => 'text' },
  },
});
defineWorker({
  name: 'wrong',
  steps: {
    Parameter: {
      parameters: text,
      // @ts-expect-error no parameter of that name
      run: ({ parameters }) => parameters.b,
    },
  },
});
defineWorker({
  name: 'wrong',
  steps: {
    Dynamic: {
      // @ts-expect-error a dynamic value that is not declared
      run: ({ dynamic }) => dynamic.token,
    },
  },
});
defineWorker({
  name: 'wrong',
  steps: {
    // @ts-expect-error a misspelt key
    Misspelt: { parametres: text, run() {} },
  },
});
defineWorker({
  name: 'wrong',
  steps: {
    // @ts-expect-error no `run`
    Runless: { parameters: text },
  },
});
defineWorker({
  name: 'wrong',
  steps: {
    // @ts-expect-error parameters are an object
    Text: { parameters: z.string(), run() {} },
  },
});
defineWorker({
  name: 'wrong',
  steps: {
    Logic: {
      parameters: text,
      // @ts-expect-error the logic wants more than it is given
      run: fromPromise(
        async ({ input }: { input: StepContext<{ b: number }, object> }) => input.parameters.b,
      ),
    },
  },
});
// @ts-expect-error a worker needs a name
defineWorker({ steps: { Any: { run() {} } } });
// @ts-expect-error a transport is needed
createWorker(worker, {});
step({ parameters: text, result: z.string() })
  // @ts-expect-error the result is not what `result` says
  .run(() => 1);

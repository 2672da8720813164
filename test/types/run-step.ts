// What the types of `runStep` must and must not accept. Compiled, never run: an expected error that does not come is one.
import { expectTypeOf } from 'vitest';
import { z } from 'zod';
import { runStep, type StepOutcome } from '../../src/testing/run-step.js';
import { defineWorker, step } from '../../src/worker/define-worker.js';

const worker = defineWorker({
  name: 'sleep',
  parameters: z.object({ region: z.string().default('eu') }),
  steps: {
    Seconds: {
      parameters: z.object({ seconds: z.number() }),
      result: z.number(),
      run: ({ parameters }) => parameters.seconds,
    },
    Promote: { dynamic: z.object({ cart: z.string() }), run: () => 'done' },
    Machine: step({ parameters: z.object({ url: z.string() }), result: z.boolean() }).machine({
      context: () => ({}),
      initial: 'ended',
      states: { ended: { completed: () => true } },
    }),
    Bare: { run() {} },
  },
});
const anyStep = defineWorker({ name: 'noop', steps: { '*': { run() {} } } });

const run = runStep(worker, 'Seconds', {
  parameters: { seconds: 1, region: 'us' },
  hosts: ['a'],
  attempt: 2,
});
expectTypeOf(run).toEqualTypeOf<Promise<StepOutcome<number>>>();
expectTypeOf<Awaited<typeof run>['result']>().toEqualTypeOf<number | undefined>();
const machine = runStep(worker, 'Machine', { parameters: { url: 'http://a' } });
expectTypeOf<Awaited<typeof machine>['result']>().toEqualTypeOf<boolean | undefined>();
const bare = runStep(worker, 'Bare');
expectTypeOf<Awaited<typeof bare>['result']>().toEqualTypeOf<unknown>();
runStep(worker, 'Promote', { dynamic: { cart: 'bitmath' }, signal: AbortSignal.abort() });
runStep(anyStep, 'Whatever', { parameters: { a: 1 }, subcommand: 'Other' });

// @ts-expect-error no step of that name
runStep(worker, 'Second');
// @ts-expect-error an unknown parameter
runStep(worker, 'Seconds', { parameters: { second: 1 } });
// @ts-expect-error a parameter of another type
runStep(worker, 'Seconds', { parameters: { seconds: '1' } });
// @ts-expect-error a parameter of another step
runStep(worker, 'Machine', { parameters: { seconds: 1 } });
// @ts-expect-error no dynamic values
runStep(worker, 'Promote');
// @ts-expect-error a dynamic value of another type
runStep(worker, 'Promote', { dynamic: { cart: 1 } });
// @ts-expect-error a misspelt key
runStep(worker, 'Bare', { sginal: AbortSignal.abort() });
// @ts-expect-error nobody waits for a reply
runStep(worker, 'Bare', { onEvent() {} });

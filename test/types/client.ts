// What the types of `client.send` must and must not accept. Compiled, never run: an expected error that does not come is one.
import { expectTypeOf } from 'vitest';
import { z } from 'zod';
import type { Client, FinalReply, JobRun } from '../../src/client/client.js';
import { defineWorker } from '../../src/worker/define-worker.js';

declare const client: Client;

const worker = defineWorker({
  name: 'sleep',
  steps: {
    Seconds: {
      parameters: z.object({ seconds: z.number(), why: z.string().default('') }),
      result: z.number(),
      run: ({ parameters }) => parameters.seconds,
    },
    Promote: { dynamic: z.object({ cart: z.string() }), run: () => 'done' },
    Bare: { run() {} },
  },
});
const common = defineWorker({
  name: 'common',
  parameters: z.object({ url: z.string() }),
  steps: { Get: { parameters: z.object({ code: z.number() }), run() {} }, Any: { run() {} } },
});
const anyStep = defineWorker({ name: 'noop', steps: { '*': { run() {} } } });

// Accepted.
const run = client.send(worker, { step: 'Seconds', parameters: { seconds: 1 }, hosts: ['a'], deadlineMs: 5 });
expectTypeOf(run).toEqualTypeOf<JobRun<number>>();
expectTypeOf<Awaited<typeof run.result>>().toEqualTypeOf<FinalReply<number>>();
client.send(worker, { step: 'Promote', dynamic: { cart: 'bitmath' }, correlationId: 'c' });
client.send(worker, { step: 'Bare', parameters: { anything: 1 }, dynamic: { at: 'all' } });
client.send(worker, { step: 'Bare' });
client.send(common, { step: 'Get', parameters: { url: 'http://a', code: 200 } });
client.send(common, { step: 'Any', parameters: { url: 'http://a' } });
client.send(anyStep, { step: 'Whatever', parameters: { a: 1 } });
client.send({ step: 'other:Thing', parameters: { a: 1 } });

// @ts-expect-error no step of that name
client.send(worker, { step: 'Second' });
// @ts-expect-error an unknown parameter
client.send(worker, { step: 'Seconds', parameters: { second: 1 } });
// @ts-expect-error a parameter of another type
client.send(worker, { step: 'Seconds', parameters: { seconds: '1' } });
// @ts-expect-error a parameter of another step
client.send(common, { step: 'Any', parameters: { code: 200 } });
// @ts-expect-error a common parameter of another type
client.send(common, { step: 'Get', parameters: { url: 1 } });
// @ts-expect-error no dynamic values
client.send(worker, { step: 'Promote' });
// @ts-expect-error a dynamic value of another type
client.send(worker, { step: 'Promote', dynamic: { cart: 1 } });
// @ts-expect-error a misspelt key
client.send(worker, { step: 'Bare', deadline: 5 });
// @ts-expect-error hosts are a list
client.send({ step: 'other:Thing', hosts: 'a' });

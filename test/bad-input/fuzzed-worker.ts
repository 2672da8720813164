// The worker that fuzzers send to: schemas of many kinds, and steps that hand on what they were given.
import { z } from 'zod';
import type { Acknowledge } from '../../machines/index.js';
import { defineWorker, failed, numeric, type Worker } from '../../src/index.js';

const shapes = z.strictObject({
  command: z.string().optional(),
  subcommand: z.string(),
  list: z.array(z.union([z.number(), z.object({ a: z.string() }), z.tuple([z.boolean(), z.url()])])),
  map: z.record(z.string().regex(/^[a-z]+$/), z.number()),
  kind: z.discriminatedUnion('is', [
    z.object({ is: z.literal('a'), one: z.enum(['x', 'y']) }),
    z.object({ is: z.literal('b'), two: z.int().multipleOf(5) }),
  ]),
});

export interface Setting {
  readonly acknowledge: Acknowledge;
  /** Whether it takes steps of any name. */
  readonly anyStep: boolean;
}

export function fuzzedWorker(name: string, { acknowledge, anyStep }: Setting): Worker {
  const any = { '*': { run: ({ subcommand }: { subcommand: string | null }) => subcommand } };
  return defineWorker({
    name,
    acknowledge,
    steps: {
      ...((anyStep ? any : {}) as typeof any),
      Seconds: {
        parameters: z.object({ seconds: numeric().pipe(z.number().min(0)) }),
        run: ({ parameters }) => parameters.seconds,
      },
      Shapes: { parameters: shapes, run: ({ parameters }) => parameters },
      Echo: { run: ({ job }) => job.body },
      Fail: { run: ({ job }) => failed(Object.assign({}, job.parameters)) },
      Cart: { dynamic: z.object({ cart: z.string() }), run: ({ dynamic }) => dynamic.cart },
      OnHosts: { hosts: 'required', run: ({ hosts }) => hosts },
      Tell: {
        run({ job, group, output, notify }) {
          const message = `${group}\n${JSON.stringify(job.dynamic)}`;
          output.info(message);
          for (const phase of Object.keys(job.notify)) notify(phase, { slug: message, message });
        },
      },
      Throw: {
        run({ job }) {
          throw new Error(JSON.stringify(job.parameters));
        },
      },
    },
  }) as Worker;
}

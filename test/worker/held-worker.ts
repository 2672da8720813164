// A worker for tests of policies: its step lasts until the test ends it.
import { z } from 'zod';
import type { JobPolicy } from '../../machines/index.js';
import { defineWorker } from '../../src/worker/define-worker.js';
import type { Retry, StepContext, Worker } from '../../src/worker/definition.js';
import { Trace } from '../adapters/bus.js';

export interface Held {
  readonly context: StepContext<{ n?: number | undefined }, object>;
  end(data?: unknown): void;
  fail(error: unknown): void;
}

/** Its step `Hold` takes a number `n`, or none. */
export function heldWorker(
  policy: JobPolicy & { readonly redelivered?: 'fail'; readonly retry?: Retry } = {},
) {
  const begun = new Trace<Held>();
  const definition = defineWorker({
    name: 'held',
    ...(policy as JobPolicy<'received'>),
    steps: {
      Hold: {
        parameters: z.object({ n: z.number().optional() }),
        run: (context) =>
          new Promise<unknown>((end, fail) => {
            begun.add({ context, end, fail });
          }),
      },
    },
  }) as Worker;
  const step = async (count = 1) => {
    const found = (await begun.first(count)).at(-1);
    if (found === undefined) throw new Error('no step began');
    return found;
  };
  return { definition, begun, step };
}
/** Parameters that the step refuses. */
export const bad = { parameters: { n: 'many' } };

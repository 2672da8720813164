// The generated tests of a few workers, up to the first that fails: run in a copy of the source that has a bug in it.

import { z } from 'zod';
import { checksOf } from '../../src/testing/checks.js';
import { defineWorker } from '../../src/worker/define-worker.js';
import type { Worker } from '../../src/worker/definition.js';

export interface Kill {
  /** Of the check that failed. */
  readonly path: string;
  /** `states`: the model; `bus`: the protocol and the books; `time`, `process`: it does not end, or breaks. */
  readonly judge: string;
  readonly broken: string;
}

const policies = [
  { acknowledge: 'received' },
  { acknowledge: 'settled' },
  { acknowledge: 'verified' },
  { acknowledge: 'settled', deliveryLost: 'finish' },
  { acknowledge: 'received', unknownReply: 'giveUp' },
  { acknowledge: 'settled', redelivered: 'fail' },
] as const;

const workers = policies.map(
  (policy) =>
    defineWorker({
      name: 'panel',
      ...policy,
      retry: { attempts: 2 },
      steps: { Do: { parameters: z.object({ n: z.number() }), run: () => null } },
    }) as unknown as Worker,
);

async function firstKill(): Promise<Kill | null> {
  for (const group of ['paths', 'faults', 'jobs', 'walks'] as const) {
    for (const worker of workers) {
      for (const check of checksOf(worker, { walks: 40 }).all) {
        if (check.group !== group) continue;
        const [first] = await check.run();
        if (first === undefined) continue;
        const [, judge = 'walk', broken = first] = /^(states|bus): (.*)/s.exec(first) ?? [];
        return { path: `${group}: ${check.name}`.slice(0, 300), judge, broken: broken.slice(0, 300) };
      }
    }
  }
  return null;
}

Error.stackTraceLimit = 0;
console.log(JSON.stringify(await firstKill()));

// The generated tests of a few workers, up to the first that fails: run in a copy of the source that has a bug in it.

import { z } from 'zod';
import { checksOf } from '../../src/testing/checks.js';
import { defineWorker } from '../../src/worker/define-worker.js';
import type { Worker } from '../../src/worker/definition.js';

export interface Kill {
  /** Of the check that failed. */
  readonly path: string;
  /** `definition`: the check of the flow; `states`: the model; `bus`: the protocol and the books; `walk`: the simulator's; `time`: it does not end; `process`: it throws. */
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

const define = (policy: (typeof policies)[number]) =>
  defineWorker({
    name: 'panel',
    ...policy,
    retry: { attempts: 2 },
    steps: { Do: { parameters: z.object({ n: z.number() }), run: () => null } },
  }) as unknown as Worker;

async function firstKill(): Promise<Kill | null> {
  const all = policies.flatMap((policy) => checksOf(define(policy), { walks: 40 }).all);
  for (const group of ['paths', 'faults', 'jobs', 'walks'] as const) {
    for (const check of all.filter((each) => each.group === group)) {
      const [first] = await check.run().catch((error: unknown) => [`process: ${error}`]);
      if (first === undefined) continue;
      const [, judge = 'walk', broken = first] = /^(states|bus|process): (.*)/s.exec(first) ?? [];
      return { path: `${group}: ${check.name}`.slice(0, 300), judge, broken: broken.slice(0, 300) };
    }
  }
  return null;
}

const refused = (error: unknown): Kill => ({
  path: 'none: it cannot be defined',
  judge: 'definition',
  broken: String(error),
});

Error.stackTraceLimit = 0;
console.log(JSON.stringify(await firstKill().catch(refused)));

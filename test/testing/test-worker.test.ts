// The ready-made workers, each by the one line that a user would write.
import { test } from 'vitest';
import { z } from 'zod';
import { testWorker } from '../../src/testing/index.js';
import { defineWorker } from '../../src/worker/define-worker.js';
import noop from '../../workers/noop.js';
import sleep from '../../workers/sleep.js';

testWorker(noop, { test, walks: 5 });
testWorker(sleep, { test, faults: [], walks: 5 });

// What a policy foresees is no broken promise: a job that may be refused because it came again, a reply that is given up.
for (const policy of [
  { acknowledge: 'settled', redelivered: 'fail' },
  { acknowledge: 'received', unknownReply: 'giveUp' },
] as const) {
  const name = policy.acknowledge === 'settled' ? 'refusing' : 'giving-up';
  const steps = { Do: { parameters: z.object({ n: z.number() }), run: () => null } };
  testWorker(defineWorker({ name, ...policy, retry: { attempts: 2 }, steps }), { test, walks: 10 });
}

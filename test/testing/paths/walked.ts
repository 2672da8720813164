// A worker of each policy, with jobs that are good for it and such that are not.
import { z } from 'zod';
import { defineWorker } from '../../../src/worker/define-worker.js';
import type { Worker } from '../../../src/worker/definition.js';

export const policies = [
  { acknowledge: 'received' },
  { acknowledge: 'received', unknownReply: 'giveUp' },
  { acknowledge: 'verified' },
  { acknowledge: 'verified', unknownReply: 'giveUp' },
  { acknowledge: 'settled' },
  { acknowledge: 'settled', unknownReply: 'giveUp' },
  { acknowledge: 'settled', deliveryLost: 'finish' },
] as const;

export const walked = (policy: (typeof policies)[number]): Worker =>
  defineWorker({
    name: 'walked',
    ...policy,
    retry: { attempts: 2 },
    steps: { Do: { parameters: z.object({ n: z.number() }), run: () => 'never run' } },
  }) as unknown as Worker;

export const jobs = {
  valid: { step: 'Do', parameters: { n: 1 } },
  invalid: { step: 'Do', parameters: { n: 'one' } },
} as const;

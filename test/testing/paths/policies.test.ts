// The job flow in each of its drawings: every way of it is on a path, and the real worker walks every path.
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checkPath } from '../../../src/testing/paths/check-path.js';
import { createSubject } from '../../../src/testing/paths/subject.js';
import { defineWorker } from '../../../src/worker/define-worker.js';
import type { Worker } from '../../../src/worker/definition.js';

const policies = [
  { acknowledge: 'received' },
  { acknowledge: 'received', unknownReply: 'giveUp' },
  { acknowledge: 'verified' },
  { acknowledge: 'verified', unknownReply: 'giveUp' },
  { acknowledge: 'settled' },
  { acknowledge: 'settled', unknownReply: 'giveUp' },
  { acknowledge: 'settled', deliveryLost: 'finish' },
] as const;

const workerOf = (policy: (typeof policies)[number]) =>
  defineWorker({
    name: 'walked',
    ...policy,
    retry: { attempts: 2 },
    steps: { Do: { parameters: z.object({ n: z.number() }), run: () => 'never run' } },
  }) as unknown as Worker;

describe.each(policies)('%o', (policy) => {
  const subject = createSubject(workerOf(policy), {
    valid: { step: 'Do', parameters: { n: 1 } },
    invalid: { step: 'Do', parameters: { n: 'one' } },
  });

  test('its policy is read from its flow', () => {
    expect(subject).toMatchObject(policy.acknowledge ? { acknowledge: policy.acknowledge } : {});
    expect(subject.unknownReply).toBe('unknownReply' in policy ? policy.unknownReply : 'resend');
  });

  test('the worker walks every path as the model does, and the bus agrees', async () => {
    expect(subject.paths.length).toBeGreaterThan(25);
    for (const path of subject.paths) {
      const { broken, moves } = await checkPath(path, subject);
      expect(broken, path.steps.map(({ stimulus }) => stimulus.name).join('; ')).toEqual([]);
      expect(moves.length).toBeGreaterThan(0);
    }
  });
});

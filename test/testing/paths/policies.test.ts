// The job flow in each of its drawings: every way of it is on a path, and the real worker walks every path.
import { describe, expect, test } from 'vitest';
import { checkPath } from '../../../src/testing/paths/check-path.js';
import { createSubject } from '../../../src/testing/paths/subject.js';
import { jobs, policies, walked } from './walked.js';

describe.each(policies)('%o', (policy) => {
  const subject = createSubject(walked(policy), jobs);

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

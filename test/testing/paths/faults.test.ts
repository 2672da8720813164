// The product of states and faults: whatever befalls a lane in whatever state, it ends where the flow says, the promises of
// the policy hold, and a worker does the next job.
import { describe, expect, test } from 'vitest';
import { checkFault, faultCases, faultNames } from '../../../src/testing/paths/faults.js';
import { createSubject } from '../../../src/testing/paths/subject.js';
import { jobs, policies, walked } from './walked.js';

describe.each(policies)('%o', (policy) => {
  const subject = createSubject(walked(policy), jobs);
  const cases = faultCases(subject.paths);

  test.each(faultNames)('%s in every state', async (fault) => {
    const states = new Map<string, boolean>();
    for (const one of cases.filter((each) => each.fault === fault)) {
      const { happened, broken } = await checkFault(one, subject);
      expect(broken, `${fault} in ${one.state}`).toEqual([]);
      states.set(one.state, happened);
    }
    expect([...states.values()].some(Boolean)).toBe(true);
  });
});

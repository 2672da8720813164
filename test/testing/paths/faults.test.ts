// The product of states and faults: whatever befalls a lane in whatever state, it ends where the flow says, the promises of
// the policy hold, and a worker does the next job.
import { describe, expect, test } from 'vitest';
import { checkFault, faultCases, faultNames } from '../../../src/testing/paths/faults.js';
import { createSubject } from '../../../src/testing/paths/subject.js';
import { jobs, policies, walked } from './walked.js';

describe.each(policies)('%o', (policy) => {
  const subject = createSubject(walked(policy), jobs);
  const cases = faultCases(subject);

  test.each(faultNames)('%s in every state', async (fault) => {
    const befallen = cases.filter((each) => each.fault === fault);
    expect(befallen).not.toEqual([]);
    for (const one of befallen) {
      const { broken } = await checkFault(one, subject);
      expect(broken, `${fault} in ${one.state}`).toEqual([]);
    }
  });

  test('every fault is met in the state in which it says most', () => {
    const met = new Set(cases.map(({ state, fault }) => `${fault} in ${state}`));
    for (const state of ['verified', 'doingTheNeedful', 'completed', 'deadLettering'])
      for (const fault of ['connectionLost', 'jobsChannelClosed', 'workerKilled', 'brokerRestarted'])
        expect(met).toContain(`${fault} in ${state}`);
    expect(met).toContain('cancelled in doingTheNeedful');
    expect(met).toContain('confirmLost in completed');
    expect(met).toContain('deadlinePassed in retrying');
    expect(met).toContain('consumerCancelled in listening');
  });
});

// The suite that holds every adapter to the port, sentence by sentence. An adapter's own test gives it a harness.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bus, type Cases } from './bus.js';
import { channelCases } from './cases/channels.js';
import { consumingCases } from './cases/consuming.js';
import { faultCases } from './cases/faults.js';
import { messageCases } from './cases/messages.js';
import { openingCases } from './cases/opening.js';
import { receiptCases } from './cases/receipts.js';
import { settlingCases } from './cases/settling.js';
import { topologyCases } from './cases/topology.js';
import { workerCases } from './cases/workers.js';
import type { ConformanceHarness } from './harness.js';

export type { ConformanceHarness, QueueCounts } from './harness.js';

const groups: Readonly<Record<string, Cases>> = {
  opening: openingCases,
  topology: topologyCases,
  consuming: consumingCases,
  settling: settlingCases,
  messages: messageCases,
  receipts: receiptCases,
  channels: channelCases,
  faults: faultCases,
  workers: workerCases,
};

/** Names of all cases: `[group] sentence`. */
export const caseNames: readonly string[] = Object.entries(groups).flatMap(([group, cases]) =>
  Object.keys(cases).map((sentence) => `[${group}] ${sentence}`),
);

/** Registers every case as a test. `createHarness` is called once; its broker serves all cases. */
export function conformance(name: string, createHarness: () => Promise<ConformanceHarness>): void {
  describe(`${name} keeps the port's promises`, () => {
    let harness: ConformanceHarness;
    beforeAll(async () => {
      harness = await createHarness();
    });
    afterAll(() => harness?.stop());

    test('skips at most five cases, each by its name and with a reason', () => {
      const skipped = Object.entries(harness.skipped ?? {});
      expect(skipped.length).toBeLessThanOrEqual(5);
      for (const [skippedName, reason] of skipped) {
        expect(caseNames).toContain(skippedName);
        expect(reason).not.toBe('');
      }
    });

    for (const [group, cases] of Object.entries(groups)) {
      for (const [sentence, run] of Object.entries(cases)) {
        const caseName = `[${group}] ${sentence}`;
        test(caseName, async (context) => {
          const reason = harness.skipped?.[caseName];
          if (reason !== undefined) context.skip(reason);
          const bus = new Bus(harness);
          try {
            await run(bus);
          } finally {
            await bus.end();
          }
        });
      }
    }
  });
}

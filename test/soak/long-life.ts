// What a worker that lived through a whole soak may hold more at its end than at its beginning: nothing but a little heap.
import type { YardMeasure } from './yard.js';

const slackBytes = 8 * 2 ** 20;
/** Two timers are left to run out when what they were for is over: of deadlines, and of deliveries that are kept for long. */
const slackTimers = 2;

/** One sentence for each difference. */
export function differences(before: YardMeasure, after: YardMeasure): readonly string[] {
  const found: string[] = [];
  const compare = (what: string, one: unknown, other: unknown) => {
    const [then, now] = [JSON.stringify(one), JSON.stringify(other)];
    if (then !== now) found.push(`${what}: ${then} at the start, ${now} at the end`);
  };
  for (const [policy, { heapBytes, resources }] of Object.entries(before.workers)) {
    const later = after.workers[policy];
    if (later === undefined) continue;
    if (later.heapBytes > heapBytes + slackBytes)
      found.push(`the heap of ${policy} grew from ${heapBytes} to ${later.heapBytes} bytes`);
    for (const [kind, count] of sorted(later.resources)) {
      const then = resources[kind] ?? 0;
      if (count > then + (kind === 'Timeout' ? slackTimers : 0))
        found.push(`the worker ${policy} has ${count} ${kind}, ${then} at the start`);
    }
  }
  compare('consumers', sorted(before.consumers), sorted(after.consumers));
  compare('channels', sorted(before.channels), sorted(after.channels));
  return found;
}

const sorted = (record: Readonly<Record<string, number>>) =>
  Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1));

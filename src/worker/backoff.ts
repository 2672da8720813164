// How long to wait before the next attempt to reach a broker: full jitter, so that many workers do not come back at once.

const baseMs = 250;
const capMs = 30_000;

/** Milliseconds; `attempt` counts from 1, `random` is 0 <= x < 1. */
export function backoffMs(attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 16)));
}

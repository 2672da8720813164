// One deadline per lane in a slot of an array, and one timer for all: arming writes a number, nothing is allocated per
// job, and a lane that moved on has overwritten its slot, so no stale deadline can reach it.
import { type Clock, longestTimerMs } from '../clock.js';

export interface Deadlines {
  /** Replaces the slot's deadline by one `ms` from now; Infinity: none. */
  arm(slot: number, ms: number): void;
  stop(): void;
}

export function createDeadlines(
  clock: Clock,
  options: { readonly slotCount: number; readonly onPassed: (slot: number) => void },
): Deadlines {
  const slots = new Float64Array(options.slotCount).fill(Number.POSITIVE_INFINITY);
  let timer: unknown;
  let timerAt = Number.POSITIVE_INFINITY;

  const wakeAt = (at: number, now: number) => {
    clock.clearTimeout(timer);
    timerAt = at;
    timer = at === Number.POSITIVE_INFINITY ? undefined : clock.setTimeout(sweep, delay(at - now));
  };
  const sweep = () => {
    const now = clock.now();
    timerAt = Number.POSITIVE_INFINITY;
    for (let slot = 0; slot < slots.length; slot++) {
      if ((slots[slot] ?? 0) > now) continue;
      slots[slot] = Number.POSITIVE_INFINITY;
      options.onPassed(slot);
    }
    const next = slots.reduce((a, b) => Math.min(a, b), timerAt);
    if (next < timerAt) wakeAt(next, now);
  };

  return {
    arm(slot, ms) {
      const now = ms === Number.POSITIVE_INFINITY ? 0 : clock.now();
      const at = now + ms;
      slots[slot] = at;
      if (at < timerAt) wakeAt(at, now);
    },
    stop() {
      slots.fill(Number.POSITIVE_INFINITY);
      wakeAt(Number.POSITIVE_INFINITY, 0);
    },
  };
}

/** Timers count whole milliseconds and may fire a fraction early. */
const delay = (ms: number) => Math.min(Math.max(Math.ceil(ms), 0), longestTimerMs);

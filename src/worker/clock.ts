// The clock of the process, monotonic: a jump of the system's time neither fires nor delays a deadline.
import type { Clock } from './running-worker.js';

/** Longest delay that Node's timers know, in milliseconds; a longer one would fire at once. */
export const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimeout: (fn, timeoutMs) => setTimeout(fn, Math.min(timeoutMs, longestTimerMs)),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
};

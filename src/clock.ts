// Time in hand: what every runtime takes as its clock, and the one of the process.

/** XState's Clock plus `now`, so that its SimulatedClock fits as it is. */
export interface Clock {
  /** Milliseconds; since 1970 in the default clock. Never goes back. */
  now(): number;
  setTimeout(fn: (...args: unknown[]) => void, timeoutMs: number): unknown;
  clearTimeout(id: unknown): void;
}

/** Longest delay that Node's timers know, in milliseconds; a longer one would fire at once. */
export const longestTimerMs = 2 ** 31 - 1;

/** Monotonic: a jump of the system's time neither fires nor delays a deadline. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimeout: (fn, timeoutMs) => setTimeout(fn, Math.min(timeoutMs, longestTimerMs)),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
};

/** Arms a timer; Infinity arms none. Returns the function that disarms it. */
export function arm(clock: Clock, timer: { readonly ms: number; readonly fire: () => void }): () => void {
  if (timer.ms === Number.POSITIVE_INFINITY) return () => {};
  const id = clock.setTimeout(timer.fire, Math.min(timer.ms, longestTimerMs));
  return () => clock.clearTimeout(id);
}

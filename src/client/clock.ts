// The client's default clock and the ids it makes from a clock and a source of chance.
import type { ClientClock } from './client.js';

/** Wall time that never goes back. */
export const systemClock: ClientClock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimeout: (fn, timeoutMs) => setTimeout(fn, timeoutMs),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
};

// Node fires a longer timer at once.
const longestTimerMs = 2_147_483_647;

/** Arms a timer; Infinity arms none. Returns the function that disarms it. */
export function arm(
  clock: ClientClock,
  timer: { readonly ms: number; readonly fire: () => void },
): () => void {
  if (timer.ms === Number.POSITIVE_INFINITY) return () => {};
  const id = clock.setTimeout(timer.fire, Math.min(timer.ms, longestTimerMs));
  return () => clock.clearTimeout(id);
}

/** 24 hex digits, as the original engine's: 8 of the second, 16 of chance. */
export function newCorrelationId(clock: ClientClock, random: () => number): string {
  const seconds = Math.floor(clock.now() / 1000) % 0x1_0000_0000;
  let id = seconds.toString(16).padStart(8, '0');
  while (id.length < 24) id += Math.floor(random() * 16).toString(16);
  return id;
}

// The name of a job or release, made from a clock and a source of chance.
import type { Clock } from '../clock.js';

/** 24 hex digits, as the original engine's: 8 of the second, 16 of chance. */
export function newCorrelationId(clock: Clock, random: () => number): string {
  const seconds = Math.floor(clock.now() / 1000) % 0x1_0000_0000;
  let id = seconds.toString(16).padStart(8, '0');
  while (id.length < 24) id += Math.floor(random() * 16).toString(16);
  return id;
}

// How long to wait before the next attempt: full jitter, so that many who failed together do not come back together.

export interface Backoff {
  /** Bound of the first pause, in milliseconds; it doubles with every further one. */
  readonly baseMs: number;
  /** Longest pause, in milliseconds. */
  readonly capMs: number;
}

/** To reach a broker. */
export const reconnecting: Backoff = { baseMs: 500, capMs: 30_000 };

/** Milliseconds; `count` of attempts that failed before the last one, `random` is 0 <= x < 1. */
export function backoffMs(count: number, random: () => number, { baseMs, capMs }: Backoff): number {
  return Math.round(random() * Math.min(capMs, baseMs * 2 ** Math.min(count, 16)));
}

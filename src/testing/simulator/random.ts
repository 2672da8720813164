// Numbers that a seed fixes, on every machine and in every version of Node.

/** 0 <= x < 1. */
export type Random = () => number;

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from 0 on, below `count`. */
export const below = (random: Random, count: number): number => Math.floor(random() * count);

/** One of them, each as often as its weight says. */
export function choose<K extends string>(random: Random, weights: Readonly<Record<K, number>>): K {
  const entries = Object.entries(weights) as [K, number][];
  let left = random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  let chosen: K | undefined;
  for (const [key, weight] of entries) {
    if (weight <= 0) continue;
    chosen = key;
    left -= weight;
    if (left < 0) break;
  }
  if (chosen === undefined) throw new Error('nothing to choose from');
  return chosen;
}

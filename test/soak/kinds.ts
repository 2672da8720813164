// What the jobs of a soak ask for, and what may be answered. A seed and a number give a job's kind, so that publisher, worker
// and books agree without talking.
import { choose, createRandom } from '../../src/testing/simulator/random.js';

export const policies = ['received', 'verified', 'settled'] as const;
export type Policy = (typeof policies)[number];

const weights = {
  /** Done at once. */
  plain: 60,
  /** Takes a while. */
  slow: 15,
  /** Throws. */
  failing: 8,
  /** Throws at its first attempt. */
  retried: 7,
  /** Its parameters are wrong. */
  invalid: 6,
  /** Its reply queue does not exist. */
  gone: 4,
} as const;

export type Kind = keyof typeof weights;

export interface Job {
  readonly n: number;
  readonly kind: Kind;
  /** How long a slow one takes. */
  readonly ms: number;
}

export function jobOf(seed: number, n: number): Job {
  const random = createRandom(seed * 1_000_003 + n);
  const kind = choose(random, weights);
  return { n, kind, ms: kind === 'slow' ? Math.floor(20 + random() * 180) : 0 };
}

export const queueOf = (policy: Policy) => `soak-${policy}`;
export const repliesOf = (policy: Policy) => `soak.replies.${policy}`;
export const lettersOf = (policy: Policy) => `soak.letters.${policy}`;
export const nowhere = 'soak.nowhere';

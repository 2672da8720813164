// Looks for each mutant by simulation: how many seeds it takes until a promise is seen to be broken.
import type { Mutant } from '../../test/mutants/mutants.js';
import { sendHunters } from './hunters.js';

export interface Found {
  readonly name: string;
  /** Seeds until it was found; null: it was not. */
  readonly seedCount: number | null;
  /** What was broken, the first of it. */
  readonly broken: string | null;
}

/** `hunterCount` at a time; `onFound` hears of each. */
export async function hunt(options: {
  readonly mutants: readonly Mutant[];
  readonly seedCount: number;
  readonly hunterCount: number;
  readonly onFound: (found: Found) => void;
}): Promise<readonly Found[]> {
  const { mutants, seedCount, hunterCount, onFound } = options;
  const all: Found[] = [];
  await sendHunters(
    { mutants, count: hunterCount, script: 'scripts/mutants/look.js', args: [String(seedCount)] },
    (index, said) => {
      const name = mutants[index]?.name ?? '';
      const seen = said.endless
        ? { seedCount, broken: 'it does not end' }
        : (said.json as Omit<Found, 'name'>);
      all[index] = { name, ...seen };
      onFound({ name, ...seen });
    },
  );
  return all;
}

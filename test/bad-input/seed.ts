// How often fuzzers run, and from which seed. In the short run it is always the same, so that a commit is judged by what it
// changed; the long one draws its own and prints it. NEEDFUL_FUZZ_SEED replays either; fast-check prints the way to what it
// shrank a failure to.
import type fc from 'fast-check';

const given = process.env.NEEDFUL_FUZZ_SEED;

export function seeded(numRuns: number): fc.Parameters<unknown> {
  return {
    numRuns,
    seed: given === undefined ? 20_26 : Number(given),
    endOnFailure: process.env.CI === 'true',
  };
}

export function drawn(numRuns: number): fc.Parameters<unknown> {
  const seed = given === undefined ? Date.now() & 0x7fffffff : Number(given);
  console.log(`to replay: NEEDFUL_FUZZ_SEED=${seed}`);
  return { numRuns, seed };
}

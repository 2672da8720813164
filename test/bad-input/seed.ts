// How often fuzzers run, and from which seed. In the short run it is always the same, so that a commit is judged by what it
// changed; the long one draws its own and prints it. NEEDFUL_FUZZ_SEED replays either; fast-check prints what it shrank a
// failure to, and the way there.
import type fc from 'fast-check';

const given = process.env.NEEDFUL_FUZZ_SEED;
/** Longest of one run, which else would wait for ever for a worker that hangs; and of all, shrinking included. */
const limits = { timeout: 10_000, markInterruptAsFailure: true };
export const longestMs = 60_000;

export function seeded(numRuns: number): fc.Parameters<unknown> {
  const seed = given === undefined ? 2026 : Number(given);
  return { ...limits, interruptAfterTimeLimit: longestMs - 15_000, numRuns, seed };
}

export function drawn(numRuns: number): fc.Parameters<unknown> {
  const seed = given === undefined ? Date.now() & 0x7fffffff : Number(given);
  console.log(`to replay: NEEDFUL_FUZZ_SEED=${seed}`);
  return { ...limits, numRuns, seed };
}

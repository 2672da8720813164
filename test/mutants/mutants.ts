// Bugs that somebody could have written: each a small change of the source, and what it strikes. Simulation and generated
// tests must find every one of them.
import { flowMutants } from './flow.js';
import { laneMutants } from './lane.js';
import { lifeMutants } from './life.js';
import type { Mutant } from './mutant.js';

export type { Mutant } from './mutant.js';

export const mutants: readonly Mutant[] = [...laneMutants, ...lifeMutants, ...flowMutants];

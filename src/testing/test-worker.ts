// One line that makes a test of every check: for vitest, for node:test, for anything that registers tests by name and
// function.
import type { Worker } from '../worker/definition.js';
import { type ChecksOptions, checksOf, subjectFor } from './checks.js';
import type { Plan } from './simulator/plan.js';
import { runWalk } from './walks.js';

/** `test` of vitest, of node:test, or what else takes a name and a function. */
export type RegisterTest = (name: string, fn: () => Promise<void>) => unknown;

export interface TestWorkerOptions extends ChecksOptions {
  readonly test: RegisterTest;
}

/**
 * Registers a test for every path of the worker's flow, every fault in every state, the jobs of every step's schemas, and
 * random walks. Its steps are not run: each begins, and ends as the test says. Throws EXAMPLE_NEEDED where a schema's values
 * cannot be guessed, NO_VALID_JOB where there are none.
 */
export function testWorker(worker: Worker<string>, { test, ...options }: TestWorkerOptions): void {
  const { all, defects } = checksOf(worker as Worker, options);
  for (const { group, name, run } of all) {
    test(`${worker.name} ${group}: ${name}`, async () => {
      const broken = await run();
      if (broken.length > 0) throw new Error(`${broken.join('\n')}`);
    });
  }
  for (const { message } of defects) {
    test(`${worker.name} jobs: its schemas refuse something`, async () => {
      throw new Error(message);
    });
  }
}

/** Runs a walk again that failed, as its failure prints it. Throws what it breaks. */
export async function replayWalk(
  worker: Worker<string>,
  plan: Plan,
  options: ChecksOptions = {},
): Promise<void> {
  const { broken } = await runWalk(subjectFor(worker as Worker, options), plan);
  if (broken.length > 0) throw new Error(broken.join('\n'));
}

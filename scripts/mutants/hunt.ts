// Looks for each mutant by simulation: how many seeds it takes until a promise is seen to be broken.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Mutant } from '../../test/mutants/mutants.js';
import { createGrounds } from './grounds.js';
import { createTree } from './tree.js';

export interface Found {
  readonly name: string;
  /** Seeds until it was found; null: it was not. */
  readonly seedCount: number | null;
  /** What was broken, the first of it. */
  readonly broken: string | null;
}

/** Longest time for one mutant, in milliseconds: one that keeps a process busy for ever is found as well. */
const patienceMs = 300_000;

/** `hunterCount` at a time; `onFound` hears of each. */
export async function hunt(options: {
  readonly mutants: readonly Mutant[];
  readonly seedCount: number;
  readonly hunterCount: number;
  readonly onFound: (found: Found) => void;
}): Promise<readonly Found[]> {
  const { mutants, seedCount, hunterCount, onFound } = options;
  const left = mutants.entries();
  const all: Found[] = [];
  const tree = await createTree();
  try {
    const grounds = await createGrounds(tree.path, { mutants, count: hunterCount });
    const hunters = grounds.map(async ({ path, plant }) => {
      for (const [index, mutant] of left) {
        await plant(index);
        const found = await look(mutant, { path, seedCount });
        all[index] = found;
        onFound(found);
      }
    });
    await Promise.all(hunters);
    return all;
  } finally {
    await tree.remove();
  }
}

async function look(
  { name }: Mutant,
  { path, seedCount }: { readonly path: string; readonly seedCount: number },
): Promise<Found> {
  const script = join(path, 'scripts/mutants/look.js');
  const began = Date.now();
  const child = spawn(process.execPath, [script, String(seedCount)], {
    cwd: path,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: patienceMs,
    killSignal: 'SIGKILL',
  });
  const said: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  }
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (...end) => resolve(end)),
  );
  const wasPatient = Date.now() - began >= patienceMs;
  if (signal === 'SIGKILL' && wasPatient) return { name, seedCount, broken: 'it does not end' };
  const seen = said.stdout.startsWith('{') ? (JSON.parse(said.stdout) as Omit<Found, 'name'>) : null;
  if (seen === null)
    throw new Error(`the simulation of "${name}" ended with ${code ?? signal}: ${said.stderr}`);
  return { name, ...seen };
}

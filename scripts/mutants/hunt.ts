// Looks for each mutant by simulation: how many seeds it takes until a promise is seen to be broken.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Mutant } from '../../test/mutants/mutants.js';
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

/** `hunterCount` at a time, each in a copy of its own; `onFound` hears of each. */
export async function hunt(options: {
  readonly mutants: readonly Mutant[];
  readonly seedCount: number;
  readonly hunterCount: number;
  readonly onFound: (found: Found) => void;
}): Promise<readonly Found[]> {
  const { seedCount, onFound } = options;
  const left = options.mutants.entries();
  const all: Found[] = [];
  const hunter = async () => {
    const tree = await createTree();
    try {
      for (const [index, mutant] of left) {
        await tree.plant(mutant);
        const found = await look(mutant, { path: tree.path, seedCount });
        all[index] = found;
        onFound(found);
      }
    } finally {
      await tree.remove();
    }
  };
  await Promise.all(Array.from({ length: options.hunterCount }, hunter));
  return all;
}

async function look(
  { name }: Mutant,
  { path, seedCount }: { readonly path: string; readonly seedCount: number },
): Promise<Found> {
  const jiti = join(path, 'node_modules/jiti/lib/jiti-cli.mjs');
  const script = join(path, 'scripts/mutants/look.ts');
  const began = Date.now();
  const child = spawn(process.execPath, [jiti, script, String(seedCount)], {
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

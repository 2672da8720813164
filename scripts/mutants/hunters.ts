// Processes that each look at one mutant, several at a time, where the source is compiled with that bug in it.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Mutant } from '../../test/mutants/mutants.js';
import { createGrounds } from './grounds.js';
import { createTree } from './tree.js';

export interface Hunters {
  readonly mutants: readonly Mutant[];
  readonly count: number;
  /** Path of the compiled script that looks, and what it is told. Its last line on stdout is what it found, as JSON. */
  readonly script: string;
  readonly args?: readonly string[];
}

/** How one ended; it was killed only when it would not end by itself. */
export type Said = { readonly endless: true } | { readonly endless: false; readonly json: unknown };

/** Longest time for one mutant, in milliseconds: one that keeps a process busy for ever is found as well. */
const patienceMs = 300_000;

/** `onSaid` hears of each. Rejects where a process ended, or was killed by somebody else, without having found anything out. */
export async function sendHunters(
  { mutants, count, script, args = [] }: Hunters,
  onSaid: (index: number, said: Said) => void,
): Promise<void> {
  const left = mutants.entries();
  const tree = await createTree();
  try {
    const grounds = await createGrounds(tree.path, { mutants, count });
    const hunters = grounds.map(async ({ path, plant }) => {
      for (const [index, { name }] of left) {
        await plant(index);
        onSaid(index, await look([join(path, script), ...args], { name, path }));
      }
    });
    await Promise.all(hunters);
  } finally {
    await tree.remove();
  }
}

async function look(
  args: readonly string[],
  { name, path }: { readonly name: string; readonly path: string },
): Promise<Said> {
  const began = Date.now();
  const child = spawn(process.execPath, args, {
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
  if (signal === 'SIGKILL' && Date.now() - began >= patienceMs) return { endless: true };
  const last = said.stdout.trim().split('\n').at(-1) ?? '';
  if (!/^(\{|null$)/.test(last))
    throw new Error(`the look at "${name}" ended with ${code ?? signal}: ${said.stderr}`);
  return { endless: false, json: JSON.parse(last) };
}

// Where hunters run what has a bug in it. All of it is compiled once and at once: loading the source as it is, again for each
// mutant, would take longer than to find most of them.
import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Mutant } from '../../test/mutants/mutants.js';
import { mutated } from './tree.js';

const run = promisify(execFile);
const emitting = ['--noCheck', '--noEmit', 'false', '--declaration', 'false', '--sourceMap', 'false'];

export interface Ground {
  readonly path: string;
  /** From now on it has this mutant, by its index, and no other. */
  plant(index: number): Promise<void>;
}

/** `path` is that of a copy of the source, in which they are made. */
export async function createGrounds(
  path: string,
  { mutants, count }: { readonly mutants: readonly Mutant[]; readonly count: number },
): Promise<readonly Ground[]> {
  const sound = join(path, 'compiled');
  await tsc(path, ['-p', 'tsconfig.json', '--rootDir', '.', '--outDir', sound]);
  const sick = await compileMutants(path, mutants);
  const grounds = Array.from({ length: count }, async (_, number): Promise<Ground> => {
    const ground = join(path, `ground-${number}`);
    await cp(sound, ground, { recursive: true });
    let changed: string | null = null;
    return {
      path: ground,
      async plant(index) {
        const file = scriptOf(mutants[index]?.file ?? '');
        if (changed !== null) await copyFile(join(sound, changed), join(ground, changed));
        changed = file;
        await copyFile(join(sick, `${index}.js`), join(ground, file));
      },
    };
  });
  return Promise.all(grounds);
}

/** The folder in which each is, by its index. */
async function compileMutants(path: string, mutants: readonly Mutant[]): Promise<string> {
  const folder = join(path, 'mutants');
  await mkdir(folder);
  for (const [index, mutant] of mutants.entries()) {
    const source = await readFile(join(path, mutant.file), 'utf8');
    await writeFile(join(folder, `${index}.ts`), mutated(source, mutant));
  }
  const files = mutants.map((_, index) => join(folder, `${index}.ts`));
  // What they import is not looked at.
  const alone = ['--ignoreConfig', '--noResolve', '--target', 'es2023', '--module', 'nodenext'];
  await tsc(path, [...files, ...alone, '--outDir', folder]);
  return folder;
}

const scriptOf = (file: string) => file.replace(/ts$/, 'js');

/** Fails only on what is no TypeScript at all: types are not asked about. */
async function tsc(path: string, options: readonly string[]): Promise<void> {
  const script = join(path, 'node_modules/typescript/lib/tsc.js');
  await run(process.execPath, [script, ...options, ...emitting], { cwd: path });
}

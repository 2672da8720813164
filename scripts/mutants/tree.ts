// A copy of the source in which one thing is wrong. The copy stays where it is from one mutant to the next, so that what was
// compiled of the rest needs no compiling again.
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mutant } from '../../test/mutants/mutants.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const copied = ['src', 'machines', 'adapters', 'workers', 'scripts', 'test', 'package.json', 'tsconfig.json'];

export interface Tree {
  readonly path: string;
  /** From now on it has this mutant and no other. Throws when the mutant does not fit the source. */
  plant(mutant: Mutant): Promise<void>;
  remove(): Promise<void>;
}

export async function createTree(): Promise<Tree> {
  const path = await mkdtemp(join(tmpdir(), 'needful-mutants-'));
  for (const name of copied) await cp(join(root, name), join(path, name), { recursive: true });
  await symlink(join(root, 'node_modules'), join(path, 'node_modules'));
  let changed: string | null = null;
  return {
    path,
    async plant(mutant) {
      if (changed !== null) await cp(join(root, changed), join(path, changed));
      changed = mutant.file;
      await writeFile(
        join(path, mutant.file),
        mutated(await readFile(join(root, mutant.file), 'utf8'), mutant),
      );
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** The source with the mutant in it. */
export function mutated(source: string, { name, file, find, replace }: Mutant): string {
  const count = source.split(find).length - 1;
  if (count !== 1)
    throw new Error(`mutant "${name}": what it changes in ${file} is there ${count} times, not once`);
  return source.replace(find, () => replace);
}

// What the compiler says of a program that must not compile: run as its users run it, on a file outside of this tree.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The complaints about each of the programs, '' where there are none; all are compiled at once, since each run of the
 * compiler reads this whole tree. `needful-worker`, xstate and zod are those of this tree.
 */
export async function complaints(sources: readonly string[]): Promise<readonly string[]> {
  const folder = await mkdtemp(`${tmpdir()}/needful-compile-`);
  const names = sources.map((_, index) => `program-${index}.ts`);
  const config = {
    extends: `${root}tsconfig.json`,
    compilerOptions: {
      noEmit: true,
      rootDir: '/',
      typeRoots: [`${root}node_modules/@types`],
      paths: { 'needful-worker': [`${root}src/index.ts`] },
    },
    files: names,
    include: [],
  };
  try {
    await symlink(`${root}node_modules`, `${folder}/node_modules`);
    await writeFile(`${folder}/package.json`, '{ "type": "module" }');
    await writeFile(`${folder}/tsconfig.json`, JSON.stringify(config));
    for (const [index, source] of sources.entries()) await writeFile(`${folder}/program-${index}.ts`, source);
    const said = await compiled(folder);
    // Of this tree's own files nothing is asked here.
    return names.map((name) => said.filter((text) => text.startsWith(`${name}(`)).join('\n'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** One text a complaint, with the lines that explain it. */
async function compiled(folder: string): Promise<readonly string[]> {
  const args = [`${root}node_modules/typescript/bin/tsc`, '-p', folder, '--pretty', 'false'];
  const stdout = await promisify(execFile)(process.execPath, args, { cwd: folder }).then(
    () => '',
    (error: { readonly stdout?: string }) => error.stdout ?? String(error),
  );
  return stdout.split(/\n(?=\S)/);
}

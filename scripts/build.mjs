// Compiles into dist and makes the command executable, which tsc does not. dist is emptied first, so that a file that was
// renamed does not live on there. With --if-stale nothing is done while no source is newer than dist: npm runs `prepare`
// again when `npx needful` is first used in a clone, and a worker may be running from dist then.
import { spawnSync } from 'node:child_process';
import { chmod, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const main = join(root, 'dist/src/cli/main.js');
const sources = [
  'src',
  'machines',
  'adapters',
  'workers',
  'examples',
  'tsconfig.build.json',
  'tsconfig.json',
];

/** Milliseconds of the latest change; 0: there is no such file. */
async function changedAt(path) {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return found?.mtimeMs ?? 0;
  const names = await readdir(path);
  return Math.max(0, ...(await Promise.all(names.map((name) => changedAt(join(path, name))))));
}

async function isFresh() {
  const [built, ...changes] = await Promise.all(
    [main, ...sources.map((name) => join(root, name))].map(changedAt),
  );
  return built > Math.max(...changes);
}

async function build() {
  const startedAt = new Date();
  await rm(join(root, 'dist'), { recursive: true, force: true });
  const tsc = [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')];
  const { status } = spawnSync(process.execPath, tsc, { stdio: 'inherit' });
  await chmod(main, 0o755);
  // A source that changed while it was compiled is newer than what came of it.
  await utimes(main, startedAt, startedAt);
  return status ?? 1;
}

process.exitCode = process.argv.includes('--if-stale') && (await isFresh()) ? 0 : await build();

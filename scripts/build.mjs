// Compiles into dist and makes the command executable, which tsc does not. With --clean dist is emptied first, so that a
// file that was renamed does not live on there.
import { spawnSync } from 'node:child_process';
import { chmod, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

if (process.argv.includes('--clean')) await rm(at('dist'), { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  [at('node_modules/typescript/bin/tsc'), '-p', at('tsconfig.build.json')],
  {
    stdio: 'inherit',
  },
);
await chmod(at('dist/src/cli/main.js'), 0o755);
process.exitCode = status ?? 1;

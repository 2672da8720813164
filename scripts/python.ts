// The Python that example workers in other languages run with: one that has pika. Where none has, Debian's python3-pika is
// installed, as root; it starts nothing.
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runCommand, tryCommand } from './broker/command.js';
import { alone, canInstall, type Say } from './broker/install.js';

export type FoundPython =
  | { readonly kind: 'found'; readonly program: string }
  | { readonly kind: 'none'; readonly reason: string };

/** Debian's own comes first: what apt-get installs belongs to it alone. */
const programs = ['/usr/bin/python3', 'python3'];

const remedy = 'install python3-pika, or run the tests as root on Debian (they install it)';

/** A Python with pika, installed where that is the way. NEEDFUL_TEST_PYTHON=none: none is looked for. */
export async function findPython(
  env: NodeJS.ProcessEnv = process.env,
  say: Say = toStandardError,
): Promise<FoundPython> {
  if (env.NEEDFUL_TEST_PYTHON === 'none') return { kind: 'none', reason: 'NEEDFUL_TEST_PYTHON=none' };
  const there = await withPika();
  if (there !== undefined) return { kind: 'found', program: there };
  if (!(await canInstall())) {
    return {
      kind: 'none',
      reason: `no Python with pika, and no apt-get as root on Debian. Remedy: ${remedy}`,
    };
  }
  try {
    await installPika(say);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'none', reason: `python3-pika cannot be installed: ${why}. Remedy: ${remedy}` };
  }
  const program = await withPika();
  if (program !== undefined) return { kind: 'found', program };
  return { kind: 'none', reason: 'python3-pika was installed, but no python3 finds it' };
}

async function withPika(): Promise<string | undefined> {
  for (const program of programs) {
    if ((await tryCommand([program, '-c', 'import pika'])).code === 0) return program;
  }
  return undefined;
}

const apt = ['-y', '-qq', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0'];

/** Not beside an installation of RabbitMQ: the lists of apt-get have a lock that it does not wait for. */
async function installPika(say: Say): Promise<void> {
  await alone('/run/lock', async () => {
    if ((await withPika()) !== undefined) return;
    say('no Python has pika: apt-get installs python3-pika');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await runCommand(['apt-get', 'update', ...apt], { env, timeoutMs: 300_000 });
    const install = ['apt-get', 'install', '--no-install-recommends', ...apt, 'python3-pika'];
    await runCommand(install, { env, timeoutMs: 600_000 });
  });
}

const toStandardError: Say = (line) => process.stderr.write(`python: ${line}\n`);

const started = process.argv[1];
if (started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url)) {
  const found = await findPython();
  if (found.kind === 'found') process.stdout.write(`${found.program}\n`);
  else process.stderr.write(`python: ${found.reason}\n`);
  process.exitCode = found.kind === 'found' ? 0 : 1;
}

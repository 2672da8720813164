// Installs Debian's rabbitmq-server, as root, so that a private node can be started. Installs a program, not a service: a
// policy-rc.d forbids the package to start anything, and what it enabled at boot is disabled again.
import { access, chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runCommand } from './command.js';

export type Say = (line: string) => unknown;

const apt = ['-y', '-qq', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0'];

/** Whether this process may use apt-get: root, on Debian or something made of it. */
export async function canInstall(): Promise<boolean> {
  return (
    process.getuid?.() === 0 && (await exists('/etc/debian_version')) && (await exists('/usr/bin/apt-get'))
  );
}

/** Takes one to two minutes on a fresh machine. Rejects with apt-get's last lines, as when there is no network. */
export async function installRabbitMQ(say: Say): Promise<void> {
  const startedAt = Date.now();
  await alone('/run/lock', async () => {
    if (await exists('/usr/lib/rabbitmq/bin/rabbitmq-server')) return;
    say('RabbitMQ is not installed: apt-get installs rabbitmq-server (no service is enabled or started)');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const before = await enabledAtBoot('/');
    await withServicesForbidden('/', async () => {
      await runCommand(['apt-get', 'update', ...apt], { env, timeoutMs: 300_000 });
      const install = ['apt-get', 'install', '--no-install-recommends', ...apt, 'rabbitmq-server'];
      await runCommand(install, { env, timeoutMs: 900_000 });
    });
    const added = [...(await enabledAtBoot('/'))].filter((service) => !before.has(service));
    for (const service of added) await disable(service).catch((error: Error) => say(error.message));
    say(`rabbitmq-server is installed (${Math.round((Date.now() - startedAt) / 1000)} s)`);
    if (added.length > 0) say(`not left to start at boot: ${added.join(', ')}`);
  });
}

/**
 * Runs `work` while `usr/sbin/policy-rc.d` below `root` forbids every start of a service. One that was there before is
 * back afterwards, also when `work` fails; one that an earlier run left aside because it was killed is put back first.
 */
export async function withServicesForbidden<T>(root: string, work: () => Promise<T>): Promise<T> {
  const policy = join(root, 'usr/sbin/policy-rc.d');
  const aside = `${policy}.before-needful`;
  if (await exists(aside)) await rename(aside, policy);
  const had = await exists(policy);
  if (had) await rename(policy, aside);
  const putBack = () => (had ? rename(aside, policy) : rm(policy, { force: true }));
  try {
    await writeFile(
      policy,
      '#!/bin/sh\n# Temporary, while the tests of needful install RabbitMQ: nothing is started.\nexit 101\n',
    );
    await chmod(policy, 0o755);
    return await work();
  } finally {
    await putBack();
  }
}

/** What systemd (`name.service`, `name.timer` …) and the old init scripts (`name`) start at boot, below `root`. */
export async function enabledAtBoot(root: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const units = join(root, 'etc/systemd/system');
  for (const folder of await names(units)) {
    if (!/\.(wants|requires)$/.test(folder)) continue;
    for (const unit of await names(join(units, folder))) found.add(unit);
  }
  for (const level of ['rc2.d', 'rc3.d', 'rc4.d', 'rc5.d']) {
    for (const link of await names(join(root, 'etc', level))) {
      const name = /^S\d\d(.+)$/.exec(link)?.[1];
      if (name !== undefined) found.add(name);
    }
  }
  return found;
}

// Debian's own tool for it works without a running systemd, but only for a package's scripts: hence the name of one.
async function disable(service: string): Promise<void> {
  const env = { ...process.env, DPKG_MAINTSCRIPT_PACKAGE: 'rabbitmq-server' };
  const isUnit = /\.\w+$/.test(service);
  await runCommand(
    isUnit ? ['deb-systemd-helper', 'disable', service] : ['update-rc.d', service, 'disable'],
    {
      env,
    },
  );
}

/** Runs `work` while no other process does, by a file in `folder` with the owner's pid; a dead owner's file is taken over. */
export async function alone(folder: string, work: () => Promise<void>): Promise<void> {
  const lock = join(folder, 'needful-broker-install.pid');
  await mkdir(folder, { recursive: true });
  while (!(await taken(lock))) {
    const owner = Number(await readFile(lock, 'utf8').catch(() => process.pid));
    if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true });
    else await delay(100);
  }
  try {
    await work();
  } finally {
    await rm(lock, { force: true });
  }
}

function taken(lock: string): Promise<boolean> {
  return writeFile(lock, `${process.pid}`, { flag: 'wx' }).then(
    () => true,
    () => false,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function names(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

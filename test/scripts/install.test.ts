// What the installation does to a machine's files, shown on a root of its own: nothing is installed here.
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alone, enabledAtBoot, withServicesForbidden } from '../../scripts/broker/install.js';

let root: string;
let policy: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'needful-root-'));
  policy = join(root, 'usr/sbin/policy-rc.d');
  await mkdir(join(root, 'usr/sbin'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

describe('policy-rc.d', () => {
  it('forbids every start of a service while the package is installed, and is gone afterwards', async () => {
    await withServicesForbidden(root, async () => {
      expect(await readFile(policy, 'utf8')).toMatch(/^#!\/bin\/sh\n.*\nexit 101\n$/s);
      expect(await modeOf(policy)).toBe('755');
    });
    await expect(stat(policy)).rejects.toThrow('ENOENT');
  });

  it('that was there before is back with its text and mode, also when the installation fails', async () => {
    await writeFile(policy, '#!/bin/sh\nexit 0\n', { mode: 0o744 });
    const failing = withServicesForbidden(root, async () => {
      expect(await readFile(policy, 'utf8')).toContain('exit 101');
      throw new Error('no network');
    });
    await expect(failing).rejects.toThrow('no network');
    expect(await readFile(policy, 'utf8')).toBe('#!/bin/sh\nexit 0\n');
    expect(await modeOf(policy)).toBe('744');
    await expect(stat(`${policy}.before-needful`)).rejects.toThrow('ENOENT');
  });

  it('that a killed installation left aside is back after the next one', async () => {
    await writeFile(`${policy}.before-needful`, 'the first');
    await writeFile(policy, 'of the killed installation');
    await withServicesForbidden(root, async () => undefined);
    expect(await readFile(policy, 'utf8')).toBe('the first');
  });
});

describe('what starts at boot', () => {
  it('is read from the units that systemd wants and from the links of the old init scripts', async () => {
    const wants = join(root, 'etc/systemd/system/multi-user.target.wants');
    await mkdir(wants, { recursive: true });
    await mkdir(join(root, 'etc/rc2.d'), { recursive: true });
    await symlink('/lib/systemd/system/rabbitmq-server.service', join(wants, 'rabbitmq-server.service'));
    await symlink('../init.d/rabbitmq-server', join(root, 'etc/rc2.d/S01rabbitmq-server'));
    await symlink('../init.d/cron', join(root, 'etc/rc2.d/K01cron'));
    expect(await enabledAtBoot(root)).toEqual(new Set(['rabbitmq-server.service', 'rabbitmq-server']));
  });
});

describe('two installations at once', () => {
  it('come one after the other', async () => {
    const order: string[] = [];
    const one = async () => {
      order.push('begin');
      await stat(root);
      order.push('end');
    };
    await Promise.all([alone(root, one), alone(root, one)]);
    expect(order).toEqual(['begin', 'end', 'begin', 'end']);
  });

  it('do not wait for one whose process is gone', async () => {
    const noProcess = 2 ** 22 + 1;
    await writeFile(join(root, 'needful-broker-install.pid'), `${noProcess}`);
    let done = false;
    await alone(root, async () => {
      done = true;
    });
    expect(done).toBe(true);
  });
});

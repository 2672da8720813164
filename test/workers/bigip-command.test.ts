// The BIG-IP worker as it is run: by its name, and as the file, told its configuration by `--worker-config`.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, endAll, needful } from '../cli/needful.js';
import { pair, place, stageEach } from './bigip-stage.js';
import { user } from './f5.js';

stageEach();
let folder = '';
beforeAll(build, 60_000);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'needful-bigip-'));
});
afterAll(async () => {
  endAll();
  await rm(folder, { recursive: true, force: true });
});

describe('needful with the BIG-IP worker', () => {
  const configured = async () => {
    const file = join(folder, 'bigip.json');
    await writeFile(file, JSON.stringify({ environments: { qa: place(await pair()) }, pollMs: 1 }));
    return ['--worker-config', file];
  };

  it('does its steps by name, and never says the password', async () => {
    const beside = ['--with', 'bigip', ...(await configured())];
    const out = await needful(['send', 'bigip:OutOfRotation', '--host', 'web01', ...beside]);
    expect([out.code, out.stderr]).toEqual([0, '']);
    expect(out.stdout).toContain('web01:80 of /Common/web on BIG-IP qa becomes forced offline');
    const missing = await needful(['send', 'bigip:InRotation', '--host', 'web09.invalid', ...beside]);
    expect(missing.code).toBe(1);
    expect(missing.stdout).toContain('web09.invalid is in no pool');
    const said = [out, missing].map(({ stdout, stderr }) => stdout + stderr).join('');
    expect(said.includes(user.password)).toBe(false);
  }, 60_000);

  it('does its steps as a file', async () => {
    const beside = ['--with', 'workers/bigip.ts', ...(await configured())];
    const sync = await needful(['send', 'bigip:ConfigSync', '--param', 'envs=["qa"]', ...beside]);
    expect([sync.code, sync.stderr]).toEqual([0, '']);
    expect(sync.stdout).toContain('in sync: qa');
  }, 60_000);
});

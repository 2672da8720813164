import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { build, endAll, file, json, needful, start } from './needful.js';

let folder = '';
beforeAll(async () => {
  await build();
  folder = await mkdtemp(`${tmpdir()}/needful-`);
});
afterEach(endAll);
afterAll(() => rm(folder, { recursive: true }));

const besides = ['--with', 'noop', '--with', 'sleep'];

describe('release in a pipe', () => {
  test('is plain lines: each state, reply and output line of each step, then the sum', async () => {
    const { code, stdout, lines } = await needful([
      'release',
      file('two-hosts.yaml'),
      '--dynamic',
      'version=1',
      ...besides,
    ]);
    expect(code).toBe(0);
    expect(stdout).not.toContain('\x1b');
    for (const shown of [
      'sent',
      'lane received',
      'lane doingTheNeedful',
      'reply started',
      'reply completed, data 0.01',
    ]) {
      expect(stdout).toMatch(new RegExp(`^ +\\d+\\.\\d{3} s  4/4 two sleep:Seconds: ${shown}$`, 'm'));
    }
    expect(stdout).toMatch(/2\/4 one sleep:Seconds: output Executing sleep\(0\.01\)/);
    expect(lines.at(-1)).toMatch(/^release completed: 4 completed, 0 failed, 0 skipped in /);
  });

  test('a failed step ends it: the rest is skipped, the reason is said, exit code 1', async () => {
    const { code, stdout } = await needful(['release', file('fails.yaml'), '--with', 'noop']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/2\/3 one noop:Fail: reply failed$/m);
    expect(stdout).toMatch(/3\/3 one noop:Never: skipped$/m);
    expect(stdout).toMatch(
      /release failed: 1 completed, 1 failed, 1 skipped in .+\nstep 2, noop:Fail on one, line 6 of the playbook: its worker said: noop error/,
    );
  });

  test('a reader that goes away neither ends it nor shows a stack', async () => {
    const args = ['release', file('two-hosts.yaml'), '--dynamic', 'version=1', ...besides, '--json'];
    const released = start(args);
    await released.line(/"release.started"/);
    released.child.stdout?.destroy();
    expect(await released.exit).toBe(0);
    expect(released.stderr()).toBe('');
  });
});

describe('release --json', () => {
  test('every line is an object with a type; transitions name their step', async () => {
    const args = ['release', file('two-hosts.yaml'), '--dynamic', 'version=1', ...besides, '--json'];
    const { code, lines } = await needful(args);
    expect(code).toBe(0);
    const all = lines.map(json);
    for (const { type } of all) expect(type).toEqual(expect.any(String));
    const started = all.find(({ type }) => type === 'release.started');
    expect(started?.steps).toHaveLength(4);
    expect(all.find(({ type }) => type === 'release.ended')?.summary).toMatchObject({ outcome: 'completed' });
    const ofLast = all.filter(({ type, index }) => type === 'transition' && index === 3);
    expect(ofLast.map(({ to }) => to)).toEqual([
      'received',
      'acknowledged',
      'parsing',
      'verified',
      'doingTheNeedful',
      'completed',
      'listening',
    ]);
  });
});

describe('what cannot be played', () => {
  test.each([
    [['no-such.yaml'], 'PLAYBOOK_UNREADABLE', 78],
    [[file('helloworld.ts')], 'PLAYBOOK_INVALID', 78],
    [[file('two-hosts.yaml')], 'DYNAMIC_MISSING', 2],
  ])('%j is refused with %s before a broker is asked', async (args, code, exit) => {
    const { code: got, stderr, stdout } = await needful(['release', ...args, '--amqp', 'amqp://127.0.0.1:1']);
    expect(stderr).toMatch(new RegExp(`^needful: ${code}: `));
    expect({ got, stdout }).toEqual({ got: exit, stdout: '' });
  });
});

describe('a signal', () => {
  test('ends the release: the step under way counts as failed, the rest is skipped', async () => {
    await writeFile(
      `${folder}/long.yaml`,
      'group: g\nexecution: [{ hosts: [h], steps: [{ sleep:Seconds: { seconds: 600 } }, noop:B] }]\n',
    );
    const released = start(['release', `${folder}/long.yaml`, ...besides]);
    await released.line(/reply started/);
    released.child.kill('SIGINT');
    await released.line(/release failed: 0 completed, 1 failed, 1 skipped/);
    released.child.kill('SIGINT');
    expect(await released.exit).toBe(1);
    expect(released.stdout()).toContain('SIGINT: the reply is not waited for any more');
  });
});

describe('demo', () => {
  test('plays a playbook with three workers and its own HTTP server', async () => {
    const port = await freePort();
    await writeFile(`${folder}/demo.yaml`, await example(port));
    const { code, lines } = await needful(['demo', `${folder}/demo.yaml`, '--json']);
    expect(code).toBe(0);
    const workers = lines.map(json).filter(({ to }) => to === 'doingTheNeedful');
    expect(new Set(workers.map(({ worker }) => worker))).toEqual(new Set(['noop', 'sleep', 'httprequest']));
  });

  test('the failing example shows invalid parameters and skipped steps, exit code 1', async () => {
    const failing = await readFile(new URL('../../examples/release-failing.yaml', import.meta.url), 'utf8');
    await writeFile(`${folder}/failing.yaml`, failing.replaceAll('8043', String(await freePort())));
    const { code, stdout } = await needful(['demo', `${folder}/failing.yaml`]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/PARAMETERS_INVALID/);
    expect(stdout).toMatch(/skipped$/m);
  });

  test('a port that is taken is an error that says so', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await writeFile(`${folder}/taken.yaml`, await example(port));
    const { code, stderr } = await needful(['demo', `${folder}/taken.yaml`]);
    server.close();
    expect(code).toBe(78);
    expect(stderr).toMatch(
      new RegExp(`^needful: PORT_TAKEN: .*127\\.0\\.0\\.1:${port}.*another program listens there`),
    );
  });
});

/** The example on another port, so that the tests disturb nobody. */
async function example(port: number): Promise<string> {
  const text = await readFile(new URL('../../examples/release.yaml', import.meta.url), 'utf8');
  return text.replaceAll('8043', String(port)).replace(/seconds: [\d.]+/g, 'seconds: 0.01');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

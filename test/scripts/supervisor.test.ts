// The shell that ends a broker's processes, shown with programs that take no time to start.
import { access, mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Program, type Supervisor, supervise } from '../../scripts/broker/supervisor.js';
import { processesWith, until } from './left-behind.js';

let folder: string;
let supervisor: Supervisor | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "needful-supervised 'quoted'-"));
});
afterEach(() => supervisor?.stop());

async function start(programs: readonly Program[], cleanUp?: readonly string[]): Promise<Supervisor> {
  const env = { PATH: process.env.PATH, SUPERVISED: folder };
  supervisor = await supervise({ folder, env, programs, ...(cleanUp ? { cleanUp } : {}) });
  return supervisor;
}

const sleeper: Program = { name: 'sleeper', command: ['sleep', '600'] };
const stubborn: Program = { name: 'stubborn', command: ['sh', '-c', "trap '' TERM; sleep 601; sleep 602"] };

it('knows the pids of its programs and kills them with their children, however stubborn', async () => {
  const { pids, stop } = await start([sleeper, stubborn]);
  expect(Object.keys(pids)).toEqual(['supervisor', 'sleeper', 'stubborn']);
  expect(await processesWith(`SUPERVISED=${folder}`)).toContain(pids.stubborn);
  await stop();
  await until(async () => (await processesWith(`SUPERVISED=${folder}`)).length === 0);
  await expect(access(folder)).rejects.toThrow('ENOENT');
});

it('does its cleaning up at the end, before stop resolves', async () => {
  const witness = `${folder}.cleaned`;
  const { stop } = await start([sleeper], ['mkdir', witness]);
  await expect(access(witness)).rejects.toThrow('ENOENT');
  await stop();
  await rmdir(witness);
});

it('says which program ended by itself, and how', async () => {
  const { ended } = await start([sleeper, { name: 'short', command: ['sh', '-c', 'exit 3'] }]);
  expect(await ended).toBe('short ended with 3');
});

it('kills a program and starts it again', async () => {
  const { pids, kill, start: startAgain, stop } = await start([sleeper, stubborn]);
  const first = pids.stubborn;
  await kill('stubborn');
  await startAgain('stubborn');
  expect(pids.stubborn).not.toBe(first);
  const alive = await processesWith(`SUPERVISED=${folder}`);
  expect(alive).toContain(pids.stubborn);
  expect(alive).toContain(pids.sleeper);
  await stop();
  await until(async () => (await processesWith(`SUPERVISED=${folder}`)).length === 0);
});

it('ends on SIGTERM to its shell as well, also when it comes at once', { repeats: 9 }, async () => {
  const { pids } = await start([sleeper]);
  process.kill(pids.supervisor ?? 0, 'SIGTERM');
  await until(async () => (await processesWith(`SUPERVISED=${folder}`)).length === 0);
  await expect(access(folder)).rejects.toThrow('ENOENT');
});

// What a broker that is gone could have left behind: processes, ports. Nothing of it is waited for by time: `until` asks again.
import { readdir, readFile } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { isFree } from '../../scripts/broker/port.js';

/** Pids of all living processes that were started with this in their environment, children of children too. Linux only. */
export async function processesWith(variable: string): Promise<number[]> {
  const entries = await readdir('/proc').catch(() => []);
  const found: number[] = [];
  for (const pid of entries.filter((entry) => /^\d+$/.test(entry))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    if (environment.split('\0').includes(variable)) found.push(Number(pid));
  }
  return found;
}

/** The ports on which somebody listens. */
export async function listening(ports: readonly number[]): Promise<number[]> {
  const free = await Promise.all(ports.map(isFree));
  return ports.filter((_, index) => !free[index]);
}

/** Resolves as soon as `condition` holds; the test's own time-out ends the wait. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await turn();
}

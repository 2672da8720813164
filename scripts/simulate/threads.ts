// One simulation in several threads of this process: each takes every so-manieth seed, and what they saw is joined.
import { fileURLToPath } from 'node:url';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import {
  joined,
  type SimulateOptions,
  type Summary,
  simulate,
} from '../../src/testing/simulator/simulate.js';

type Share = Omit<SimulateOptions, 'signal'>;

/** In a thread: does its share, and stops when it is told to. false: this is no thread. */
export async function doShare(): Promise<boolean> {
  const port = parentPort;
  if (port === null) return false;
  const stop = new AbortController();
  port.once('message', () => stop.abort());
  port.postMessage(await simulate({ ...(workerData as Share), signal: stop.signal }));
  port.close();
  return true;
}

/** `script` is run in each thread, and calls `doShare`. */
export async function inThreads(
  share: Share & { readonly seedCount: number; readonly firstSeed: number },
  { threadCount, script }: { readonly threadCount: number; readonly script: string },
): Promise<Summary> {
  if (threadCount <= 1) return simulate(share);
  const threads: Worker[] = [];
  const parts = Array.from({ length: threadCount }, async (_, index) => {
    const seedCount = Math.ceil((share.seedCount - index) / threadCount);
    const firstSeed = share.firstSeed + index;
    const data: Share = { ...share, seedCount, firstSeed, stride: threadCount };
    const thread = new Worker(jiti, { argv: [script], workerData: data });
    threads.push(thread);
    const part = await new Promise<Summary>((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', reject);
      thread.once('exit', (code) => reject(new Error(`a thread ended with ${code} and said nothing`)));
    });
    const isEnough = part.failures.length >= (share.failureLimit ?? Number.POSITIVE_INFINITY);
    if (isEnough) for (const other of threads) other.postMessage('stop');
    return part;
  });
  return joined(await Promise.all(parts));
}

const jiti = fileURLToPath(new URL('../../node_modules/jiti/lib/jiti-cli.mjs', import.meta.url));

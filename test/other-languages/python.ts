// Workers in Python, as processes of their own. Without a Python that has pika the tests that need one are skipped and say why.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findPython } from '../../scripts/python.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const found = await findPython();

/** '' where there is one. */
export const missingPython = found.kind === 'none' ? found.reason : '';

export interface PythonWorker {
  /** Ends it, and that it is started again. */
  stop(): Promise<void>;
  readonly startCount: number;
}

/** Resolves when the worker listens. `again`: a new one is started when it dies, after a pause, as systemd would. */
export async function startPython(
  file: string,
  options: { readonly url: string; readonly again?: boolean },
): Promise<PythonWorker> {
  let child = await start(file, options.url);
  const stopping = new AbortController();
  const worker = {
    startCount: 1,
    async stop() {
      stopping.abort();
      child.kill('SIGKILL');
      await supervising;
    },
  };
  const supervise = async () => {
    while (!stopping.signal.aborted) {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      if (stopping.signal.aborted || options.again !== true) return;
      await delay(pauseMs);
      worker.startCount += 1;
      child = await start(file, options.url);
    }
    child.kill('SIGKILL');
  };
  const supervising = supervise();
  return worker;
}

/** Long enough for the judge to see that nobody consumes; it looks every 100 ms. */
const pauseMs = 300;

async function start(file: string, url: string): Promise<ChildProcess> {
  if (found.kind === 'none') throw new Error(found.reason);
  const child = spawn(found.program, [file], {
    cwd: root,
    env: { ...process.env, AMQP_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error(`${file} ended before it listened: ${said}`))),
  ]);
  return child;
}

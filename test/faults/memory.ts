// How much a worker keeps while it cannot reach its broker, though its steps go on and say a lot.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createWorker } from '../../src/worker/create-worker.js';
import { defineWorker } from '../../src/worker/define-worker.js';
import type { StepContext, Worker } from '../../src/worker/definition.js';
import { silentLogger } from '../../src/worker/logger.js';
import type { WorkerOptions } from '../../src/worker/running-worker.js';
import { Trace } from '../adapters/bus.js';
import type { Engine } from '../worker/engine.js';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Bytes that are in use, on the heap and in buffers, after a collection. */
export function usedBytes(): number {
  // Twice: what a finalizer lets go is free only then.
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

export const lineText = (n: number) =>
  `line ${n}: what a step has to say about the host that it works on just now`;

/** Chatty lanes: each of their steps runs until `end`, and says what it is told to. */
export async function chattyWorker(
  engine: Engine,
  {
    name,
    laneCount,
    options,
  }: { name: string; laneCount: number; options: Partial<WorkerOptions> & Pick<WorkerOptions, 'transport'> },
) {
  const begun = new Trace<{ context: StepContext<unknown, unknown>; end: () => void }>();
  const definition = defineWorker({
    name,
    steps: {
      Talk: { run: (context) => new Promise<void>((end) => begun.add({ context, end })) },
    },
  });
  const worker = createWorker(definition as Worker, {
    topology: 'declare',
    concurrency: laneCount,
    logger: silentLogger,
    ...options,
  });
  await worker.start();
  const jobs = [];
  for (let n = 0; n < laneCount; n++) jobs.push(await engine.send(`${name}:Talk`));
  const steps = await begun.first(laneCount);
  return {
    worker,
    jobs,
    /** One line of every lane. */
    say(n: number): void {
      for (const { context } of steps) context.output.info(lineText(n));
    },
    end(): void {
      for (const { end } of steps) end();
    },
  };
}

export const mebibytes = (bytes: number) => Math.round((bytes / 2 ** 20) * 10) / 10;

// How long a worker waits before it tries again.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SimulatedClock } from 'xstate';
import { releaseEngine } from '../../src/contract/release-engine.js';
import { turn } from '../adapters/bus.js';
import { holdingWorker, Stage, type StagedWorker } from './stage.js';

let stage: Stage;
let clock: SimulatedClock;
beforeEach(() => {
  stage = new Stage();
  clock = new SimulatedClock();
});
afterEach(() => stage.end());

/** The pauses before so many attempts, in milliseconds, to a tenth of a second. */
async function pauses(worker: StagedWorker, count: number): Promise<readonly number[]> {
  const waits: number[] = [];
  while (waits.length < count) {
    await worker.reached('reconnecting', waits.length + 1);
    const since = clock.now();
    const attempts = () => worker.route('worker').filter((state) => state === 'connecting').length;
    for (const before = attempts(); attempts() === before; await turn()) clock.increment(100);
    waits.push(clock.now() - since);
  }
  return waits;
}

test('the bound of its pauses doubles from 500 ms to 30 s', async () => {
  const { definition } = holdingWorker();
  const worker = await stage.play(definition, { clock, random: () => 0.9999 });
  stage.broker.refuse();
  stage.broker.cut(worker.name);
  expect(await pauses(worker, 9)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('anything up to the bound is as likely', async () => {
  const { definition } = holdingWorker();
  let next = 0;
  const random = () => [0.1, 0.7, 0.3, 0.9][next++ % 4] ?? 0;
  const worker = await stage.play(definition, { clock, random });
  next = 0;
  stage.broker.refuse();
  stage.broker.cut(worker.name);
  expect(await pauses(worker, 4)).toEqual([100, 700, 600, 3600]);
});

test('where only a human can help, the bound is 30 s from the second attempt on', async () => {
  const { definition } = holdingWorker();
  stage.broker.declare(releaseEngine.topology('held'));
  const worker = await stage.play(definition, { clock, topology: 'check', random: () => 0.9999 });
  stage.broker.deleteQueue('worker.held');
  expect(await pauses(worker, 3)).toEqual([500, 30_000, 30_000]);
  stage.broker.declare(releaseEngine.topology('held'));
});

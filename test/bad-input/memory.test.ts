// Bad input leaves nothing behind in memory, however much of it there was.
import { expect, it } from 'vitest';
import { usedBytes } from '../faults/memory.js';
import { openMemory } from '../worker/foreign-bus.js';
import { createBench } from './fuzz-bench.js';
import { replyQueue } from './jobs.js';
import { keptBytes } from './kept.js';

const megabyte = 2 ** 20;

it('B16 nothing is kept of a body of 64 MB', async () => {
  const bus = await openMemory({ judged: false });
  await bus.hear(replyQueue);
  const bench = await createBench(bus, { acknowledge: 'settled', anyStep: false });
  const small = () => bench.take([{ body: Buffer.from('x') }]);
  await small();
  const before = usedBytes();
  await bench.take([{ body: Buffer.alloc(64 * megabyte, 0xff) }]);
  await small();
  expect(usedBytes() - before).toBeLessThan(4 * megabyte);
  await bench.end();
  await bus.end();
});

it('nothing is kept of 1,000 inputs', async () => {
  expect(await keptBytes({ warmUp: 500, inputs: 1000 })).toBeLessThan(3 * megabyte);
}, 60_000);

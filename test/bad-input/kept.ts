// What a worker keeps of bad input: memory in use before and after.
import fc from 'fast-check';
import { usedBytes } from '../faults/memory.js';
import { openMemory } from '../worker/foreign-bus.js';
import { byteBodies, type Input, jobBodies, jsonBodies, mutants, properties } from './arbitrary.js';
import { createBench } from './fuzz-bench.js';
import { replyQueue } from './jobs.js';
import { seeded } from './seed.js';

const anything = fc.oneof(byteBodies, jsonBodies, jobBodies, mutants, properties);
const batch = 20;

/** Bytes more in use after so many inputs, once as many had warmed up what there is to warm up. */
export async function keptBytes({ warmUp, inputs }: { readonly warmUp: number; readonly inputs: number }) {
  const bus = await openMemory({ judged: false });
  await bus.hear(replyQueue);
  const bench = await createBench(bus, { acknowledge: 'settled', anyStep: true });
  const { seed } = seeded(1);
  const take = async (count: number) => {
    for (let taken = 0; taken < count; taken += batch) {
      const list: Input[] = fc.sample(anything, { numRuns: batch, seed: (seed ?? 0) + taken });
      await bench.take(list);
    }
    bus.heard.forget();
    return usedBytes();
  };
  const before = await take(warmUp);
  const after = await take(inputs);
  await bench.end();
  await bus.end();
  return after - before;
}

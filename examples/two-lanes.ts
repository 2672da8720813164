import { createWorker } from 'needful-worker';
import { createMemoryBroker } from 'needful-worker/memory';
import adder from './adder.js';

const broker = createMemoryBroker();
const worker = createWorker(adder, { transport: broker.connect(), concurrency: 2, outputLevel: 'info' });
const unsubscribe = worker.subscribe(({ machine, from, to, event }) =>
  console.log(machine, from, '->', to, event),
);
await worker.start();
console.log(worker.status().ready);
unsubscribe();
const { counts } = await worker.stop();
console.log(counts.completed);

// The catalogue and its stories hold each other: every fault is told on RabbitMQ, and on the embedded broker where it can be.
import { expect, test } from 'vitest';
import { createJobFlow, workerMachine } from '../../machines/index.js';
import { machineGraph } from '../../src/statechart/index.js';
import { stories } from './all-stories.js';
import { type Fault, type FaultId, faults } from './catalogue.js';

const all = Object.entries(faults) as [FaultId, Fault][];
const told = (id: FaultId, where: 'onEmbedded' | 'onRabbitMQ') =>
  stories.some((story) => story.fault === id && story[where] !== undefined);

test('the faults are numbered from F12 to F47', () => {
  expect(all.map(([id]) => id)).toEqual(Array.from({ length: 36 }, (_, n) => `F${n + 12}`));
});

test('every fault is told on RabbitMQ', () => {
  expect(all.filter(([id]) => !told(id, 'onRabbitMQ'))).toEqual([]);
});

test('every fault is told on the embedded broker, or there is a reason why not', () => {
  for (const [id, { embedded }] of all) {
    expect(told(id, 'onEmbedded'), id).toBe(embedded === true);
    if (embedded !== true) expect(embedded, id).toMatch(/^\w/);
  }
});

test('no two stories on one broker have one name', () => {
  for (const where of ['onEmbedded', 'onRabbitMQ'] as const) {
    const names = stories.filter((story) => story[where]).map(({ fault, does }) => `${fault} ${does}`);
    expect(names).toEqual([...new Set(names)]);
  }
});

test('the states that it names are those of the machines', () => {
  const workerStates = machineGraph(workerMachine).nodes.map(({ id }) => id.slice('worker.'.length));
  const jobStates = Object.keys(createJobFlow({ acknowledge: 'settled' }).states);
  for (const [id, { worker, job }] of all) {
    if (worker !== null) expect(workerStates, id).toContain(worker);
    if (job !== null) expect(jobStates, id).toContain(job);
  }
});

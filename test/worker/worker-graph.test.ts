// The graph of a worker is that of its machines: the lane's, and those of its steps.
import { describe, expect, test } from 'vitest';
import { createMachine, fromPromise } from 'xstate';
import { defineWorker, extendFlow } from '../../src/index.js';
import { machineGraph } from '../../src/statechart/index.js';
import { workerGraph } from '../../src/worker/worker-graph.js';

const light = createMachine({
  id: 'light',
  initial: 'off',
  states: { off: { on: { go: 'on' } }, on: { type: 'final' } },
});
const ask = fromPromise(async () => {});
const plain = { run: () => 1 };

describe('workerGraph', () => {
  const alone = workerGraph(defineWorker({ name: 'alone', steps: { A: plain, B: { run: ask } } }));

  test('has the states of the lane, and nothing of a step that has no states', () => {
    expect(alone.id).toBe('job');
    expect(alone.nodes.filter(({ machine }) => machine !== null).map(({ machine }) => machine)).toEqual([
      'job',
    ]);
  });

  test('has a box with the states of each step that is a machine, and its deadline, where the steps run', () => {
    const steps = { A: { run: light, deadlineMs: 5000 }, B: plain, '*': { run: light } };
    const graph = workerGraph(defineWorker({ name: 'lights', steps }));
    const inner = machineGraph(light);
    expect(graph.nodes).toHaveLength(alone.nodes.length + 2 * inner.nodes.length);
    expect(graph.edges).toHaveLength(alone.edges.length + 2 * inner.edges.length);
    const boxes = graph.nodes.filter(({ machine }) => machine === 'light');
    expect(boxes).toMatchObject([
      { key: 'A', parent: 'job.doingTheNeedful', deadline: 5000 },
      { key: '*', parent: 'job.doingTheNeedful', deadline: null },
    ]);
  });

  test('has no steps where the flow has an actor that runs in their place', () => {
    const graph = workerGraph(
      defineWorker({
        name: 'replaced',
        flow: (base) => extendFlow(base, { actors: { needful: () => 'done' } }),
        steps: { A: { run: light } },
      }),
    );
    expect(graph.nodes).toHaveLength(alone.nodes.length);
  });
});

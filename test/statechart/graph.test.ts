// Graphs and pictures are read from the machine that runs: nothing is missing in them, nothing internal is in them.
import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, createMachine, fromPromise, setup } from 'xstate';
import { createJobMachine } from '../../machines/index.js';
import { releaseMachine } from '../../machines/release.js';
import { workerMachine } from '../../machines/worker.js';
import { machineGraph, toMermaid } from '../../src/statechart/index.js';

const small = setup({
  actors: { ask: fromPromise(async () => {}) },
  actions: { note: () => {} },
  guards: { isEarly: () => true },
  delays: { patience: 1000 },
}).createMachine({
  id: 'small',
  initial: 'idle',
  on: { stop: { target: '.ended' }, ping: { actions: 'note' } },
  states: {
    idle: {
      description: 'Nothing to do.',
      tags: ['free'],
      entry: 'note',
      on: { go: [{ guard: 'isEarly', target: 'working', actions: 'note' }, { target: 'ended' }] },
    },
    working: {
      initial: 'asking',
      states: {
        asking: {
          invoke: { src: 'ask', onDone: { target: 'telling' }, onError: { target: '#small.ended' } },
          after: { patience: { target: '#small.idle' } },
        },
        telling: { always: { guard: 'isEarly', target: 'asked' } },
        asked: { type: 'final' },
      },
      onDone: { target: 'idle' },
    },
    ended: { type: 'final' },
  },
});

const job = createJobMachine({
  parse: () => ({ address: { replyTo: null, correlationId: null }, step: null, problem: null }),
  effects: {},
  entered: () => {},
});

/** Counted by hand over XState's own resolved definition. */
function counted(machine: AnyStateMachine): { states: number; transitions: number } {
  let [states, transitions] = [0, 0];
  const count = (node: AnyStateMachine['root']) => {
    states += 1;
    const { definition } = node;
    const own = [...definition.transitions, ...(node.always ?? [])];
    transitions += own.reduce((sum, { target }) => sum + (target?.length ?? 1), 0);
    for (const child of Object.values(node.states)) count(child);
  };
  count(machine.root);
  return { states, transitions };
}

describe('machineGraph', () => {
  test.each<[string, AnyStateMachine]>([
    ['small', small],
    ['job', job],
    ['worker', workerMachine],
    ['release', releaseMachine],
  ])('%s has as many nodes and edges as the machine has states and transitions', (_, machine) => {
    const { nodes, edges } = machineGraph(machine);
    expect({ states: nodes.length, transitions: edges.length }).toEqual(counted(machine));
    expect(new Set(edges.map(({ id }) => id)).size).toBe(edges.length);
    const ids = new Set(nodes.map(({ id }) => id));
    expect(edges.filter(({ source, target }) => !ids.has(source) || !ids.has(target))).toEqual([]);
  });

  test('says of a state what a reader wants to know', () => {
    const { nodes } = machineGraph(small);
    expect(nodes.find(({ key }) => key === 'idle')).toEqual({
      id: 'small.idle',
      key: 'idle',
      parent: 'small',
      type: 'atomic',
      initial: true,
      tags: ['free'],
      description: 'Nothing to do.',
      entry: ['note'],
      exit: [],
      invoke: [],
      deadline: undefined,
    });
    expect(nodes.find(({ key }) => key === 'asking')).toMatchObject({
      parent: 'small.working',
      invoke: ['ask'],
    });
  });

  test('has an edge for each guarded branch, and for always, after, an actor that ends and states that end', () => {
    const edges = machineGraph(small).edges.map(
      ({ source, event, guard, target }) => `${source} | ${event} | ${guard ?? ''} | ${target}`,
    );
    expect(edges).toEqual([
      'small | stop |  | small.ended',
      'small | ping |  | small',
      'small.idle | go | isEarly | small.working',
      'small.idle | go |  | small.ended',
      'small.working | xstate.done.state.small.working |  | small.idle',
      'small.working.asking | xstate.done.actor.0.small.working.asking |  | small.working.telling',
      'small.working.asking | xstate.error.actor.0.small.working.asking |  | small.ended',
      'small.working.asking | xstate.after.patience.small.working.asking |  | small.idle',
      'small.working.telling |  | isEarly | small.working.asked',
    ]);
  });

  test("hides what a flow's machine adds to it, and shows `run` and deadlines", () => {
    const { nodes, edges } = machineGraph(job);
    const names = [
      ...nodes.flatMap(({ entry, exit }) => [...entry, ...exit]),
      ...edges.flatMap(({ actions }) => actions),
    ];
    expect(names.filter((name) => /^[$]|^xstate/.test(name))).toEqual([]);
    expect(nodes.find(({ key }) => key === 'doingTheNeedful')).toMatchObject({
      invoke: ['needful'],
      deadline: 'step',
    });
  });

  test('an inline function is called so, since it has no name to show', () => {
    const machine = createMachine({ id: 'inline', entry: () => {} });
    expect(machineGraph(machine).nodes[0]?.entry).toEqual(['(inline)']);
  });
});

describe('toMermaid', () => {
  test('draws states inside their parents, then the ways between them', () => {
    expect(toMermaid(machineGraph(small))).toBe(
      `stateDiagram-v2
  [*] --> idle
  state "working" as working {
    state "asking / run ask" as working_asking
    [*] --> working_asking
    state "telling" as working_telling
    state "asked" as working_asked
  }
  idle --> working: go [isEarly]
  idle --> ended: go
  working --> idle: done
  working_asking --> working_telling: done
  working_asking --> ended: error
  working_asking --> idle: after patience
  working_telling --> working_asked: [isEarly]
  working_asked --> [*]
  ended --> [*]
  note right of ended: stop, from every state
`,
    );
  });

  test('draws every state and every way of the machines that run', () => {
    for (const machine of [job, workerMachine] as AnyStateMachine[]) {
      const graph = machineGraph(machine);
      const picture = toMermaid(graph);
      const ways = graph.edges.filter(({ source, targetless }) => source !== graph.id && !targetless);
      const met = (key: string) => new RegExp(`\\b${key}\\b`).test(picture);
      expect(graph.nodes.slice(1).filter(({ key }) => !met(key))).toEqual([]);
      expect(picture.match(/^ {2}\w+ --> \w+/gm)).toHaveLength(ways.length);
      expect(picture).not.toMatch(/\$|xstate/);
    }
  });
});

// Graphs and pictures are read from the machine that runs: nothing is missing in them, nothing internal is in them.
import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, createMachine, fromPromise, setup } from 'xstate';
import { createJobMachine } from '../../machines/index.js';
import { releaseMachine } from '../../machines/release.js';
import { workerMachine } from '../../machines/worker.js';
import { machineGraph, nest, toDot, toGraphJson, toMermaid } from '../../src/statechart/index.js';
import { everything } from './drawn-machines.js';

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

/** Counted by hand over XState's own resolved definition; a history state's target is beside its transitions. */
function counted(machine: AnyStateMachine): { states: number; transitions: number } {
  let [states, transitions] = [0, 0];
  const count = (node: AnyStateMachine['root']) => {
    states += 1;
    const { definition } = node;
    const own = [...definition.transitions, ...(node.always ?? [])];
    transitions += own.reduce((sum, { target }) => sum + (target?.length ?? 1), 0);
    if (node.type === 'history' && 'target' in node.config) transitions += 1;
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
    ['everything', everything],
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
      history: null,
      initial: true,
      machine: null,
      tags: ['free'],
      description: 'Nothing to do.',
      entry: ['note'],
      exit: [],
      invoke: [],
      deadline: null,
    });
    expect(nodes[0]).toMatchObject({ id: 'small', parent: null, machine: 'small', type: 'compound' });
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

  test("says of a way what it is, in the machine's words and in a reader's", () => {
    const { edges } = machineGraph(everything);
    const said = (source: string, label: string) =>
      edges.find((edge) => edge.source === `everything${source}` && edge.label === label);
    expect(said('.working.asking', 'after patience')).toEqual({
      id: 'everything.working.asking|xstate.after.patience.everything.working.asking|0|everything.idle',
      source: 'everything.working.asking',
      target: 'everything.idle',
      event: 'xstate.after.patience.everything.working.asking',
      kind: 'after',
      label: 'after patience',
      guard: null,
      actions: [],
      targetless: false,
      reenter: false,
      description: null,
    });
    expect(said('.working.asking', 'after 1.5 s')).toMatchObject({ kind: 'after', guard: 'isLate' });
    expect(said('.working.asking', 'done ask')).toMatchObject({ kind: 'done' });
    expect(said('.working.asking', 'snapshot tell')).toMatchObject({ kind: 'snapshot', targetless: true });
    expect(said('.working.telling', 'always')).toMatchObject({ kind: 'always', event: '', guard: 'isEarly' });
    expect(said('.working', 'restart')).toMatchObject({ target: 'everything.working', reenter: true });
    expect(said('.working.deepest', 'default')).toMatchObject({
      kind: 'default',
      target: 'everything.working.telling',
    });
    expect(said('', 'stop')).toMatchObject({ description: 'Whatever it does.' });
    expect(edges.filter(({ label }) => label === 'both').map(({ target }) => target)).toEqual([
      'everything.both.left.two',
      'everything.both.right.two',
    ]);
  });

  test("puts what has no name of a user's in parentheses: inline functions, XState's own actions and guards", () => {
    const machine = createMachine({ id: 'inline', entry: () => {} });
    expect(machineGraph(machine).nodes[0]?.entry).toEqual(['(inline)']);
    const { nodes, edges } = machineGraph(everything);
    expect(nodes.find(({ key }) => key === 'idle')?.entry).toEqual(['note', '(assign)', '(raise ping)']);
    expect(nodes.find(({ key }) => key === 'asking')).toMatchObject({ entry: [], exit: [] });
    expect(edges.find(({ event }) => event === '*')?.guard).toBe('(not isLate)');
    expect(edges.find(({ event }) => event === 'both')?.guard).toBe('(isEarly and (in idle))');
  });
});

describe('nest', () => {
  const inner = machineGraph(small);
  const outer = machineGraph(job);
  const both = nest(outer, { into: 'job.doingTheNeedful', name: 'Promote', graph: inner });

  test('makes one graph of two, with the states and ways of both', () => {
    expect(both.id).toBe('job');
    expect(both.nodes).toHaveLength(outer.nodes.length + inner.nodes.length);
    expect(both.edges).toHaveLength(outer.edges.length + inner.edges.length);
    expect(both.nodes.find(({ key }) => key === 'Promote')).toMatchObject({
      id: 'job.doingTheNeedful:Promote:small',
      parent: 'job.doingTheNeedful',
      machine: 'small',
    });
    expect(both.nodes.find(({ key }) => key === 'asking')?.parent).toBe(
      'job.doingTheNeedful:Promote:small.working',
    );
  });

  test('keeps ids apart, also where the same graph is put in twice under one name', () => {
    const { nodes, edges } = nest(both, { into: 'job.doingTheNeedful', name: 'Promote', graph: inner });
    const ids = [...nodes, ...edges].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('refuses a state that is not there', () => {
    expect(() => nest(outer, { into: 'job.nowhere', name: 'Promote', graph: inner })).toThrow(
      'expected the id of a state of job, got job.nowhere',
    );
  });
});

test('as JSON a graph is one object with a version', () => {
  const graph = machineGraph(everything);
  const json = toGraphJson(graph);
  expect(JSON.parse(json)).toEqual({ version: 1, ...graph });
  expect(json).toMatch(/^\{\n {2}"version": 1,\n {2}"id": "everything",\n {2}"nodes": \[/);
  expect(json.endsWith('}\n')).toBe(true);
});

describe('toMermaid', () => {
  test('draws states inside their parents with what is said of them, then the ways', () => {
    expect(toMermaid(machineGraph(small))).toBe(`stateDiagram-v2
  state "idle" as idle
  idle: Nothing to do.<br/>tagged free<br/>entry / note
  [*] --> idle
  state "working" as working {
    state "asking" as working_asking
    working_asking: run ask
    [*] --> working_asking
    state "telling" as working_telling
    state "asked" as working_asked
    working_asked --> [*]
  }
  ended --> [*]
  state "any state" as any
  any --> ended: stop
  any --> any: ping<br/>/ note
  idle --> working: go<br/>[isEarly]<br/>/ note
  idle --> ended: go
  working --> idle: done
  working_asking --> working_telling: done
  working_asking --> ended: error
  working_asking --> idle: after patience
  working_telling --> working_asked: always<br/>[isEarly]
  classDef passing stroke-dasharray: 4 3
  class any passing
`);
  });

  test('in brief leaves out texts and actions, and joins ways between the same two states', () => {
    const picture = toMermaid(machineGraph(everything), { detail: 'brief' });
    expect(picture).not.toMatch(/Nothing to do|tagged|entry|forget/);
    expect(picture).toContain('  idle: run needful<br/>deadline 1 min\n');
    expect(picture).toContain(
      '  idle --> idle: again<br/>(entered anew),<br/>same,<br/>hush<br/>(ignored),<br/>#42;<br/>[not isLate]',
    );
  });

  test('has one arrow for all ways from a state to itself, since Mermaid draws but one', () => {
    const loops = toMermaid(machineGraph(everything)).match(/^ {2}idle --> idle: .*$/gm);
    expect(loops).toEqual([
      '  idle --> idle: again<br/>(entered anew),<br/>same,<br/>hush<br/>(ignored),<br/>#42;<br/>[not isLate]<br/>/ note',
    ]);
  });

  test('says `any state` and `anew` where an arrow cannot reach a border from inside', () => {
    const picture = toMermaid(machineGraph(everything));
    expect(picture).toContain('    state "any state" as working_any\n');
    expect(picture).toContain('  working_any --> working_asked: skip\n');
    expect(picture).toContain('    state "working anew" as working_anew\n');
    expect(picture).toContain('  working_any --> working_anew: restart<br/>(entered anew)\n');
    expect(picture).toContain('  working_deep --> working_anew: up\n');
  });

  test('has nothing internal in it', () => {
    for (const machine of [job, workerMachine, everything] as AnyStateMachine[]) {
      expect(toMermaid(machineGraph(machine))).not.toMatch(/\$|xstate/);
      expect(toDot(machineGraph(machine))).not.toMatch(/\$|xstate/);
    }
  });

  test('writes what means something to Mermaid or Markdown as codes', () => {
    const picture = toMermaid(machineGraph(everything));
    expect(picture).toContain(
      'Nothing to do#58; #34;really#34;#59; see<br/>#35;4 #45;#45; #60;b#62;now#60;/b#62;.',
    );
  });
});

describe('toDot', () => {
  test('draws a state as a box, one with states as a cluster, and a microstep dashed', () => {
    const dot = toDot(machineGraph(small));
    expect(dot).toMatch(/^digraph "small" \{\n/);
    expect(dot).toContain(
      '    "small.idle" [class="state" label=<<b>idle</b><br/><font point-size="10">Nothing to do.<br align="left"/>tagged free<br align="left"/>entry / note<br align="left"/></font>>]\n',
    );
    expect(dot).toContain('    subgraph "cluster small.working" {\n');
    expect(dot).toContain('  "any of small" -> "small.ended" [class="way" label=<stop>]\n');
    expect(dot).toContain(
      '  "border of small.working" -> "small.idle" [class="way" label=<done> ltail="cluster small.working"]\n',
    );
    expect(dot).toContain(
      '  "small.working.telling" -> "small.working.asked" [class="way always" label=<always<br/>[isEarly]> style="dashed"]\n',
    );
  });
});

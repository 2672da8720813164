// Whatever a machine is made of and whatever its names and texts are: Graphviz draws it, Mermaid reads it, nothing is lost.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { type Graph, machineGraph, nest, toDot, toMermaid } from '../../src/statechart/index.js';
import { pictureOf, plain, stateTitle } from '../../src/statechart/picture.js';
import { readDot } from './graphviz-reader.js';
import { loopsOf, readMermaid } from './mermaid-reader.js';
import { oddMachine, oddText } from './odd-machines.js';

/** State nodes and transitions as XState has resolved them; none here leads to more than one target. */
function counted({ root }: AnyStateMachine): { states: number; ways: number } {
  const walk = (node: typeof root): (typeof root)[] => [node, ...Object.values(node.states).flatMap(walk)];
  const all = walk(root);
  const ways = all.flatMap((node) => [...[...node.transitions.values()].flat(), ...(node.always ?? [])]);
  return { states: all.length, ways: ways.length };
}

/** Names of all boxes: the states but the machine itself, and those that stand for several. */
function boxesOf(graph: Graph): string[] {
  const stands = [...pictureOf(graph, 'full').stands].flatMap(([id, ends]) => {
    const node = graph.nodes.find((each) => each.id === id);
    return ends.map(({ at }) =>
      at === 'any' || node === undefined ? 'any state' : `${stateTitle(node)} anew`,
    );
  });
  return [...graph.nodes.slice(1).map(stateTitle), ...stands].sort();
}

test('every machine is drawn whole, whatever its names and texts are', async () => {
  const property = fc.asyncProperty(oddMachine, oddText, async (machine, name) => {
    const own = machineGraph(machine);
    expect({ states: own.nodes.length, ways: own.edges.length }).toEqual(counted(machine));
    const graph = nest(own, { into: own.nodes.at(-1)?.id ?? '', name, graph: own });
    expect([graph.nodes.length, graph.edges.length]).toEqual([2 * own.nodes.length, 2 * own.edges.length]);
    const ids = [...graph.nodes, ...graph.edges].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);

    const dot = await readDot(toDot(graph));
    expect(dot.states).toHaveLength(graph.nodes.length);
    expect(dot.ways).toHaveLength(graph.edges.length);

    const picture = await readMermaid(toMermaid(graph));
    expect(picture.states.map((state) => plain(state.name)).sort()).toEqual(boxesOf(graph));
    const loops = loopsOf(graph);
    expect(picture.arrows).toHaveLength(
      graph.edges.length - loops.length + new Set(loops.map(({ source }) => source)).size,
    );
  });
  // A machine that is busy with other things tries fewer.
  await fc.assert(property, {
    numRuns: Number(process.env.PICTURE_RUNS ?? 60),
    interruptAfterTimeLimit: 90_000,
  });
}, 120_000);

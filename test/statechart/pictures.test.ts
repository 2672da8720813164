// Graphviz draws and Mermaid reads every picture, and finds in it as many states and ways as the machine has. What counts as
// what: the machine itself is a cluster in DOT and the whole picture in Mermaid; a way is one arrow, also where it leads
// nowhere or back, but for Mermaid, which draws one loop at a state: there they share it, a text each; a way that leads to
// two regions is two. Not counted are start and end, and the boxes that stand for any
// state inside another, or for one that is entered from inside.
import { beforeAll, describe, expect, test } from 'vitest';
import { type Graph, toDot, toMermaid } from '../../src/statechart/index.js';
import { build } from '../cli/needful.js';
import { drawn } from './drawn-machines.js';
import { readDot } from './graphviz-reader.js';
import { loopsOf, type ReadMermaid, readMermaid } from './mermaid-reader.js';

// Examples import the built package.
beforeAll(async () => {
  await build();
  // Mermaid takes a while to load.
  await readMermaid('stateDiagram-v2\n  a --> b\n');
}, 120_000);

const isStand = (name: string) => name === 'any state' || name.endsWith(' anew');
const idsOf = (graph: Graph) => graph.nodes.map(({ id, parent }) => `${parent} > ${id}`).sort();
const startsOf = (graph: Graph) =>
  new Set(graph.nodes.flatMap(({ initial, parent }) => (initial ? [parent] : [])));

/** Of every state its name beneath those around it. */
function pathsOf({ states }: ReadMermaid): string[] {
  const path = (id: string | undefined): string => {
    const found = states.find((state) => state.id === id);
    return found === undefined ? '' : `${path(found.parentId)}/${found.name.replace(/ \(.*\)$/, '')}`;
  };
  return states
    .filter(({ name }) => !isStand(name))
    .map(({ id }) => path(id))
    .sort();
}

function keyPaths({ nodes }: Graph): string[] {
  const path = (id: string | null): string => {
    const found = nodes.find((node) => node.id === id);
    return !found || found.parent === null ? '' : `${path(found.parent)}/${found.key}`;
  };
  return nodes
    .slice(1)
    .map(({ id }) => path(id))
    .sort();
}

describe.each(drawn)('the picture of %s', (_, graphOf) => {
  test('is drawn by Graphviz with every state in its place, and every way', async () => {
    const graph = await graphOf();
    const { states, ways } = await readDot(toDot(graph));
    expect(states.map(({ name, parent }) => `${parent ?? null} > ${name}`).sort()).toEqual(idsOf(graph));
    expect(ways).toHaveLength(graph.edges.length);
    expect(ways.filter(({ isDashed }) => isDashed)).toHaveLength(
      graph.edges.filter(({ kind }) => kind === 'always').length,
    );
  });

  test('is read by Mermaid with every state in its place, and every way', async () => {
    const graph = await graphOf();
    const picture = await readMermaid(toMermaid(graph));
    expect(pathsOf(picture)).toEqual(keyPaths(graph));
    const loops = loopsOf(graph);
    expect(picture.arrows.filter(({ from, to }) => from === to)).toHaveLength(
      new Set(loops.map(({ source }) => source)).size,
    );
    expect(picture.arrows.filter(({ from, to }) => from !== to)).toHaveLength(
      graph.edges.length - loops.length,
    );
    expect(picture.startCount).toBe(startsOf(graph).size);
    const words = picture.arrows.flatMap(({ label }) => label.split('\n'));
    expect(words.filter((word) => word === 'always')).toHaveLength(
      graph.edges.filter(({ kind }) => kind === 'always').length,
    );
  });

  test('has all of them also when it is brief, several ways to an arrow', async () => {
    const graph = await graphOf();
    const { arrows, ...picture } = await readMermaid(toMermaid(graph, { detail: 'brief' }));
    expect(pathsOf({ arrows, ...picture })).toEqual(keyPaths(graph));
    expect(arrows.flatMap(({ label }) => label.split(',\n'))).toHaveLength(graph.edges.length);
    const dot = await readDot(toDot(graph, { detail: 'brief' }));
    expect(dot.states).toHaveLength(graph.nodes.length);
    expect(new Set(dot.ways.map(({ from, to, isDashed }) => `${from} ${to} ${isDashed}`)).size).toBe(
      dot.ways.length,
    );
  });
});

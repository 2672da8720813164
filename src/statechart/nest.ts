// Puts the graph of one machine into a state of another one, as where the state runs it as an actor.
import { NeedfulError } from '../contract/errors.js';
import type { Graph } from './graph.js';

export interface Nested {
  /** Id of the state that runs the inner machine. */
  readonly into: string;
  /** What its box is called, and its ids begin with behind `into`. */
  readonly name: string;
  readonly graph: Graph;
}

/**
 * Both graphs as one, with as many nodes and edges as both have: the inner machine is a state inside `into`. Throws
 * OPTION_INVALID when there is no such state.
 */
export function nest(outer: Graph, { into, name, graph }: Nested): Graph {
  if (!outer.nodes.some(({ id }) => id === into))
    throw new NeedfulError('OPTION_INVALID', `expected the id of a state of ${outer.id}, got ${into}`);
  const prefix = freePrefix(outer, `${into}:${name}:`);
  const inside = (id: string) => `${prefix}${id}`;
  const nodes = graph.nodes.map((node) => ({
    ...node,
    id: inside(node.id),
    ...(node.parent === null ? { parent: into, key: name } : { parent: inside(node.parent) }),
  }));
  const edges = graph.edges.map((edge) => ({
    ...edge,
    id: inside(edge.id),
    source: inside(edge.source),
    target: inside(edge.target),
  }));
  return { id: outer.id, nodes: [...outer.nodes, ...nodes], edges: [...outer.edges, ...edges] };
}

/** Ids of states can be anything. */
function freePrefix(graph: Graph, wanted: string): string {
  const taken = [...graph.nodes, ...graph.edges].some(({ id }) => id.startsWith(wanted));
  return taken ? freePrefix(graph, `${wanted}:`) : wanted;
}

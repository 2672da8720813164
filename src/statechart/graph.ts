// The graph of any XState machine, and its picture in Mermaid: read from the very machine that runs.
import type { AnyStateMachine } from 'xstate';
import { internal } from './machine.js';

export interface GraphNode {
  readonly id: string;
  readonly key: string;
  readonly parent: string | null;
  readonly type: string;
  readonly initial: boolean;
  readonly tags: readonly string[];
  readonly description: string | undefined;
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  readonly invoke: readonly string[];
  readonly deadline: string | number | undefined;
}

export interface GraphEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** '' for `always`. */
  readonly event: string;
  readonly guard: string | undefined;
  readonly actions: readonly string[];
  /** Neither leaves nor enters a state. */
  readonly targetless: boolean;
}

export interface Graph {
  readonly id: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

interface Meta {
  readonly deadline?: string | number;
  readonly run?: string;
}

type StateNode = AnyStateMachine['root'];
type Transition = NonNullable<StateNode['always']>[number];

const nameOf = (ref: unknown): string =>
  typeof ref === 'string' ? ref : ((ref as { type?: string } | undefined)?.type ?? '(inline)');
const names = (refs: readonly unknown[]): string[] =>
  refs.map(nameOf).filter((name) => !name.startsWith(internal) && !name.startsWith('xstate.'));

export function machineGraph(machine: AnyStateMachine): Graph {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const walk = (node: StateNode, parent: string | null) => {
    const meta = (node.meta ?? {}) as Meta;
    nodes.push({
      id: node.id,
      key: node.key,
      parent,
      type: node.type,
      initial: node.parent?.initial?.target?.includes(node) ?? false,
      tags: [...node.tags],
      description: node.description,
      entry: names(node.entry),
      exit: names(node.exit),
      invoke: [
        ...node.invoke.map((invoked) => nameOf(invoked.src)),
        ...(meta.run === undefined ? [] : [meta.run]),
      ],
      deadline: meta.deadline,
    });
    const push = (transition: Transition, index: number) => {
      for (const target of transition.target ?? [node]) {
        edges.push({
          id: `${node.id}|${transition.eventType}|${index}|${target.id}`,
          source: node.id,
          target: target.id,
          event: transition.eventType,
          guard: transition.guard === undefined ? undefined : nameOf(transition.guard),
          actions: names(transition.actions),
          targetless: transition.target === undefined,
        });
      }
    };
    for (const transitions of node.transitions.values()) transitions.forEach(push);
    (node.always ?? []).forEach(push);
    for (const child of Object.values(node.states)) walk(child, node.id);
  };
  walk(machine.root, null);
  return { id: machine.id, nodes, edges };
}

/** How an event reads in a picture: an invoked actor is named in its state, so its end needs no name. */
function label(event: string): string {
  const [, delay] = /^xstate\.after\.([^.]+)\./.exec(event) ?? [];
  if (delay) return `after ${delay}`;
  const [, end] = /^xstate\.(done|error)\.(?:actor|state)\./.exec(event) ?? [];
  return end ?? event;
}

/** A `stateDiagram-v2`. Ways out of the whole machine are drawn once, as a note, not from every state. */
export function toMermaid(graph: Graph): string {
  const [root, ...nodes] = graph.nodes;
  const lines = ['stateDiagram-v2'];
  const mermaidId = (id: string) => id.slice((root?.id.length ?? 0) + 1).replace(/\W/g, '_');
  const draw = (node: GraphNode, indent: string) => {
    const inner = nodes.filter(({ parent }) => parent === node.id);
    const id = mermaidId(node.id);
    const caption = [node.key, ...node.invoke.map((actor) => `run ${actor}`)].join(' / ');
    if (inner.length > 0) lines.push(`${indent}state "${caption}" as ${id} {`);
    else if (caption !== id) lines.push(`${indent}state "${caption}" as ${id}`);
    if (node.initial) lines.push(`${indent}[*] --> ${id}`);
    for (const child of inner) draw(child, `${indent}  `);
    if (inner.length > 0) lines.push(`${indent}}`);
  };
  for (const node of nodes) if (node.parent === root?.id) draw(node, '  ');
  const drawn = graph.edges.filter(({ targetless }) => !targetless);
  for (const { source, target, event, guard } of drawn) {
    if (source === root?.id) continue;
    const text = [label(event), guard === undefined ? '' : `[${guard}]`].filter(Boolean).join(' ');
    lines.push(`  ${mermaidId(source)} --> ${mermaidId(target)}${text && `: ${text}`}`);
  }
  for (const node of nodes) if (node.type === 'final') lines.push(`  ${mermaidId(node.id)} --> [*]`);
  // Mermaid takes a note only for a state that it has met in an edge.
  for (const { source, target, event } of drawn) {
    if (source === root?.id)
      lines.push(`  note right of ${mermaidId(target)}: ${label(event)}, from every state`);
  }
  return `${lines.join('\n')}\n`;
}

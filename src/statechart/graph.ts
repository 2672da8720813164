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

/** How an event reads in a picture. */
function label(event: string): string {
  if (event === '') return '';
  const [, kind, actor] = /^xstate\.(done|error)\.actor\.(.+)$/.exec(event) ?? [];
  if (kind) return `${kind}(${actor?.replace(/^\d+\./, '')})`;
  const [, delay] = /^xstate\.after\.([^.]+)\./.exec(event) ?? [];
  return delay ? `after ${delay}` : event.replace(/^xstate\.done\.state\..*/, 'done');
}

/** A `stateDiagram-v2`. Ways out of the whole machine are drawn once, from a note, not from every state. */
export function toMermaid(graph: Graph): string {
  const lines = ['stateDiagram-v2'];
  const mermaidId = (id: string) => id.replace(/\W/g, '_');
  const root = graph.nodes[0];
  const children = (parent: string) => graph.nodes.filter((node) => node.parent === parent);
  const draw = (node: GraphNode, indent: string) => {
    const inner = children(node.id);
    const caption = [node.key, ...node.invoke.map((actor) => `run ${actor}`)].join(' / ');
    lines.push(
      `${indent}state "${caption}" as ${mermaidId(node.id)}${inner.length > 0 ? ' {' : ''}`.replace(/ $/, ''),
    );
    for (const child of inner) {
      draw(child, `${indent}  `);
      if (child.initial) lines.push(`${indent}  [*] --> ${mermaidId(child.id)}`);
    }
    if (inner.length > 0) lines.push(`${indent}}`);
  };
  for (const node of root ? children(root.id) : []) {
    draw(node, '  ');
    if (node.initial) lines.push(`  [*] --> ${mermaidId(node.id)}`);
  }
  for (const edge of graph.edges) {
    if (edge.source === root?.id || edge.targetless) continue;
    const text = [label(edge.event), edge.guard === undefined ? '' : `[${edge.guard}]`]
      .filter(Boolean)
      .join(' ');
    lines.push(`  ${mermaidId(edge.source)} --> ${mermaidId(edge.target)}${text && `: ${text}`}`);
  }
  for (const edge of graph.edges) {
    if (edge.source !== root?.id || edge.targetless) continue;
    lines.push(`  note right of ${mermaidId(edge.target)}: ${label(edge.event)}, from every state`);
  }
  for (const node of graph.nodes) if (node.type === 'final') lines.push(`  ${mermaidId(node.id)} --> [*]`);
  return `${lines.join('\n')}\n`;
}

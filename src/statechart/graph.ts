// The graph of any XState machine, read from the very machine that runs: its states, one inside the other, and the ways
// between them. Pictures are made of it in mermaid.ts and dot.ts; what it looks like as JSON is written in docs/graph.md.
import type { AnyStateMachine } from 'xstate';
import { list, type OneOrMany } from './flow.js';
import { actionNames, actorName, guardName, type WayKind, wayName } from './graph-names.js';

/** A state. The first of a graph is the machine itself. */
export interface GraphNode {
  /** The state's id in its machine, such as `job.listening`; unique in the graph. */
  readonly id: string;
  readonly key: string;
  /** Id of the state around it; null: the machine itself. */
  readonly parent: string | null;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  /** Only of a history state, how deep it remembers. */
  readonly history: 'shallow' | 'deep' | null;
  /** Entered when its parent is. Every region of a parallel state is, and none says so. */
  readonly initial: boolean;
  /** Id of the machine that begins here; null for all other states. */
  readonly machine: string | null;
  readonly tags: readonly string[];
  readonly description: string | null;
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  /** Actors that run as long as the state lasts. */
  readonly invoke: readonly string[];
  /** Longest stay, by name or in milliseconds, as `meta.deadline` says. */
  readonly deadline: string | number | null;
}

/** A way from a state to a state; one that leads to several regions at once is as many edges. */
export interface GraphEdge {
  /** Unique in the graph. */
  readonly id: string;
  readonly source: string;
  /** The source itself where the way leads nowhere. */
  readonly target: string;
  /** As the machine calls it, such as `xstate.done.actor.ask`; '' of an event that there is none of. */
  readonly event: string;
  readonly kind: WayKind;
  /** The event in the words of a picture: `after 2 s`, `done`, `always`. */
  readonly label: string;
  readonly guard: string | null;
  readonly actions: readonly string[];
  /** Neither leaves nor enters a state. */
  readonly targetless: boolean;
  /** Leaves and enters its states anew, also where it leads to where it is. */
  readonly reenter: boolean;
  readonly description: string | null;
}

export interface Graph {
  /** That of the machine. */
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

/** States in the order in which they are written, ways in the order in which they are tried. */
export function machineGraph(machine: AnyStateMachine): Graph {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const walk = (node: StateNode, parent: string | null) => {
    nodes.push(nodeOf(node, parent));
    edges.push(...waysOf(node));
    for (const child of Object.values(node.states)) walk(child, node.id);
  };
  walk(machine.root, null);
  return { id: machine.id, nodes, edges };
}

function nodeOf(node: StateNode, parent: string | null): GraphNode {
  const meta = (node.meta ?? {}) as Meta;
  const invoked = list(node.config.invoke as OneOrMany<{ readonly src: unknown }> | undefined);
  return {
    id: node.id,
    key: node.key,
    parent,
    type: node.type,
    history: node.type === 'history' ? node.history || 'shallow' : null,
    initial: node.parent?.initial?.target?.includes(node) ?? false,
    machine: parent === null ? node.machine.id : null,
    tags: [...node.tags],
    description: node.description ?? null,
    entry: actionNames(node.entry),
    exit: actionNames(node.exit),
    invoke: [...invoked.map(({ src }) => actorName(src)), ...(meta.run === undefined ? [] : [meta.run])],
    deadline: meta.deadline ?? null,
  };
}

function waysOf(node: StateNode): GraphEdge[] {
  const edge = (transition: Transition, index: number, target: StateNode): GraphEdge => {
    const { eventType: event, guard, actions, reenter, description } = transition;
    return {
      id: [node.id, event, String(index), target.id].map(escaped).join('|'),
      source: node.id,
      target: target.id,
      event,
      ...wayName(transition, node.invoke),
      guard: guard === undefined ? null : guardName(guard),
      actions: actionNames(actions),
      targetless: transition.target === undefined,
      reenter,
      description: description ?? null,
    };
  };
  const edges = [...node.transitions.values(), node.always ?? []].flatMap((transitions) =>
    transitions.flatMap((transition, index) =>
      (transition.target ?? [node]).map((target) => edge(transition, index, target)),
    ),
  );
  return [...edges, ...remembered(node)];
}

const escaped = (part: string) => part.replace(/[%|]/g, encodeURIComponent);

/** Where a history state leads that remembers nothing. XState keeps it beside the transitions. */
function remembered(node: StateNode): GraphEdge[] {
  const config = node.config as { readonly target?: OneOrMany<string> };
  if (node.type !== 'history') return [];
  return list(config.target).map((target) => ({
    id: [node.id, 'default', target].map(escaped).join('|'),
    source: node.id,
    target: stateAt(node, target).id,
    event: '',
    kind: 'default',
    label: 'default',
    guard: null,
    actions: [],
    targetless: false,
    reenter: false,
    description: null,
  }));
}

/** A history's target is written as seen from the state around it. */
function stateAt(node: StateNode, target: string): StateNode {
  if (target.startsWith('#')) return node.machine.getStateNodeById(target);
  const keys = target.replace(/^\./, '').split('.');
  return keys.reduce((at, key) => at?.states[key] ?? node, node.parent ?? node);
}

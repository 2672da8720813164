// What can be covered, read as a chart: the states of a flow or machine, one inside the other, and the branches that each
// tries for an event. Guards are names here, never functions: what they ask is not looked at.
import { NeedfulError } from '../../contract/errors.js';
import { flowDefects, throwDefects } from '../../statechart/check-flow.js';
import { type AnyMachine, isMachine } from '../../statechart/embed-machine.js';
import type { AnyFlow, Flow } from '../../statechart/flow.js';
import { machineGraph } from '../../statechart/graph.js';
import { actionNames, guardName, wayName } from '../../statechart/graph-names.js';
import { createFlowMachine } from '../../statechart/machine.js';

/** What can be covered: a flow, ready-made or a user's own, or an XState machine. */
export type CoverTarget = AnyFlow | AnyMachine;

export interface ChartState {
  readonly id: string;
  readonly key: string;
  /** Keys from the outermost state inwards, joined by dots. */
  readonly name: string;
  /** States in the order in which they are written. */
  readonly order: number;
  readonly parent: ChartState | null;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly children: ChartState[];
  /** Only of a history state. */
  readonly deep: boolean;
  /** Where a compound state begins; of a history state, where it leads that remembers nothing. */
  readonly initial: ChartState[];
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  /** By event, in the order in which they are tried. */
  readonly on: Map<string, Branch[]>;
  readonly always: Branch[];
}

/** One way out of a state, of those that are tried one after the other. */
export interface Branch {
  readonly source: ChartState;
  /** As the machine calls it; '' of one that needs none. */
  readonly event: string;
  readonly index: number;
  readonly label: string;
  /** null: it is taken when it is tried. */
  readonly guard: string | null;
  /** Empty: no state is left or entered. */
  readonly targets: readonly ChartState[];
  readonly reenter: boolean;
  readonly actions: readonly string[];
}

export interface Chart {
  readonly id: string;
  readonly root: ChartState;
  readonly states: readonly ChartState[];
}

type Machine = Parameters<typeof machineGraph>[0];
type Node = Machine['root'];
type Transition = NonNullable<Node['always']>[number];

/** Throws OPTION_INVALID for what is no flow and no machine, FLOW_INVALID for a flow that cannot be read. */
export function chartOf(target: CoverTarget): Chart {
  const machine = machineOf(target);
  const states = new Map<string, ChartState>();
  const add = (node: Node, parent: ChartState | null) => {
    const state = stateOf(node, { parent, order: states.size });
    states.set(node.id, state);
    parent?.children.push(state);
    for (const child of Object.values(node.states)) add(child, state);
  };
  add(machine.root, null);
  const at = ({ id }: { readonly id: string }) => states.get(id) as ChartState;
  const connect = (node: Node) => {
    const state = at(node);
    state.initial.push(...(node.initial?.target ?? []).map(at));
    for (const [event, ways] of node.transitions) state.on.set(event, branches(node, { ways, at }));
    state.always.push(...branches(node, { ways: node.always ?? [], at }));
    for (const child of Object.values(node.states)) connect(child);
  };
  connect(machine.root);
  const defaults = machineGraph(machine).edges.filter(({ kind }) => kind === 'default');
  for (const { source, target } of defaults) at({ id: source }).initial.push(at({ id: target }));
  return { id: machine.id, root: at(machine.root), states: [...states.values()] };
}

function machineOf(target: CoverTarget): Machine {
  if (isMachine(target)) return target as unknown as Machine;
  if ((target as Partial<AnyFlow> | null)?.kind !== 'flow')
    throw new NeedfulError('OPTION_INVALID', `expected a flow or an XState machine, got ${typeof target}`);
  const unreadable = ['SHAPE_INVALID', 'KEY_UNKNOWN', 'TARGET_UNKNOWN'];
  const flow = target as Flow;
  throwDefects(
    `flow ${flow.id}`,
    flowDefects(flow).filter(({ code }) => unreadable.includes(code)),
  );
  return createFlowMachine(flow, {}, { updates: {}, effects: {}, guards: {} });
}

function stateOf(
  node: Node,
  { parent, order }: { readonly parent: ChartState | null; readonly order: number },
): ChartState {
  const { id, key, type } = node;
  return {
    id,
    key,
    name: parent === null || parent.parent === null ? key : `${parent.name}.${key}`,
    order,
    parent,
    type,
    children: [],
    deep: node.history === 'deep',
    initial: [],
    entry: actionNames(node.entry),
    exit: actionNames(node.exit),
    on: new Map(),
    always: [],
  };
}

function branches(
  node: Node,
  given: { readonly ways: readonly Transition[]; readonly at: (node: Node) => ChartState },
): Branch[] {
  return given.ways.map((way, index) => ({
    source: given.at(node),
    event: way.eventType,
    index,
    label: wayName(way, node.invoke).label,
    guard: way.guard === undefined ? null : atomOf(way.guard, `${node.key} ${way.eventType} ${index}`),
    targets: (way.target ?? []).map(given.at),
    reenter: way.reenter,
    actions: actionNames(way.actions),
  }));
}

/** Two guards are one only where they surely ask the same: functions without a name never do. */
function atomOf(guard: unknown, place: string): string {
  const name = guardName(guard);
  const { params } = guard as { readonly params?: unknown };
  if (params !== undefined && typeof guard === 'object')
    return typeof params === 'function' ? `${name} (${place})` : `${name} ${JSON.stringify(params)}`;
  return name.includes('(inline)') ? `${name} (${place})` : name;
}

/** From the state outwards, the machine itself last. */
export function outwards(state: ChartState): readonly ChartState[] {
  return state.parent === null ? [state] : [state, ...outwards(state.parent)];
}

/** null is around everything. */
export const isWithin = (state: ChartState, outer: ChartState | null): boolean =>
  outer === null || outwards(state).indexOf(outer) > 0;

export const isLeaf = ({ type }: ChartState): boolean => type === 'atomic' || type === 'final';

// What there is to cover, by name. A way that a state takes over from one around it counts in each state that has it: a
// `stop` of the whole machine is to be tried in every one.
import { type Branch, type Chart, type ChartState, isLeaf, outwards } from './chart.js';
import { candidates } from './looks.js';

export interface TransitionItem {
  readonly name: string;
  /** The innermost state that takes it. */
  readonly leaf: ChartState;
  readonly branch: Branch;
}

export interface GuardItem {
  readonly name: string;
  readonly leaf: ChartState;
  readonly branch: Branch;
  readonly holds: boolean;
}

export interface Items {
  readonly states: readonly ChartState[];
  readonly transitions: ReadonlyMap<string, TransitionItem>;
  readonly guards: ReadonlyMap<string, GuardItem>;
  transitionOf(leaf: ChartState, branch: Branch): TransitionItem | undefined;
  guardOf(asked: {
    readonly leaf: ChartState;
    readonly branch: Branch;
    readonly holds: boolean;
  }): GuardItem | undefined;
}

export function itemsOf(chart: Chart): Items {
  const transitions = new Map<string, TransitionItem>();
  const guards = new Map<string, GuardItem>();
  const names = new Map<string, string>();
  const named = (key: string, wanted: string, taken: ReadonlyMap<string, unknown>): string => {
    const known = names.get(key);
    if (known !== undefined) return known;
    let name = wanted;
    for (let count = 2; taken.has(name); count++) name = `${wanted} (${count})`;
    names.set(key, name);
    return name;
  };
  const placed = new Set<Branch>();
  const add = (leaf: ChartState, branch: Branch) => {
    placed.add(branch);
    const name = named(wayKey(leaf, branch), wayName(leaf, branch), transitions);
    transitions.set(name, { name, leaf, branch });
    if (branch.guard === null) return;
    for (const holds of [true, false]) {
      const asked = { leaf, branch, holds };
      const claim = named(guardKey(asked), guardText(asked), guards);
      if (!guards.has(claim)) guards.set(claim, { name: claim, ...asked });
    }
  };
  for (const leaf of chart.states.filter(isLeaf)) for (const branch of waysOf(leaf)) add(leaf, branch);
  // What no state inside leaves to it is there all the same.
  for (const state of chart.states) {
    for (const branch of [...state.on.values(), state.always].flat())
      if (!placed.has(branch)) add(state, branch);
  }
  const item = <T>(all: ReadonlyMap<string, T>, key: string) => all.get(names.get(key) ?? '');
  return {
    states: chart.states.filter(({ parent, type }) => parent !== null && type !== 'history'),
    transitions,
    guards,
    transitionOf: (leaf, branch) => item(transitions, wayKey(leaf, branch)),
    guardOf: (asked) => item(guards, guardKey(asked)),
  };
}

/** Branches of a state and of those around it, but for those that an inner one always forestalls. */
function waysOf(leaf: ChartState): readonly Branch[] {
  const around = outwards(leaf);
  const passing = around.some(({ always }) => always.some(moves)) || isOver(leaf);
  return around.flatMap((state, depth) => {
    const inner = around.slice(0, depth);
    const always = inner.some((each) => each.always.some(moves)) ? [] : state.always;
    const answered = (event: string) => inner.some((each) => candidates(each, event).some(certain));
    const on = [...state.on].flatMap(([event, branches]) => {
      if (event.startsWith('xstate.done.state.')) return ends(leaf, event) ? branches : [];
      return depth > 0 && (passing || answered(event)) ? [] : branches;
    });
    return [...on, ...always];
  });
}

const certain = ({ guard }: Branch): boolean => guard === null;
const moves = (branch: Branch): boolean => certain(branch) && branch.targets.length > 0;

/** The machine has ended, or what is around goes on by itself. */
function isOver({ type, parent }: ChartState): boolean {
  if (type !== 'final' || parent === null) return false;
  return parent.parent === null || (parent.on.get(`xstate.done.state.${parent.id}`) ?? []).some(moves);
}

/** The state is one with which a compound state, or one with regions, may be done. */
function ends(leaf: ChartState, event: string): boolean {
  if (leaf.type !== 'final') return false;
  return outwards(leaf)
    .slice(1)
    .some(
      ({ id, type }, depth) => event === `xstate.done.state.${id}` && (depth === 0 || type === 'parallel'),
    );
}

const wayKey = ({ id }: ChartState, { source, event, index }: Branch) =>
  JSON.stringify([id, source.id, event, index]);

/** The same guard asked twice for the same is one. */
const guardKey = ({ leaf, branch, holds }: Omit<GuardItem, 'name'>) =>
  JSON.stringify([leaf.id, branch.source.id, branch.event, branch.guard, holds]);

function wayName({ name }: ChartState, { label, guard, index, source, event, targets }: Branch): string {
  const list = (event === '' ? source.always : source.on.get(event)) ?? [];
  const condition = guard !== null ? ` [${guard}]` : index > 0 && list.length > 1 ? ' [else]' : '';
  const where = targets.length === 0 ? 'stays' : `-> ${targets.map((target) => target.name).join(', ')}`;
  return `${name} + ${label}${condition} ${where}`;
}

const guardText = ({ leaf, branch, holds }: Omit<GuardItem, 'name'>) =>
  `${leaf.name} + ${branch.label}, ${holds ? '' : 'not '}${branch.guard}`;

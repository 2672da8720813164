// Which states are left and entered, as SCXML and XState have it: nested states, states side by side, history.
import { type Branch, type ChartState, isLeaf, isWithin, outwards } from './chart.js';

/** Where a machine is. */
export interface Situation {
  readonly active: ReadonlySet<ChartState>;
  /** Of history states that remember: by id. */
  readonly remembered: ReadonlyMap<string, readonly ChartState[]>;
}

export interface Moved {
  readonly situation: Situation;
  /** In the order in which they are called. */
  readonly actions: readonly string[];
  /** Events that follow by themselves: of compound states that are done. */
  readonly raised: readonly string[];
  /** The machine has ended. */
  readonly ended: boolean;
}

type Remembered = Situation['remembered'];

export const leavesOf = ({ active }: Situation): readonly ChartState[] => [...active].filter(isLeaf);

/** As the machine begins. */
export function beginning(root: ChartState): Moved {
  const begun: Branch = {
    source: root,
    event: '',
    index: 0,
    label: '',
    guard: null,
    targets: [root],
    reenter: true,
    actions: [],
  };
  return move({ active: new Set(), remembered: new Map() }, [begun]);
}

/** Takes branches that stand in nobody's way, all at once. */
export function move({ active, remembered }: Situation, branches: readonly Branch[]): Moved {
  const left = branches.flatMap((branch) => exits({ active, remembered }, branch));
  const leaving = inOrder(new Set(left)).reverse();
  const kept = new Map(remembered);
  for (const state of leaving) {
    for (const child of state.children) {
      if (child.type !== 'history') continue;
      const within = [...active].filter((each) =>
        child.deep ? isLeaf(each) && isWithin(each, state) : each.parent === state,
      );
      kept.set(child.id, within);
    }
  }
  const entered = new Set<ChartState>();
  for (const branch of branches) enter(branch, { entered, remembered: kept });
  const entering = inOrder(entered);
  const now = new Set([...active].filter((state) => !left.includes(state)));
  const raised: string[] = [];
  let ended = false;
  const complete = new Set<ChartState>();
  for (const state of entering) {
    now.add(state);
    if (state.type !== 'final' || state.parent === null) continue;
    const { parent } = state;
    if (parent.type === 'compound') raised.push(`xstate.done.state.${parent.id}`);
    let around = parent.type === 'parallel' ? parent : parent.parent;
    while (around?.type === 'parallel' && !complete.has(around) && isDone(around, now)) {
      complete.add(around);
      raised.push(`xstate.done.state.${around.id}`);
      around = around.parent;
    }
    if (around === null) ended = true;
  }
  const actions = [
    ...leaving.flatMap(({ exit }) => exit),
    ...branches.flatMap((branch) => branch.actions),
    ...entering.flatMap(({ entry }) => entry),
  ];
  return { situation: { active: new Set(inOrder(now)), remembered: kept }, actions, raised, ended };
}

/** Without those that another one stands in the way of: of two that leave the same states, the inner one goes. */
export function unopposed(situation: Situation, branches: readonly Branch[]): readonly Branch[] {
  const chosen = new Set<Branch>();
  for (const branch of new Set(branches)) {
    const own = new Set(exits(situation, branch));
    const opposed = [...chosen].filter((other) => exits(situation, other).some((state) => own.has(state)));
    if (!opposed.every(({ source }) => isWithin(branch.source, source))) continue;
    for (const other of opposed) chosen.delete(other);
    chosen.add(branch);
  }
  return [...chosen];
}

const inOrder = (states: ReadonlySet<ChartState>) => [...states].sort((a, b) => a.order - b.order);

function exits({ active, remembered }: Situation, branch: Branch): readonly ChartState[] {
  if (branch.targets.length === 0) return [];
  const around = domainOf(branch, remembered);
  const self = branch.reenter && branch.source === around && active.has(branch.source) ? [branch.source] : [];
  return [...self, ...[...active].filter((state) => isWithin(state, around))];
}

/** The state that stays while all of its inside may be left; null: even the machine itself is entered anew. */
function domainOf({ source, targets, reenter }: Branch, remembered: Remembered): ChartState | null {
  const ends = reached(targets, remembered);
  if (!reenter && ends.every((end) => end === source || isWithin(end, source))) return source;
  const common = outwards(source)
    .slice(1)
    .find((state) => ends.every((end) => isWithin(end, state)));
  if (common !== undefined || reenter) return common ?? null;
  return outwards(source).at(-1) ?? null;
}

/** Targets, with what a history state stands for. */
function reached(targets: readonly ChartState[], remembered: Remembered): readonly ChartState[] {
  return targets.flatMap((target) =>
    target.type === 'history'
      ? (remembered.get(target.id) ?? reached(fallback(target), remembered))
      : [target],
  );
}

/** Where a history state leads that remembers nothing. */
function fallback({ initial, parent }: ChartState): readonly ChartState[] {
  if (initial.length > 0 || parent === null) return initial;
  return parent.type === 'parallel' ? [parent] : parent.initial;
}

interface Entering {
  readonly entered: Set<ChartState>;
  readonly remembered: Remembered;
}

function enter(branch: Branch, to: Entering): void {
  const { source, targets, reenter } = branch;
  if (targets.length === 0) return;
  const domain = domainOf(branch, to.remembered);
  for (const target of targets) {
    if (target.type !== 'history' && (source !== target || source !== domain || reenter))
      to.entered.add(target);
    inside(target, to);
  }
  for (const end of reached(targets, to.remembered)) {
    const around = between(end, domain);
    const outer = domain?.type === 'parallel' ? [...around, domain] : around;
    above(outer, { ...to, within: source.parent === null && reenter ? null : domain });
  }
}

/** What is entered along with a state: its beginning, or all of its regions. */
function inside(state: ChartState, to: Entering): void {
  const { entered, remembered } = to;
  if (state.type === 'history') {
    const ends = remembered.get(state.id) ?? fallback(state);
    for (const end of ends) {
      entered.add(end);
      inside(end, to);
    }
    for (const end of ends) above(between(end, state.parent), { ...to, within: null });
  } else if (state.type === 'compound') {
    const [first] = state.initial;
    if (first === undefined) return;
    if (first.type !== 'history') entered.add(first);
    inside(first, to);
    above(between(first, state), { ...to, within: null });
  } else if (state.type === 'parallel') regions(state, to);
}

function above(
  states: readonly ChartState[],
  { within, ...to }: Entering & { readonly within: ChartState | null },
): void {
  for (const state of states) {
    if (within === null || isWithin(state, within)) to.entered.add(state);
    if (state.type === 'parallel') regions(state, to);
  }
}

function regions(state: ChartState, to: Entering): void {
  for (const child of state.children) {
    if (child.type === 'history' || [...to.entered].some((each) => isWithin(each, child))) continue;
    to.entered.add(child);
    inside(child, to);
  }
}

/** States around one, up to and without another. */
function between(state: ChartState, outer: ChartState | null): readonly ChartState[] {
  if (state === outer) return [];
  const around = outwards(state).slice(1);
  const end = outer === null ? -1 : around.indexOf(outer);
  return end < 0 ? around : around.slice(0, end);
}

function isDone(state: ChartState, active: ReadonlySet<ChartState>): boolean {
  if (state.type === 'compound')
    return state.children.some((child) => child.type === 'final' && active.has(child));
  if (state.type === 'parallel') return state.children.every((child) => isDone(child, active));
  return state.type === 'final';
}

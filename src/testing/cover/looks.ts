// What a machine may do at a moment: every outcome that its guards can have, each guard true or false and the same wherever
// it is asked in that moment.
import type { Branch, ChartState } from './chart.js';
import { leavesOf, type Situation, unopposed } from './move.js';

/** A guard was asked. */
export interface Decision {
  readonly branch: Branch;
  readonly guard: string;
  readonly holds: boolean;
  /** The innermost states for which it was asked. */
  readonly leaves: readonly ChartState[];
}

/** One outcome. */
export interface Look {
  readonly decisions: readonly Decision[];
  /** Ways that are taken, all at once; empty: none. */
  readonly taken: readonly { readonly branch: Branch; readonly leaves: readonly ChartState[] }[];
}

/** Every outcome for an event; null: for none, as after each microstep. */
export function looks(situation: Situation, event: string | null): readonly Look[] {
  return everyGuess((guess) => lookAt(situation, { event, guess }));
}

type Guess = (guard: string) => boolean;

/** Runs it once for each outcome of the guards that it asks. */
function everyGuess<T>(run: (guess: Guess) => T): readonly T[] {
  const all: T[] = [];
  const given: boolean[] = [];
  for (;;) {
    const asked = new Map<string, boolean>();
    all.push(
      run((guard) => {
        const known = asked.get(guard);
        if (known !== undefined) return known;
        const holds = given[asked.size] ?? true;
        given[asked.size] = holds;
        asked.set(guard, holds);
        return holds;
      }),
    );
    given.length = asked.size;
    while (given.at(-1) === false) given.pop();
    if (given.length === 0) return all;
    given[given.length - 1] = false;
  }
}

function lookAt(
  situation: Situation,
  { event, guess }: { readonly event: string | null; readonly guess: Guess },
): Look {
  const leaves = leavesOf(situation);
  const decisions: Decision[] = [];
  const first = (branches: readonly Branch[], asking: readonly ChartState[]): Branch | undefined =>
    branches.find((branch) => {
      if (branch.guard === null) return true;
      const holds = guess(branch.guard);
      decisions.push({ branch, guard: branch.guard, holds, leaves: asking });
      return holds;
    });
  const taking = new Map<Branch, Set<ChartState>>();
  const take = (branch: Branch, asking: readonly ChartState[]) =>
    taking.set(branch, new Set([...(taking.get(branch) ?? []), ...asking]));

  const climb = (leaf: ChartState) => {
    for (let state: ChartState | null = leaf; state !== null; state = state.parent) {
      const branch = first(state.always, [leaf]);
      if (branch !== undefined) return void take(branch, [leaf]);
    }
  };
  /** Inner states answer first; whether one did. */
  const answer = (state: ChartState, asked: string): boolean => {
    const inner = state.children.filter((child) => situation.active.has(child));
    const answered = inner.map((child) => answer(child, asked)).includes(true);
    if (answered) return true;
    const asking = leaves.filter((leaf) => isAtOrWithin(leaf, state));
    const branch = first(candidates(state, asked), asking);
    if (branch !== undefined) take(branch, asking);
    return branch !== undefined;
  };

  if (event === null) leaves.forEach(climb);
  else for (const state of situation.active) if (state.parent === null) answer(state, event);
  const unhindered = new Set(unopposed(situation, [...taking.keys()]));
  const taken = [...taking].flatMap(([branch, asking]) =>
    unhindered.has(branch) ? [{ branch, leaves: [...asking] }] : [],
  );
  return { decisions, taken };
}

const isAtOrWithin = (state: ChartState, outer: ChartState): boolean =>
  state === outer || (state.parent !== null && isAtOrWithin(state.parent, outer));

/** What a state tries for an event: the event itself, then what stands for many, the longest first. */
export function candidates(state: ChartState, event: string): readonly Branch[] {
  const wild = [...state.on.keys()].filter((known) => known !== event && standsFor(known, event));
  wild.sort((a, b) => b.length - a.length);
  return [event, ...wild].flatMap((known) => state.on.get(known) ?? []);
}

/** Whether a descriptor such as `reply.*` answers an event. */
export function standsFor(known: string, event: string): boolean {
  if (known === '*') return true;
  return known.endsWith('.*') && `${event}.`.startsWith(known.slice(0, -1));
}

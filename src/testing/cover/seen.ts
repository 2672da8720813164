// What was surely covered by paths that were gone, and by records: those say which state was left, which was entered and for
// which event, and what follows from that is in records.ts.
import type { CoverPath } from './cover-path.js';
import { pairName, type Survey } from './survey.js';

export interface Seen {
  readonly certain: ReadonlySet<string>;
  /** By name, with why it is not certain. */
  readonly doubtful: ReadonlyMap<string, string>;
  readonly unexplained: readonly string[];
}

export function seenInPaths({ items, free }: Survey, paths: readonly CoverPath[]): Seen {
  const certain = new Set<string>();
  const unexplained: string[] = [];
  const statesAt = statesByPlace(free);
  const isTransition = (name: string) => items.transitions.has(name);
  const isKnown = (name: string) => isTransition(name) || items.guards.has(name);
  for (const { steps } of paths) {
    for (const name of statesAt.get(free.start.name) ?? []) certain.add(name);
    let before: readonly string[] = [];
    for (const { from, to, covers, taken } of steps) {
      const places = [from, to].flatMap((place) => statesAt.get(place) ?? []);
      for (const name of [...places, ...covers.filter(isKnown)]) certain.add(name);
      unexplained.push(...covers.filter((name) => !isKnown(name)));
      if (!taken) continue;
      const transitions = covers.filter(isTransition);
      for (const first of before) for (const next of transitions) certain.add(pairName(first, next));
      before = transitions;
    }
  }
  return { certain, doubtful: new Map(), unexplained };
}

/** Names of the states that a place is in, by the name of the place. */
export function statesByPlace({ places }: Survey['free']): ReadonlyMap<string, readonly string[]> {
  return new Map(
    places.map(({ name, situation }) => [
      name,
      [...situation.active].flatMap((state) => (state.parent === null ? [] : [state.name])),
    ]),
  );
}

// What is known of a target before anything is run: what there is to cover and how far one can come.
import { type CoverTarget, chartOf } from './chart.js';
import type { Allows } from './cover-path.js';
import { type Items, itemsOf } from './items.js';
import { type Place, type Search, search, type Way } from './search.js';

export interface CoverOptions {
  /** Which paths can be gone. Default: all that the guards leave open, whatever they ask. */
  readonly allows?: Allows;
}

export interface Survey {
  readonly id: string;
  readonly items: Items;
  /** With guards that say anything. */
  readonly free: Search;
  /** With paths that are allowed. */
  readonly allowed: Search;
}

export function surveyOf(target: CoverTarget, { allows }: CoverOptions = {}): Survey {
  const chart = chartOf(target);
  const items = itemsOf(chart);
  const free = search(chart, { items });
  return {
    id: chart.id,
    items,
    free,
    allowed: allows === undefined ? free : search(chart, { items, allows }),
  };
}

export const waysOf = ({ places }: Search): readonly Way[] => places.flatMap(({ out }) => out);

export const pairName = (first: string, second: string): string => `${first}, then ${second}`;

/** Names of all transitions that can follow one another. */
export function pairsOf(found: Search): ReadonlySet<string> {
  const before = new Map<Place, Set<string>>(found.places.map((place) => [place, new Set()]));
  const queue = new Set<Place>();
  const arrive = (at: Place, names: readonly string[]) => {
    const known = before.get(at);
    if (known === undefined || names.every((name) => known.has(name))) return;
    for (const name of names) known.add(name);
    // What changed is looked at again, behind the rest.
    queue.delete(at);
    queue.add(at);
  };
  for (const { to, transitions } of waysOf(found)) arrive(to, transitions);
  for (const place of queue) {
    queue.delete(place);
    for (const way of place.out) if (!way.step.taken) arrive(way.to, [...(before.get(place) ?? [])]);
  }
  const pairs = waysOf(found).flatMap((way) =>
    [...(before.get(way.from) ?? [])].flatMap((first) =>
      way.transitions.map((next) => pairName(first, next)),
    ),
  );
  return new Set(pairs);
}

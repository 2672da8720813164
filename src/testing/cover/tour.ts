// Few paths that cover what can be covered: each goes from one thing not yet covered to the nearest next one, and ends
// where the machine began or has ended, so that a test is one job.
import type { CoverStep } from './cover-path.js';
import type { Place, Search, Way } from './search.js';

/** Steps after which a path no longer looks for ways that let it go on: a failing test of a hundred steps says little. */
const steadyLength = 30;

export function tour({ start, places }: Search): readonly (readonly CoverStep[])[] {
  const left = new Set(places.flatMap(({ out }) => out.flatMap(({ step }) => step.covers)));
  const news = (way: Way) => way.step.covers.some((name) => left.has(name));
  const paths: (readonly CoverStep[])[] = [];
  const before = comingFrom(places);
  if (left.size === 0) return [[]];
  while (left.size > 0) {
    const path: Way[] = [];
    const walk = (ways: readonly Way[]) => {
      path.push(...ways);
      for (const { step } of ways) for (const name of step.covers) left.delete(name);
    };
    let at: Place | undefined = start;
    while (at !== undefined && left.size > 0) {
      const open = path.length < steadyLength ? promising(before, news) : undefined;
      const ways: readonly Way[] | undefined =
        nearest(at, { wanted: (way) => news(way) && (open?.has(way.to) ?? false) }) ??
        nearest(at, { wanted: news }) ??
        // Some things can be done only by a machine that has come back to where it began.
        (path.length === 0 ? nearest(at, { wanted: news, pastHome: true }) : undefined);
      walk(ways ?? []);
      at = ways?.at(-1)?.to;
      if (at?.home || at?.ended) at = undefined;
    }
    const end = path.at(-1)?.to ?? start;
    if (path.length === 0) break;
    if (!end.home && !end.ended) walk(wayOut(end));
    paths.push(path.map(({ step }) => step));
  }
  return needed(paths);
}

function wayOut(end: Place): readonly Way[] {
  return (
    nearest(end, { wanted: ({ to }) => to.home }) ??
    nearest(end, { wanted: ({ to }) => to.ended }) ??
    nearest(end, { wanted: ({ to }) => to.rests }) ??
    []
  );
}

type Before = ReadonlyMap<Place, readonly Place[]>;

function comingFrom(places: readonly Place[]): Before {
  const before = new Map<Place, Place[]>(places.map((place) => [place, []]));
  for (const { out } of places) for (const { from, to } of out) before.get(to)?.push(from);
  return before;
}

/** Places from which something not yet covered can be reached without a return to where the machine began. */
function promising(before: Before, news: (way: Way) => boolean): ReadonlySet<Place> {
  const found = new Set<Place>();
  for (const place of before.keys()) if (!place.home && place.out.some(news)) found.add(place);
  for (const place of found) for (const from of before.get(place) ?? []) if (!from.home) found.add(from);
  return found;
}

/** A shortest way on that ends with a wanted step. */
function nearest(
  from: Place,
  { wanted, pastHome = false }: { readonly wanted: (way: Way) => boolean; readonly pastHome?: boolean },
): readonly Way[] | undefined {
  const arrivals = new Map<Place, Way | null>([[from, null]]);
  for (const place of arrivals.keys()) {
    const found = place.out.find(wanted);
    if (found !== undefined) return [...wayTo(place, arrivals), found];
    for (const way of place.out)
      if (!arrivals.has(way.to) && (pastHome || !way.to.home)) arrivals.set(way.to, way);
  }
  return undefined;
}

function wayTo(place: Place, arrivals: ReadonlyMap<Place, Way | null>): readonly Way[] {
  const ways: Way[] = [];
  for (let way = arrivals.get(place); way; way = arrivals.get(way.from)) ways.unshift(way);
  return ways;
}

/** Without paths that cover nothing of their own. */
function needed(paths: readonly (readonly CoverStep[])[]): readonly (readonly CoverStep[])[] {
  const kept = new Set(paths);
  for (const path of paths) {
    const others = new Set(
      [...kept].filter((other) => other !== path).flatMap((other) => other.flatMap(({ covers }) => covers)),
    );
    if (path.every(({ covers }) => covers.every((name) => others.has(name)))) kept.delete(path);
  }
  return [...kept];
}

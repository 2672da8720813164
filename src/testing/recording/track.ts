// One lane of a recording, or the worker around it, held against its machine: all places in which the machine may be are
// followed at once, since records show states and events, not what guards were asked.
import { standsFor } from '../cover/looks.js';
import type { RecordedTransition } from '../cover/records.js';
import type { Place, Search, Way } from '../cover/search.js';

/** Where the machine may be, and by which event; null: by any. */
interface Spot {
  readonly place: Place;
  readonly event: string | null;
}

export interface TrackOptions {
  readonly found: Search;
  /** The recording is known to begin where the machine does; else it may come in anywhere. */
  readonly fromStart: boolean;
  /** A state that leads to itself is not recorded. */
  readonly hidesLoops: boolean;
}

export interface Track {
  /** null: the machine may do that; else what it may do, `verified + reply.confirmed -> doingTheNeedful` each. */
  go(record: RecordedTransition): readonly string[] | null;
}

export function createTrack({ found, fromStart, hidesLoops }: TrackOptions): Track {
  const beginning: Spot = { place: found.start, event: null };
  let spots: readonly Spot[] | null = fromStart ? spread([beginning], hidesLoops) : null;
  return {
    go(record) {
      if (record.from === '') {
        const all = settle([beginning]);
        const begun = all.filter(({ place }) => place.name === record.to);
        if (begun.length === 0 || record.event !== 'xstate.init')
          return all.map(({ place }) => `nowhere + xstate.init -> ${place.name}`);
        spots = spread(begun, hidesLoops);
        return null;
      }
      spots ??= found.places.map((place) => ({ place, event: null }));
      const ways = spots.flatMap(({ place, event }) => place.out.map((way) => ({ way, event })));
      const taken = ways.filter(
        ({ way, event }) => way.shown && isMeant(way, record) && isBy(way, { record, event }),
      );
      if (taken.length === 0) return instead(ways, record);
      spots = spread(
        taken.map(({ way: { to } }) => ({ place: to, event: record.event })),
        hidesLoops,
      );
      return null;
    },
  };
}

const isMeant = ({ step }: Way, record: RecordedTransition) =>
  step.from === record.from && step.to === record.to;

/** What needs no event goes on with the one before it. */
const isBy = (
  { step }: Way,
  { record, event }: { readonly record: RecordedTransition; readonly event: string | null },
) =>
  step.event === record.event ||
  standsFor(step.event, record.event) ||
  (step.transient && (event === null || event === record.event));

/** With everything that can be come to without a record. */
function spread(spots: readonly Spot[], hidesLoops: boolean): readonly Spot[] {
  return reach(spots, ({ shown, step }) => !shown || (hidesLoops && step.from === step.to));
}

/** With everything that a machine comes to of itself. */
const settle = (spots: readonly Spot[]) => reach(spots, ({ step }) => step.transient);

function reach(from: readonly Spot[], follows: (way: Way) => boolean): readonly Spot[] {
  const all = new Map<string, Spot>();
  const places = new Map<Place, number>();
  const add = (spot: Spot) => {
    const number = places.get(spot.place) ?? places.size;
    places.set(spot.place, number);
    const key = `${number} ${spot.event}`;
    if (all.has(key)) return;
    all.set(key, spot);
    for (const way of spot.place.out) {
      if (!follows(way)) continue;
      const { transient, event } = way.step;
      add({ place: way.to, event: transient ? spot.event : event.endsWith('*') ? null : event });
    }
  };
  from.forEach(add);
  return [...all.values()];
}

/** The ways out of where it is: those for the same event, if there are any. */
function instead(
  ways: readonly { readonly way: Way; readonly event: string | null }[],
  record: RecordedTransition,
): readonly string[] {
  const shown = ways.filter(({ way: { shown } }) => shown);
  const here = shown.filter(({ way: { step } }) => step.from === record.from);
  const same = here.filter(({ way, event }) => isBy(way, { record, event }));
  const best = [same, here, shown].find((some) => some.length > 0) ?? [];
  return [...new Set(best.map(({ way: { step } }) => `${step.from} + ${step.event} -> ${step.to}`))].sort();
}

// What recorded transitions cover. A record shows where a machine was, where it came to and by which event; which way it
// took, and what its guards said, is found where only one can be meant.
import { standsFor } from './looks.js';
import type { Way } from './search.js';
import { type Seen, statesByPlace } from './seen.js';
import { pairName, type Survey, waysOf } from './survey.js';

/** As `worker.subscribe` tells it. */
export interface RecordedTransition {
  /** '' where a machine begins. */
  readonly from: string;
  readonly to: string;
  /** Of a microstep that needs none, the one that led to it. */
  readonly event: string;
  /** Records of different workers, machines and lanes are not taken to follow one another. */
  readonly worker?: string;
  readonly machine?: string;
  readonly lane?: number | null;
}

const hidden = 'no state is left or entered then, so that records do not show it';
const ambiguous = 'records do not tell it from another way between the same states';

export function seenInRecords(survey: Survey, given: readonly RecordedTransition[]): Seen {
  const certain = new Set<string>();
  const doubtful = new Map<string, string>();
  const unexplained: string[] = [];
  const visited = new Set<string>();
  const statesAt = statesByPlace(survey.free);
  const ways = waysOf(survey.free);
  const note = ({ sure, maybe }: Shared) => {
    for (const name of sure) certain.add(name);
    for (const name of maybe) doubtful.set(name, ambiguous);
  };

  for (const lane of byLane(given)) {
    let last: { readonly record: RecordedTransition; readonly taken: Shared } | undefined;
    for (const record of whole(lane, statesAt)) {
      const { from, to, event } = record;
      visited.add(from).add(to);
      if (from === '') continue;
      const found = explanations(ways, { record, before: last?.record });
      if (found.length === 0) unexplained.push(`${from} + ${event} -> ${to}`);
      note(shared(found.map(({ step }) => step.covers)));
      // It waited before: what it would have done of itself was not to be.
      if (found.length > 0 && !found.some(({ step }) => step.transient)) note(shared(rests(ways, from)));
      const taken = shared(found.map(({ transitions }) => transitions));
      if (last?.record.to === from) {
        const between = ways.some((way) => way.step.from === from && isHidden(way) && way.step.taken);
        for (const { name, isSure } of pairsOf(last.taken, taken)) {
          if (isSure && !between) certain.add(name);
          else doubtful.set(name, between ? hidden : ambiguous);
        }
      }
      last = { record, taken };
    }
  }
  for (const place of visited) for (const name of statesAt.get(place) ?? []) certain.add(name);
  for (const way of ways) {
    if (!isHidden(way) || !visited.has(way.step.from)) continue;
    for (const name of way.step.covers) doubtful.set(name, hidden);
  }
  return { certain, doubtful, unexplained };
}

/** Ways that may be what a record shows. */
function explanations(
  ways: readonly Way[],
  of: { readonly record: RecordedTransition; readonly before: RecordedTransition | undefined },
): readonly Way[] {
  const { record, before } = of;
  // What needs no event goes on with the one before it.
  const goesOn = before === undefined || (before.to === record.from && before.event === record.event);
  return ways.filter(
    ({ shown, step: { from, to, event, transient } }) =>
      shown &&
      from === record.from &&
      to === record.to &&
      (transient ? goesOn : event === record.event || standsFor(event, record.event)),
  );
}

/** What each rest in a place covers. */
const rests = (ways: readonly Way[], place: string) =>
  ways.flatMap(({ step }) => (step.from === place && step.transient && !step.taken ? [step.covers] : []));

/** Something is decided, and no record is made of it. */
const isHidden = ({ step, shown }: Way) => (step.taken ? !shown : !step.transient);

interface Shared {
  /** Names that all have. */
  readonly sure: readonly string[];
  /** Names that only some have. */
  readonly maybe: readonly string[];
}

function shared(all: readonly (readonly string[])[]): Shared {
  const every = [...new Set(all.flat())];
  const sure = every.filter((name) => all.every((names) => names.includes(name)));
  return { sure, maybe: every.filter((name) => !sure.includes(name)) };
}

function pairsOf(before: Shared, after: Shared) {
  return [...before.sure, ...before.maybe].flatMap((first) =>
    [...after.sure, ...after.maybe].map((next) => ({
      name: pairName(first, next),
      isSure: before.sure.includes(first) && after.sure.includes(next),
    })),
  );
}

function byLane(records: readonly RecordedTransition[]): Iterable<readonly RecordedTransition[]> {
  const lanes = new Map<string, RecordedTransition[]>();
  for (const record of records) {
    const key = JSON.stringify([record.worker, record.machine, record.lane]);
    const lane = lanes.get(key);
    if (lane === undefined) lanes.set(key, [record]);
    else lane.push(record);
  }
  return lanes.values();
}

/** A lane tells each state of several, one inside the other, that it enters; the innermost is where it comes to. */
export function whole<T extends RecordedTransition>(
  records: readonly T[],
  places: ReadonlyMap<string, unknown>,
): readonly T[] {
  const all: T[] = [];
  for (const record of records) {
    const last = all.at(-1);
    const goesIn = last !== undefined && last.to === record.from && record.to.startsWith(`${last.to}.`);
    if (goesIn && !places.has(last.to)) all.splice(-1, 1, { ...last, to: record.to });
    else all.push(record);
  }
  return all;
}

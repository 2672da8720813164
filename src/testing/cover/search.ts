// Every place that a machine can come to, and every step from one to the next. What a guard asks is not known, so it may be
// true or false, unless the paths that may be gone are given.
import type { Chart } from './chart.js';
import type { Allows, CoverStep } from './cover-path.js';
import type { Items } from './items.js';
import { candidates, type Decision, type Look, looks } from './looks.js';
import { beginning, move, type Situation } from './move.js';
import { placeName } from './state-name.js';

export interface Place {
  readonly name: string;
  readonly situation: Situation;
  /** It waits for an event. */
  readonly rests: boolean;
  readonly ended: boolean;
  /** The machine waits where it began. */
  readonly home: boolean;
  /** The last step of a shortest path from where the machine begins; null there. */
  readonly last: { readonly from: Place; readonly step: CoverStep } | null;
  readonly out: Way[];
}

export interface Way {
  readonly from: Place;
  readonly to: Place;
  readonly step: CoverStep;
  /** Names of the transitions among what it covers. */
  readonly transitions: readonly string[];
  /** A state is left or entered, so that a record shows it. */
  readonly shown: boolean;
}

export interface Search {
  readonly start: Place;
  readonly places: readonly Place[];
  /** There is more than was looked at. */
  readonly cut: boolean;
}

const placeLimit = 10_000;
/** Compound states that are done and done again before the machine comes to rest. */
const raisedLimit = 8;

export function search(
  chart: Chart,
  { items, allows }: { readonly items: Items; readonly allows?: Allows | undefined },
): Search {
  const begun = beginning(chart.root);
  const origin = placeName(chart.root, begun.situation.active);
  const places = new Map<string, Place>();
  let cut = false;
  /** Nobody hears that a state is done where none answers it. */
  const isHeard = (event: string) => chart.states.some((state) => candidates(state, event).length > 0);

  /** The place of a point; undefined: there is no room for another one. */
  const placeAt = (point: Point, last: Place['last']): Place | undefined => {
    const key = keyOf(point);
    const known = places.get(key);
    if (known !== undefined) return known;
    if (places.size >= placeLimit || point.raised.length > raisedLimit) {
      cut = true;
      return undefined;
    }
    const { situation, ended } = point;
    const name = placeName(chart.root, situation.active);
    const rests = ended || (!point.unsettled && point.raised.length === 0);
    const home = rests && !ended && name === origin;
    const place: Place = { name, situation, rests, ended, home, last, out: [] };
    places.set(key, place);
    todo.push([place, point]);
    return place;
  };

  const go = (from: Place, point: Point, question: Question) => {
    for (const look of looks(point.situation, question.event)) {
      const next = after(point, { ...question, look, isHeard });
      if (next === null) continue;
      const covered = coveredBy(look, items);
      const step: CoverStep = {
        from: from.name,
        event: question.event ?? 'always',
        guards: Object.fromEntries(look.decisions.map(({ guard, holds }) => [guard, holds])),
        to: placeName(chart.root, next.situation.active),
        transient: question.transient,
        taken: look.taken.length > 0,
        actions: next.actions,
        covers: [...covered.transitions, ...covered.guards],
      };
      const verdict = allows === undefined || allows([...stepsTo(from), step]);
      if (verdict === false) continue;
      const to = placeAt({ ...next, memory: verdict === true ? '' : verdict }, { from, step });
      if (to === undefined) continue;
      const shown = step.from !== step.to || look.taken.some(({ branch }) => branch.reenter);
      from.out.push({ from, to, step, transitions: covered.transitions, shown });
    }
  };

  const todo: [Place, Point][] = [];
  const start = placeAt(
    settled({ ...begun, raised: begun.raised.filter(isHeard), unsettled: true, memory: '' }),
    null,
  ) as Place;
  for (let at = 0; at < todo.length; at++) {
    const [place, point] = todo[at] as [Place, Point];
    if (!point.ended) for (const question of questions(point)) go(place, point, question);
  }
  return { start, places: [...places.values()], cut };
}

/** A place while its machine may still be on its way to rest. */
interface Point {
  readonly situation: Situation;
  readonly raised: readonly string[];
  readonly ended: boolean;
  /** Branches that need no event are to be tried. */
  readonly unsettled: boolean;
  readonly memory: string;
}

function keyOf({ situation, raised, ended, unsettled, memory }: Point): string {
  const remembered = [...situation.remembered].map(([id, states]) => [id, states.map((state) => state.id)]);
  const active = [...situation.active].map(({ id }) => id);
  return JSON.stringify([active, remembered.sort(), raised, ended, unsettled, memory]);
}

interface Question {
  /** null: what it does of itself. */
  readonly event: string | null;
  readonly transient: boolean;
}

/** What the machine is asked next. */
function questions({ situation, raised: [raised], unsettled }: Point): readonly Question[] {
  if (unsettled) return [{ event: null, transient: true }];
  if (raised !== undefined) return [{ event: raised, transient: true }];
  const known = [...situation.active].flatMap(({ on }) => [...on.keys()]);
  const events = [...new Set(known)].filter((event) => !event.startsWith('xstate.done.state.'));
  return events.map((event) => ({ event, transient: false }));
}

/** null: nothing is asked and nothing happens. */
function after(
  point: Point,
  given: Question & { readonly look: Look; readonly isHeard: (event: string) => boolean },
): (Point & { readonly actions: readonly string[] }) | null {
  const { event, transient, isHeard } = given;
  const { taken, decisions } = given.look;
  const raised = transient && event !== null ? point.raised.slice(1) : point.raised;
  if (taken.length === 0) {
    if (decisions.length === 0) return null;
    return settled({ ...point, raised, unsettled: transient && event !== null, actions: [] });
  }
  const branches = taken.map(({ branch }) => branch);
  const moved = move(point.situation, branches);
  // An `always` that leads nowhere would be tried for ever: it ends where nothing has changed.
  const idle =
    event === null && branches.every(({ guard, targets }) => guard === null && targets.length === 0);
  return settled({
    ...point,
    ...moved,
    raised: [...raised, ...moved.raised.filter(isHeard)],
    unsettled: !idle,
  });
}

/** Passes over what asks no guard and takes no way. */
function settled<T extends Point>(point: T): T {
  if (point.ended) return { ...point, raised: [], unsettled: false };
  const nothing = (event: string | null) => {
    const [look, ...others] = looks(point.situation, event);
    return others.length === 0 && look?.taken.length === 0 && look.decisions.length === 0;
  };
  if (point.unsettled) return nothing(null) ? settled({ ...point, unsettled: false }) : point;
  const [raised, ...rest] = point.raised;
  return raised !== undefined && nothing(raised) ? settled({ ...point, raised: rest }) : point;
}

function coveredBy({ taken, decisions }: Look, items: Items) {
  const transitions = taken.flatMap(({ branch, leaves }) =>
    leaves.flatMap((leaf) => items.transitionOf(leaf, branch)?.name ?? []),
  );
  const guards = decisions.flatMap(({ branch, holds, leaves }: Decision) =>
    leaves.flatMap((leaf) => items.guardOf({ leaf, branch, holds })?.name ?? []),
  );
  return { transitions: [...new Set(transitions)], guards: [...new Set(guards)] };
}

/** A shortest path to a place. */
export function stepsTo(place: Place): readonly CoverStep[] {
  const steps: CoverStep[] = [];
  for (let { last } = place; last !== null; last = last.from.last) steps.push(last.step);
  return steps.reverse();
}

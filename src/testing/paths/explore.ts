// Paths through a model: as few as can be, that together take every way that any stimulus opens. A path begins where a lane
// waits for a job, and ends there or where it has ended.
import type { Model, Move, Situation } from './model.js';
import { type JobName, type Stimulus, stimuliFor } from './stimuli.js';

export interface PathStep {
  readonly stimulus: Stimulus;
  /** States that the lane must come to, one by one. */
  readonly moves: readonly Move[];
  /** The worker has its connection then. */
  readonly connected: boolean;
  /** A reply or a dead letter is on its way then, over that connection. */
  readonly awaits: boolean;
}

export interface Path {
  readonly steps: readonly PathStep[];
}

export interface ExploreOptions {
  readonly ownEvents: readonly string[];
  readonly deliveries: Readonly<Partial<Record<JobName, object>>>;
}

interface Place {
  readonly situation: Situation;
  readonly connected: boolean;
  readonly steps: readonly PathStep[];
}

/** Situations beyond which an endless flow is not followed. */
const placeLimit = 2_000;

export interface Explored {
  readonly paths: readonly Path[];
  /** The way to each situation that differs for what can happen next. */
  readonly ways: readonly Path[];
}

export function explore(model: Model, options: ExploreOptions): Explored {
  const places = [...everyPlace(model, options).values()];
  const ways = new Map<string, Place>();
  for (const from of places) {
    for (const { step, place } of onward(from, model, options)) {
      const key = keyOfStep(step);
      if (step.moves.length > 0 && !ways.has(key)) ways.set(key, place);
    }
  }
  // Long ones first: what they take on their way needs no path of its own.
  const wanted = [...ways.values()]
    .map((place) => home(place, model, options))
    .sort((a, b) => b.length - a.length);
  const taken = new Set<string>();
  const paths: Path[] = [];
  for (const steps of wanted) {
    const keys = steps.map(keyOfStep);
    if (keys.every((key) => taken.has(key))) continue;
    for (const key of keys) taken.add(key);
    paths.push({ steps });
  }
  return { paths, ways: places.map(({ steps }) => ({ steps })) };
}

const keyOfStep = ({ stimulus, moves }: PathStep): string => JSON.stringify([stimulus.name, moves]);

/** Every situation that differs for what can happen next, with the shortest way there. */
function everyPlace(model: Model, options: ExploreOptions): ReadonlyMap<string, Place> {
  const begin: Place = { situation: model.begin, connected: true, steps: [] };
  const places = new Map([[keyOf(begin), begin]]);
  for (const place of places.values()) {
    if (places.size > placeLimit) break;
    // What comes after a job is another path.
    if (place.steps.length > 0 && place.situation.idle) continue;
    for (const next of onward(place, model, options)) {
      const key = keyOf(next.place);
      if (!places.has(key)) places.set(key, next.place);
    }
  }
  return places;
}

function* onward(
  place: Place,
  model: Model,
  options: ExploreOptions,
): Generator<{ readonly step: PathStep; readonly place: Place }> {
  const { situation, connected, steps } = place;
  for (const stimulus of stimuliFor(situation, { ...options, connected })) {
    let [now, moves] = [situation, [] as readonly Move[]];
    for (const event of stimulus.events) {
      if (!model.answers(now, event)) continue;
      const next = model.next(now, event);
      [now, moves] = [next.situation, [...moves, ...next.moves]];
    }
    const { does } = stimulus.deed;
    const link = does === 'cut' ? false : does === 'reconnect' ? true : connected;
    // What the lane does not hear of leads nowhere; but while its letter is on its way, the next connection sends it anew.
    if (moves.length === 0 && (link === connected || situation.awaits !== 'letter')) continue;
    const step = { stimulus, moves, connected: link, awaits: link && now.awaits !== null };
    yield { step, place: { situation: now, connected: link, steps: [...steps, step] } };
  }
}

/** What makes a difference; the job's own data do not. */
function keyOf({ situation, connected }: Place): string {
  const { state, context, awaits, unsettled } = situation;
  const { parsed, outcome, history } = context;
  return JSON.stringify([
    state,
    connected,
    awaits,
    unsettled,
    parsed?.problem?.code,
    outcome?.status,
    history,
  ]);
}

/** The steps there, followed by those to where a lane waits again, by what goes well. */
function home(from: Place, model: Model, options: ExploreOptions): readonly PathStep[] {
  let place = from;
  for (let count = 0; count < 12 && !place.situation.idle && !place.situation.ended; count++) {
    const found = [...onward(place, model, options)];
    const next =
      found.find(({ step }) => goesWell(step.stimulus)) ??
      found.find(({ step }) => step.stimulus.deed.does === 'wait') ??
      found[0];
    if (next === undefined) break;
    place = next.place;
  }
  return place.steps;
}

const goesWell = ({ deed }: Stimulus) =>
  (deed.does === 'answer' && deed.as === 'confirmed') || deed.does === 'end' || deed.does === 'reconnect';

// What was covered of a flow or machine, and why the rest was not: each state, transition, pair of transitions and outcome
// of a guard.
import type { CoverTarget } from './chart.js';
import type { CoverPath } from './cover-path.js';
import { reasonsOf } from './reasons.js';
import { type RecordedTransition, seenInRecords } from './records.js';
import type { Search } from './search.js';
import { type Seen, seenInPaths } from './seen.js';
import { type CoverOptions, pairsOf, type Survey, surveyOf, waysOf } from './survey.js';

/**
 * `uncovered`: it can be done and was not. `unreachable`: it cannot be done. `unknown`: it cannot be told whether it was, or
 * can be.
 */
export type CoverStatus = 'covered' | 'uncovered' | 'unreachable' | 'unknown';

export interface CoverItem {
  /** Such as `verified`, `verified + cancel -> failed`, `parsing + always, not isValid`. */
  readonly name: string;
  readonly status: CoverStatus;
  /** Why it is not covered; null: it is. */
  readonly reason: string | null;
}

/** Plain data. */
export interface Coverage {
  /** Id of the flow or machine. */
  readonly id: string;
  readonly states: readonly CoverItem[];
  readonly transitions: readonly CoverItem[];
  /** Transitions that follow one another. */
  readonly pairs: readonly CoverItem[];
  /** Each guard true and false, wherever it is asked. */
  readonly guards: readonly CoverItem[];
  /** What was given and is no step of the machine. */
  readonly unexplained: readonly string[];
}

/**
 * What paths cover that were run, or transitions that were recorded, in their order, such as those of `worker.subscribe`
 * with one `machine`. Throws OPTION_INVALID for what is no flow and no machine, FLOW_INVALID for a flow that cannot be read.
 */
export function coverage(
  target: CoverTarget,
  given: readonly CoverPath[] | readonly RecordedTransition[],
  options: CoverOptions = {},
): Coverage {
  const survey = surveyOf(target, options);
  const paths: CoverPath[] = [];
  const records: RecordedTransition[] = [];
  for (const each of given) 'steps' in each ? paths.push(each) : records.push(each);
  return report(survey, [seenInPaths(survey, paths), seenInRecords(survey, records)]);
}

export function report(survey: Survey, seen: readonly Seen[]): Coverage {
  const { items, free, allowed } = survey;
  const reasons = reasonsOf(survey);
  const item = (name: string, isReached: (search: Search) => boolean, why: () => string): CoverItem => {
    if (seen.some(({ certain }) => certain.has(name))) return { name, status: 'covered', reason: null };
    const doubt = seen.map(({ doubtful }) => doubtful.get(name)).find((reason) => reason !== undefined);
    if (doubt !== undefined) return { name, status: 'unknown', reason: doubt };
    if (isReached(allowed)) return { name, status: 'uncovered', reason: reasons.uncovered(name) };
    if (allowed.cut) return { name, status: 'unknown', reason: tooMany };
    return { name, status: 'unreachable', reason: isReached(free) ? refused : why() };
  };
  const reached = (found: Search) => {
    const states = new Set(found.places.flatMap(({ situation }) => [...situation.active]));
    const covers = new Set(waysOf(found).flatMap(({ step }) => step.covers));
    return { states, covers, pairs: pairsOf(found) };
  };
  const far = new Map([...new Set([free, allowed])].map((found) => [found, reached(found)]));
  const covers = (name: string) => (found: Search) => far.get(found)?.covers.has(name) ?? false;
  return {
    id: survey.id,
    states: items.states.map((state) =>
      item(
        state.name,
        (found) => far.get(found)?.states.has(state) ?? false,
        () => 'no way leads to it',
      ),
    ),
    transitions: [...items.transitions.values()].map((asked) =>
      item(asked.name, covers(asked.name), () => reasons.unreachable(asked)),
    ),
    pairs: [...(far.get(free)?.pairs ?? [])].map((name) =>
      item(
        name,
        (found) => far.get(found)?.pairs.has(name) ?? false,
        () => refused,
      ),
    ),
    guards: [...items.guards.values()].map((asked) =>
      item(asked.name, covers(asked.name), () => reasons.unreachable(asked)),
    ),
    unexplained: seen.flatMap(({ unexplained }) => unexplained),
  };
}

const refused = '`allows` refuses every path that would do it';
const tooMany = 'there are more places than were looked at';

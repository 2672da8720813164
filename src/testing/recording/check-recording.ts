// Is what a worker was seen to do a path of its machines? Each lane of each run is followed by itself; the first transition
// that no path has is shown, with what the machine would have done.
import { workerMachine } from '../../../machines/worker.js';
import { isMachine } from '../../statechart/embed-machine.js';
import type { Worker } from '../../worker/definition.js';
import type { CoverTarget } from '../cover/index.js';
import { whole } from '../cover/records.js';
import { statesByPlace } from '../cover/seen.js';
import { surveyOf } from '../cover/survey.js';
import type { RecordedLine } from './read-recording.js';
import { createTrack } from './track.js';

/** A transition that is on no path. */
export interface Divergence {
  /** Its line in the file, or its number among the records, from 1. */
  readonly line: number;
  /** Whose: `job, lane 0`. */
  readonly of: string;
  readonly record: RecordedLine;
  /** Those of the same lane before it, the last ones. */
  readonly before: readonly RecordedLine[];
  /** What the machine would have done, such as `verified + reply.confirmed -> doingTheNeedful`; none: nothing any more. */
  readonly expected: readonly string[];
}

export interface CheckedRecording {
  /** Transitions that were followed. */
  readonly checkedCount: number;
  /** Lanes of all runs, and what else was followed by itself. */
  readonly trackCount: number;
  /** The first one; null: all of it is a path. */
  readonly divergence: Divergence | null;
  /** What could not be held against a machine, a sentence each. */
  readonly unchecked: readonly string[];
}

/**
 * Follows a recording through the machines of a worker, its lanes and its steps that are machines; or, given a flow or a
 * machine, through that one: of a flow the records of lanes, of a machine all that are given. Throws OPTION_INVALID for
 * what is none of these.
 */
export function checkRecording(
  target: Worker | CoverTarget,
  records: readonly RecordedLine[],
): CheckedRecording {
  const unchecked: string[] = [];
  const tracks = tracksOf(records);
  const begun = new Set(records.filter(isBeginning).map(({ run, worker }) => JSON.stringify([run, worker])));
  const divergences: Divergence[] = [];
  let checkedCount = 0;
  let trackCount = 0;
  const surveys = new Map<CoverTarget, ReturnType<typeof surveyOf>>();
  for (const track of tracks) {
    const machine = machineOf(target, track.first);
    if (typeof machine === 'string') {
      unchecked.push(`${track.records.length} transitions of ${nameOf(track.first)}: ${machine}`);
      continue;
    }
    const survey = surveys.get(machine) ?? surveyOf(machine);
    surveys.set(machine, survey);
    const { free } = survey;
    if (free.cut) {
      unchecked.push(`${nameOf(track.first)}: its machine has more places than can be followed`);
      continue;
    }
    const { run, worker } = track.first;
    const follow = createTrack({
      found: free,
      fromStart: begun.has(JSON.stringify([run, worker])) && track.first.machine !== 'step',
      hidesLoops: track.first.machine === 'worker',
    });
    const lane = whole(track.records, statesByPlace(free));
    checkedCount += lane.length;
    trackCount += 1;
    for (const [index, record] of lane.entries()) {
      const expected = follow.go(record);
      if (expected === null) continue;
      const before = lane.slice(Math.max(0, index - shownBefore), index);
      divergences.push({ line: lineOf(record), of: nameOf(record), record, before, expected });
      break;
    }
  }
  const [divergence = null] = divergences.sort((a, b) => a.line - b.line);
  return { checkedCount, trackCount, divergence, unchecked: [...new Set(unchecked)] };
}

const shownBefore = 4;

const lineOf = ({ line = 0 }: RecordedLine) => line;

/** Where the worker's own machine begins, its lanes do. */
const isBeginning = ({ machine, from }: RecordedLine) => machine === 'worker' && from === 'initializing';

interface Recorded {
  readonly first: RecordedLine;
  readonly records: readonly RecordedLine[];
}

function tracksOf(records: readonly RecordedLine[]): readonly Recorded[] {
  const tracks = new Map<string, RecordedLine[]>();
  for (const [index, record] of records.entries()) {
    const { run, worker, machine, lane, step } = record;
    const key = JSON.stringify([run, worker, machine, lane, machine === 'step' ? step : null]);
    const numbered = { ...record, line: record.line ?? index + 1 };
    const track = tracks.get(key);
    if (track === undefined) tracks.set(key, [numbered]);
    else track.push(numbered);
  }
  return [...tracks.values()].flatMap((all) =>
    all[0] === undefined ? [] : [{ first: all[0], records: all }],
  );
}

function nameOf({ machine = 'machine', worker, lane, step }: RecordedLine): string {
  const whose = worker === undefined ? '' : ` of ${worker}`;
  if (machine === 'worker') return `the worker${whose === '' ? '' : ` ${worker}`}`;
  const where = lane === undefined || lane === null ? '' : `, lane ${lane}`;
  return `${machine === 'step' ? `step ${step}` : machine}${whose}${where}`;
}

/** The machine that a record is of; a text: why there is none. */
function machineOf(
  target: Worker | CoverTarget,
  { worker, machine, step }: RecordedLine,
): CoverTarget | string {
  if (!('steps' in target)) {
    const isOther = !isMachine(target) && machine !== undefined && machine !== 'job';
    return isOther ? 'the flow is not of it' : target;
  }
  if (worker !== undefined && worker !== target.name) return 'another worker';
  if (machine === 'worker') return workerMachine as unknown as CoverTarget;
  if (machine !== 'step') return target.flow;
  const run = (target.steps.get(step ?? '') ?? target.steps.get('*'))?.run;
  return isMachine(run) ? run : 'the worker has no such step that is a machine';
}

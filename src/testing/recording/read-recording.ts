// A recording as `needful run --record` writes it: one transition a line, as JSON, each with the run that it is of.
import { NeedfulError } from '../../contract/errors.js';
import type { RecordedTransition } from '../cover/index.js';

/** One transition of a recording; what `worker.subscribe` tells is one, too. */
export interface RecordedLine extends RecordedTransition {
  /** Of one start of one process: those of several may stand in one file, in any order. */
  readonly run?: string;
  /** The step's name, of a step that is a machine. */
  readonly step?: string | null;
  /** Number of its line in the file, from 1. */
  readonly line?: number;
}

export interface Recording {
  readonly records: readonly RecordedLine[];
  /** Lines that are cut off: a process that is killed may leave one. */
  readonly tornCount: number;
}

/** Throws RECORDING_UNREADABLE for what is no recording. */
export function readRecording(text: string): Recording {
  const records: RecordedLine[] = [];
  let tornCount = 0;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const value = parsed(line);
    if (value === undefined) tornCount += 1;
    else if (isRecord(value)) records.push({ ...value, line: index + 1 });
    else throw unreadable(`line ${index + 1} is JSON, but no transition`);
  }
  if (records.length === 0) throw unreadable('there is no transition in it');
  return { records, tornCount };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) ?? {};
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is RecordedLine =>
  typeof value === 'object' &&
  value !== null &&
  ['from', 'to', 'event'].every((key) => typeof (value as Record<string, unknown>)[key] === 'string');

const unreadable = (why: string) =>
  new NeedfulError(
    'RECORDING_UNREADABLE',
    `expected lines that \`needful run --record\` wrote, such as {"machine":"job","from":"…","to":"…","event":"…"}: ${why}`,
  );

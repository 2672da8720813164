// What is known of a job at one point of its way through a flow, and how an action changes that.
import type { ActionMeaning } from './vocabulary.js';

export interface Situation {
  readonly state: string;
  readonly settled: 'no' | 'yes' | 'being lost' | 'lost';
  readonly outcome: 'completed' | 'failed' | null;
  readonly valid: boolean | null;
  readonly started: boolean;
  readonly reply: 'completed' | 'failed' | null;
  /** The final reply may be sent once more. */
  readonly doubted: boolean;
  /** Without a final reply that arrived, in one of the ways that are allowed. */
  readonly ended: boolean;
}

/** A delivery has come. */
export const fresh = {
  settled: 'no',
  outcome: null,
  valid: null,
  started: false,
  reply: null,
  doubted: false,
  ended: false,
} as const;

interface At {
  readonly now: Situation;
  /** The one that is being answered. */
  readonly event: string;
}

export function effectOf(meaning: ActionMeaning, { now, event }: At): Partial<Situation> {
  const kept =
    meaning.keeps === 'event' ? (event === 'step.completed' ? 'completed' : 'failed') : meaning.keeps;
  return {
    ...(meaning.parses && { valid: null }),
    ...(kept !== undefined && { outcome: kept === 'nothing' ? null : kept }),
    ...(meaning.replies === 'started' && { started: true }),
    ...(meaning.replies !== undefined &&
      meaning.replies !== 'started' && { reply: meaning.replies, doubted: false }),
    // What was confirmed has arrived, whatever is recorded.
    ...(meaning.doubts && event !== 'reply.confirmed' && { doubted: true }),
    ...(isEnd(meaning, { now, event }) && { ended: true }),
    ...(meaning.settles === 'requeue' && now.settled === 'no' && { settled: 'yes' as const }),
  };
}

/** Only what the broker has again is lost or given back; else nobody would be told, and nobody would do the job. */
function isEnd({ ends }: ActionMeaning, { now, event }: At): boolean {
  if (ends === 'lost') return now.settled === 'lost';
  // A stop is answered from every state; the runtime has cancelled the job before it comes.
  if (ends === 'given back') return now.settled === 'no' || now.settled === 'lost' || event === 'stop';
  return ends !== undefined;
}

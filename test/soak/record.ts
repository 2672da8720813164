// What a worker of a soak did, written as it happens, so that it can be read after a SIGKILL: every state that a lane enters,
// every beginning of a step, every job that comes again, every loss of the connection. One line each, in one write:
// `TIME LANE CODE ID`.
import { openSync, writeSync } from 'node:fs';

/** Of states, one letter each. Of what is none: B a step begins, R a job arrives again, X the worker listens no more. */
export const codes = {
  listening: '.',
  received: 'r',
  acknowledged: 'a',
  parsing: 'p',
  verified: 'v',
  invalid: 'i',
  doingTheNeedful: 'd',
  retrying: 'y',
  completed: 'c',
  failed: 'f',
  replyUnknown: 'u',
  replyRefused: 'n',
  unanswered: 'g',
  deadLettering: 'l',
  rejected: 'j',
  lost: 'x',
  stopped: 's',
} as const;

export interface RecordWriter {
  state(lane: number, state: string, id: string | null): void;
  begun(id: string | null): void;
  comesAgain(id: string | null): void;
  disconnected(): void;
}

export function openRecord(path: string): RecordWriter {
  const file = openSync(path, 'a');
  const write = (lane: number, code: string, id: string | null) =>
    void writeSync(file, `${Date.now().toString(36)} ${lane} ${code} ${id ?? '-'}\n`);
  return {
    state: (lane, state, id) => write(lane, codes[state as keyof typeof codes] ?? '?', id),
    begun: (id) => write(-1, 'B', id),
    comesAgain: (id) => write(-1, 'R', id),
    disconnected: () => write(-1, 'X', null),
  };
}

export interface RecordLine {
  readonly at: number;
  readonly lane: number;
  readonly code: string;
  readonly id: string;
}

/** null: a process was killed while it wrote it. */
export function readLine(line: string): RecordLine | null {
  const [at = '', lane = '', code = '', id = ''] = line.split(' ');
  return id === '' ? null : { at: Number.parseInt(at, 36), lane: Number(lane), code, id };
}

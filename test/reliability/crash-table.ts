// The crash table of docs/reliability.md, which is the data of its test: one row for each policy, state and moment in which a
// worker is killed.
import { readFileSync } from 'node:fs';
import type { Acknowledge } from '../../machines/index.js';

export interface CrashRow {
  readonly acknowledge: Acknowledge;
  readonly state: string;
  /** What had happened in that state when the worker was killed. */
  readonly moment: string;
  /** Statuses that the engine has then. */
  readonly heard: string;
  /** What the broker has in the worker's queue then. */
  readonly queue: string;
  /** Statuses that come once another worker is there. */
  readonly later: string;
  /** All of it in two words. */
  readonly so: string;
  /** Dead letters in the end. */
  readonly letters: string;
  /** What both logs say of the job. */
  readonly log: string;
}

export const columns = [
  'acknowledge',
  'state',
  'moment',
  'heard',
  'queue',
  'later',
  'so',
  'letters',
  'log',
] as const;

export function crashRows(page = read()): readonly CrashRow[] {
  const [, table = ''] = /<!-- table: crashes -->\n+([\s\S]*?)\n\n/.exec(page) ?? [];
  return table
    .split('\n')
    .slice(2)
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => {
      const texts = cells.map((cell) => cell.trim().replaceAll('`', ''));
      return Object.fromEntries(
        columns.map((column, at) => [column, texts[at] ?? '']),
      ) as unknown as CrashRow;
    });
}

const read = () => readFileSync(new URL('../../docs/reliability.md', import.meta.url), 'utf8');

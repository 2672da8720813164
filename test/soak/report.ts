// What a soak says at its end: one table, what was excused and why, what was struck, and what a long life has cost.
import { type Books, type Cost, costs } from './books.js';
import type { StrikeKind } from './strikes.js';

export interface SoakReport {
  readonly minutes: number;
  readonly seed: number;
  /** Processes of each policy. */
  readonly workers: number;
  readonly lanes: number;
  readonly books: readonly Books[];
  readonly struck: Readonly<Record<StrikeKind, number>>;
  /** Of the worker of each policy that lived from the beginning to the end, in bytes. */
  readonly heaps: Readonly<Record<string, { readonly before: number; readonly after: number }>>;
  /** Beside the books, as a worker that ended by itself. */
  readonly broken: readonly string[];
  readonly passed: boolean;
}

const columns = [
  ['policy', 'policy'],
  ['sent', 'sent'],
  ['answered', 'answered once'],
  ['answeredTwice', 'twice'],
  ['undeliverable', 'undeliverable'],
  ['dead', 'dead'],
  ['queued', 'still queued'],
  ['lost', 'lost'],
  ['runTwice', 'run twice'],
] as const;

/** Broken promises that are shown. */
const shownCount = 50;

export function reportLines({ books, struck, heaps, broken }: SoakReport): readonly string[] {
  const all = [...broken, ...books.flatMap((book) => book.broken.map((why) => `${book.policy}: ${why}`))];
  const excused = books.flatMap(({ policy, costs: paid }) =>
    (Object.entries(paid) as [Cost, number][])
      .filter(([, count]) => count > 0)
      .map(([cost, count]) => `  ${policy.padEnd(9)} ${`${count}`.padStart(6)}  ${costs[cost]}`),
  );
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return [
    ...tableLines(books),
    '',
    ...(excused.length > 0 ? ['excused, and counted:', ...excused] : ['nothing had to be excused']),
    '',
    `struck: ${Object.entries(struck)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ')}`,
    ...Object.entries(heaps).map(
      ([policy, { before, after }]) =>
        `heap of a worker ${policy}: ${mebibytes(before)} at the start, ${mebibytes(after)} at the end`,
    ),
    all.length === 0 ? 'no promise was broken' : `broken promises: ${all.length}`,
    ...all.slice(0, shownCount).map((why) => `  ${why}`),
  ];
}

function tableLines(books: readonly Books[]): readonly string[] {
  const rows = [
    columns.map(([, title]) => title as string),
    ...books.map((book) => columns.map(([key]) => `${book[key]}`)),
  ];
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const fill = (cell: string, at: number) =>
    at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0);
  return rows.map((row) => row.map(fill).join('  '));
}

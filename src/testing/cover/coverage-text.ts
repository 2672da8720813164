// A coverage for people and for programs, and several as one.
import { NeedfulError } from '../../contract/errors.js';
import type { Coverage, CoverItem, CoverStatus } from './coverage.js';

const statuses = ['covered', 'uncovered', 'unreachable', 'unknown'] as const satisfies readonly CoverStatus[];
const groups = [
  ['states', 'states'],
  ['transitions', 'transitions'],
  ['pairs', 'transition pairs'],
  ['guards', 'guard outcomes'],
] as const;

/** Lines of a kind that are shown; the rest is counted. */
const lineLimit = 10;

/** A small table for a terminal, and under it what is not covered, with the reason. */
export function coverageText(coverage: Coverage): string {
  const rows = [
    [coverage.id, ...statuses],
    ...groups.map(([key, title]) => [
      title,
      ...statuses.map((status) => String(count(coverage[key], status))),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[column] ?? 0) + 2),
      )
      .join(''),
  );
  const lists = groups.flatMap(([key, title]) =>
    statuses.slice(1).flatMap((status) => {
      const found = coverage[key].filter((item) => item.status === status);
      return section(
        `${status} ${title}`,
        found.map(({ name, reason }) => `${name}: ${reason}`),
      );
    }),
  );
  return `${[...table, ...lists, ...section('no step of the machine', coverage.unexplained)].join('\n')}\n`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const more = lines.length - lineLimit;
  const shown = lines.slice(0, lineLimit).map((line) => `  ${line}`);
  return ['', title, ...shown, ...(more > 0 ? [`  and ${more} more`] : [])];
}

const count = (items: readonly CoverItem[], status: CoverStatus) =>
  items.filter((item) => item.status === status).length;

/** Grows when a member changes its meaning or goes; members may come. */
export const coverageVersion = 1;

/** One object, indented, with a line end behind it: `{ version, id, states, transitions, pairs, guards, unexplained }`. */
export function coverageJson({ id, states, transitions, pairs, guards, unexplained }: Coverage): string {
  const members = { version: coverageVersion, id, states, transitions, pairs, guards, unexplained };
  return `${JSON.stringify(members, null, 2)}\n`;
}

/** The best that any of them says of each, of one flow or machine. Throws OPTION_INVALID when they are of several, or none. */
export function mergeCoverage(coverages: readonly Coverage[]): Coverage {
  const [first] = coverages;
  const ids = [...new Set(coverages.map(({ id }) => id))];
  if (first === undefined || ids.length > 1)
    throw new NeedfulError(
      'OPTION_INVALID',
      `expected coverages of one flow or machine, got ${ids.join(', ') || 'none'}`,
    );
  const merged = (key: (typeof groups)[number][0]) => {
    const all = new Map<string, CoverItem>();
    for (const item of coverages.flatMap((coverage) => coverage[key])) {
      const known = all.get(item.name);
      if (known === undefined || rank(item) < rank(known)) all.set(item.name, item);
    }
    return [...all.values()];
  };
  return {
    id: first.id,
    states: merged('states'),
    transitions: merged('transitions'),
    pairs: merged('pairs'),
    guards: merged('guards'),
    unexplained: [...new Set(coverages.flatMap(({ unexplained }) => unexplained))],
  };
}

/** What may have been done says more than that it was not; what one could do, another need not be able to. */
const rank = ({ status }: CoverItem) => ['covered', 'unknown', 'uncovered', 'unreachable'].indexOf(status);

// One step of a release in the table: its row, and below it what its lane, its replies and its worker said.
import type { BoardRow } from './release-board.js';
import { isFrame, reason } from './release-summary.js';
import type { Paint } from './terminal.js';
import { clean, column, cut, duration, show, width, wrap } from './text.js';

/** Columns of each cell. */
export interface TableShape {
  readonly number: number;
  readonly host: number;
  readonly step: number;
  readonly total: number;
}

const stateColumns = 15;
const timeColumns = 8;
const gap = '  ';
const linesShownCount = 4;

export function tableShape(rows: readonly BoardRow[], total: number): TableShape {
  const number = Math.max(2, String(rows.length).length);
  const room = Math.max(8, total - number - stateColumns - timeColumns - 4 * gap.length);
  const longest = (text: (row: BoardRow) => string) =>
    Math.max(4, ...rows.map((row) => width(clean(text(row)))));
  const step = Math.min(
    longest(({ step }) => step.step),
    Math.ceil(room / 2),
  );
  const host = Math.min(
    longest(({ step }) => step.host),
    room - step,
  );
  return {
    number,
    host,
    step: Math.min(
      longest((row) => row.step.step),
      room - host,
    ),
    total,
  };
}

export function header(shape: TableShape): string {
  return cells(shape, ['#', 'host', 'step', column('state', stateColumns), 'time'.padStart(timeColumns)]);
}

type Cells = readonly [number: string, host: string, step: string, state: string, time: string];

function cells(shape: TableShape, [number, host, step, state, time]: Cells): string {
  const start = [number.padStart(shape.number), column(host, shape.host), column(step, shape.step)];
  return [...start, state, time].join(gap);
}

export function rowLines(
  row: BoardRow,
  { shape, paint, now }: { readonly shape: TableShape; readonly paint: Paint; readonly now: number },
): readonly string[] {
  const { step, phase, state, dispatchedAt, endedAt } = row;
  const took = dispatchedAt === null ? '' : duration((endedAt ?? now) - dispatchedAt);
  const brush = brushes[phase];
  const first = cells(shape, [
    String(step.index + 1),
    clean(step.host),
    clean(step.step),
    brush === undefined ? column(state, stateColumns) : paint[brush](column(state, stateColumns)),
    took.padStart(timeColumns),
  ]).trimEnd();
  return [first, ...details(row, shape).map((line) => paint.dim(line))];
}

const brushes = {
  waiting: 'dim',
  running: 'cyan',
  completed: 'green',
  failed: 'red',
  skipped: 'yellow',
} as const;

function details(row: BoardRow, shape: TableShape): readonly string[] {
  const { states, replies, lines, data, problem, dispatchedAt } = row;
  if (dispatchedAt === null) return [];
  const since = (at: number) => String(Math.max(0, Math.round(at - dispatchedAt)));
  const part = (...[title, words]: [string, readonly string[]]) => {
    const indent = ' '.repeat(shape.number + gap.length);
    const room = shape.total - indent.length - 8;
    return wrap(words, room).map(
      (line, at) => `${indent}${column(at === 0 ? title : '', 8)}${cut(line, room)}`,
    );
  };
  const why = problem === undefined ? '' : clean(`${problem.code}: ${problem.message}`);
  const said = lines.map(clean).filter((line) => line !== '' && line !== why && !isFrame(line));
  return [
    ...part('lane', grouped(states.map(({ at, state }) => ({ time: since(at), word: state })))),
    ...part('replies', repliesOf(replies, { since, data: problem === undefined ? data : undefined })),
    ...said.slice(-linesShownCount).flatMap((line) => part('output', [cut(line, shape.total)])),
    ...(row.phase === 'failed' ? part('why', reason(row).split(' ')) : []),
  ];
}

function repliesOf(
  replies: BoardRow['replies'],
  { since, data }: { readonly since: (at: number) => string; readonly data: unknown },
): readonly string[] {
  const words = grouped(replies.map(({ at, status }) => ({ time: since(at), word: status })));
  return data === undefined ? words : [...words, ...show(data).split(' ')];
}

/** `+0 received parsing verified`, `+3 doingTheNeedful`: milliseconds since the job was sent, said once. */
function grouped(entries: readonly { readonly time: string; readonly word: string }[]): readonly string[] {
  const groups: string[] = [];
  for (const [at, { time, word }] of entries.entries()) {
    if (entries[at - 1]?.time === time) groups.push(`${groups.pop()} ${word}`);
    else groups.push(`+${time} ${word}`);
  }
  return groups;
}

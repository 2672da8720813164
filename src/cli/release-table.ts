// A release as a table on a terminal: what is done is written once and scrolls away, what is under way is drawn over again
// below it. So the whole table is in the scrollback at the end, however long the release and however low the terminal.
import type { ReleaseEvent } from '../release/release-event.js';
import { createLiveRegion } from './live-region.js';
import { createBoard } from './release-board.js';
import { header, rowLines, type TableShape, tableShape } from './release-row.js';
import { summaryLines } from './release-summary.js';
import type { ReleaseView } from './release-view.js';
import type { Terminal } from './terminal.js';
import { clean, count, cut, duration, hang, wrap } from './text.js';

const tickMs = 100;

export function createReleaseTable(terminal: Terminal): ReleaseView {
  const board = createBoard();
  const region = createLiveRegion(terminal);
  const { paint } = terminal;
  let shape: TableShape | undefined;
  let committedCount = 0;
  let timer: NodeJS.Timeout | undefined;
  const stopResizing = terminal.onResize(() => {
    shape = undefined;
    draw();
  });

  function begin({ release, group, steps }: ReleaseEvent & { readonly type: 'release.started' }): void {
    const title = `release ${release}, group ${clean(group)}, ${count(steps.length, 'job')}; +ms since sent`;
    region.commit([paint.bold(cut(title, terminal.columns - 1)), paint.dim(header(shapeNow()))]);
    timer = setInterval(draw, tickMs);
  }

  function shapeNow(): TableShape {
    shape ??= tableShape(board.rows, terminal.columns - 1);
    return shape;
  }

  /** A row is done with when the one behind it is: until then lines of its worker may come. */
  function commit(): void {
    const ended = (index: number) => !['waiting', 'running'].includes(board.rows[index]?.phase ?? 'skipped');
    while (committedCount < board.rows.length && ended(committedCount)) {
      if (board.summary === null && !ended(committedCount + 1)) return;
      const row = board.rows[committedCount];
      if (row !== undefined) region.commit(rowLines(row, { shape: shapeNow(), paint, now: now() }));
      committedCount += 1;
    }
  }

  function draw(): void {
    if (board.startedAt === null) return;
    commit();
    if (board.summary !== null) {
      region.draw([]);
      return;
    }
    const rows = board.rows.slice(committedCount);
    const lines = rows.flatMap((row) => rowLines(row, { shape: shapeNow(), paint, now: now() }));
    const room = Math.max(1, terminal.rows - 3);
    const shown = lines.slice(0, room);
    region.draw([...shown, status(board.startedAt, rows.length)]);
  }

  function status(startedAt: number, openCount: number): string {
    const done =
      board.rows.length -
      openCount +
      board.rows.slice(committedCount).filter(({ endedAt }) => endedAt).length;
    const text = `${done} of ${count(board.rows.length, 'job')} done, ${duration(now() - startedAt)}`;
    return paint.dim(cut(text, terminal.columns - 1));
  }

  function close(): void {
    clearInterval(timer);
    stopResizing();
    draw();
    region.end();
  }

  return {
    log(line) {
      if (board.startedAt === null || board.summary !== null) return terminal.err(line);
      region.commit([paint.dim(cut(line, terminal.columns - 1))]);
      draw();
    },
    release(event) {
      board.release(event);
      if (event.type === 'release.started') begin(event);
      draw();
      if (event.type !== 'release.ended') return;
      close();
      const { columns } = terminal;
      for (const line of summaryLines(event.summary, { rows: board.rows, paint })) {
        terminal.out(hang(line, { columns }));
      }
    },
    transition(transition) {
      if (board.transition(transition) !== null) draw();
    },
    signal(signal, message) {
      const lines = wrap(`${signal}: ${message}`.split(' '), terminal.columns - 1).map(paint.yellow);
      if (board.startedAt === null || board.summary !== null) return terminal.out(lines.join('\n'));
      region.commit(lines);
      draw();
    },
    close,
  };
}

const now = () => performance.timeOrigin + performance.now();

// The lines at the lower end of a terminal that are drawn over again, and those above them that are written for good.
import type { Terminal } from './terminal.js';
import { width } from './text.js';

export interface LiveRegion {
  /** Written above the region with the next `draw`, once. */
  commit(lines: readonly string[]): void;
  /** Replaces the region. Lines must be narrower than the terminal. */
  draw(lines: readonly string[]): void;
  /** What is drawn stays; nothing is drawn any more. Idempotent. */
  end(): void;
}

export function createLiveRegion(terminal: Terminal): LiveRegion {
  let waiting: string[] = [];
  let drawn: readonly string[] = [];
  let ended = false;

  /** A terminal that became narrower has broken lines in two. */
  function drawnRows(): number {
    const { columns } = terminal;
    return drawn.reduce((rows, line) => rows + Math.max(1, Math.ceil(width(line) / columns)), 0);
  }

  return {
    commit(lines) {
      waiting.push(...lines);
    },
    draw(lines) {
      if (ended) return;
      const up = Math.min(drawnRows(), terminal.rows - 1);
      const text = [...waiting, ...lines].map((line) => `${line}\x1b[K\n`).join('');
      terminal.raw(`${up > 0 ? `\x1b[${up}A` : ''}\r${text}\x1b[J`);
      waiting = [];
      drawn = lines;
    },
    end() {
      ended = true;
    },
  };
}

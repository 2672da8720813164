// The lines at the lower end of a terminal that are drawn over again, and those above them that are written for good.
import type { Terminal } from './terminal.js';
import { width } from './text.js';

export interface LiveRegion {
  /** Written above the region with the next `draw`, once. */
  commit(lines: readonly string[]): void;
  /** Replaces the region. Lines must be narrower than the terminal, and at least two fewer than it has rows: terminals scroll a screen that is erased as a whole. */
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
      const up = Math.min(drawnRows(), terminal.rows - 2);
      // Erased first and not line by line: what is erased to the end counts as written when a terminal becomes narrower.
      const text = [...waiting, ...lines].map((line) => `${line}\n`).join('');
      terminal.raw(`${up > 0 ? `\x1b[${up}A` : ''}\r\x1b[J${text}`);
      waiting = [];
      drawn = lines;
    },
    end() {
      ended = true;
    },
  };
}

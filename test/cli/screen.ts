// A terminal for tests: it understands what the live table sends (cursor up, return, erase below), and keeps what scrolled away.
import type { Terminal } from '../../src/cli/terminal.js';
import { width } from '../../src/cli/text.js';

export interface Screen {
  readonly terminal: Terminal;
  /** All lines, those that scrolled away first. */
  text(): readonly string[];
  /** Columns of the widest line ever written. */
  readonly widest: number;
  resize(columns: number, rows: number): void;
}

const asItIs = (text: string) => text;

export function createScreen(size: { readonly columns: number; readonly rows: number }): Screen {
  let { columns, rows } = size;
  let lines: string[] = [''];
  let at = 0;
  let widest = 0;
  const observers = new Set<() => void>();

  function write(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what moves a cursor begins with one
    for (const [part, up] of text.matchAll(/\x1b\[(\d+)A|\x1b\[J|\r|\n|[^\x1b\r\n]+/g)) {
      if (up !== undefined) at = Math.max(lines.length - rows, at - Number(up), 0);
      else if (part === '\x1b[J') lines = [...lines.slice(0, at), ''];
      else if (part === '\n') {
        at += 1;
        if (at === lines.length) lines.push('');
      } else if (part !== '\r') {
        lines[at] = part;
        widest = Math.max(widest, width(part));
      }
    }
  }

  const terminal: Terminal = {
    out: (line) => write(`${line}\n`),
    raw: write,
    err: (line) => write(`${line}\n`),
    isLive: true,
    get columns() {
      return columns;
    },
    get rows() {
      return rows;
    },
    paint: { red: asItIs, green: asItIs, yellow: asItIs, cyan: asItIs, dim: asItIs, bold: asItIs },
    onResize(observer) {
      observers.add(observer);
      return () => observers.delete(observer);
    },
    onBroken: () => undefined,
    flush: async () => undefined,
  };
  return {
    terminal,
    text: () => lines.slice(0, -1),
    get widest() {
      return widest;
    },
    resize(toColumns, toRows) {
      [columns, rows] = [toColumns, toRows];
      for (const observer of observers) observer();
    },
  };
}

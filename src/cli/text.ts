// Text as it fits on a terminal: its width in columns, cut, padded, wrapped, and rid of what would steer the cursor.
import { stripVTControlCharacters } from 'node:util';
import { redact } from '../contract/secrets.js';

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const widthless = /[\p{M}\p{Cf}]/u;

/** Columns that the text takes, colours aside. */
export function width(text: string): number {
  let columns = 0;
  for (const letter of stripVTControlCharacters(text)) columns += widthOf(letter);
  return columns;
}

function widthOf(letter: string): number {
  if (widthless.test(letter)) return 0;
  return wide.test(letter) ? 2 : 1;
}

/** At most so many columns, the last of them `…` where something is missing. The text has no colours. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const letter of text) {
    used += widthOf(letter);
    if (used > columns - 1) break;
    kept += letter;
  }
  return columns > 0 ? `${kept}…` : '';
}

/** Cut or filled up to exactly so many columns. */
export function column(text: string, columns: number): string {
  const short = cut(text, columns);
  return short + ' '.repeat(columns - width(short));
}

/** Broken between words into lines of at most so many columns; a longer word has a line of its own. */
export function wrap(words: readonly string[], columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && width(line) + 1 + width(word) > columns) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}

/** For people on a terminal: each line broken between words, all but its first part indented. */
export function hang(text: string, page: { readonly columns: number; readonly indent?: number }): string {
  const { columns, indent = 0 } = page;
  const lines = text.split('\n').flatMap((line) => wrap(line.split(' '), columns - indent));
  return lines.join(`\n${' '.repeat(indent)}`);
}

/** One line that moves no cursor, is read from left to right and tells no secret, whatever a worker sent. */
export function clean(text: string): string {
  return stripVTControlCharacters(redact(text))
    .replace(/[\s\p{Cc}\u2028-\u202e\u2066-\u2069]+/gu, ' ')
    .trim();
}

/** `7 ms`, `1.23 s`, `2:05 min`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 59_995) return `${(ms / 1000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} min`;
}

/** Data of a reply on one line: a text as it is, else JSON. */
export function show(data: unknown): string {
  return clean(typeof data === 'string' ? data : (JSON.stringify(data) ?? 'nothing'));
}

/** `1 step`, `2 steps`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

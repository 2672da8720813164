// Pictures in a Markdown page: a mark, `<!-- needful graph NAME -->`, and beneath it a fenced block in the language mermaid,
// dot or json, both indented alike where they are part of a list. A mark in a block or a span of code is an example and no mark.
import { NeedfulError } from '../../contract/errors.js';
import { nearest } from '../../contract/nearest.js';
import type { Detail } from '../../statechart/picture.js';
import { type Format, formats } from './format.js';

export interface Mark {
  /** A file or a name. */
  readonly name: string;
  /** Index of the line that it is. */
  readonly at: number;
  /** Before it, and before every line of its picture. */
  readonly indent: string;
  readonly step: string | undefined;
  readonly detail: Detail;
  readonly workerConfig: string | undefined;
  readonly format: Format;
  /** Index of the picture's first line, and of the one behind its last. */
  readonly from: number;
  readonly to: number;
  /** The mark has its block. */
  readonly isDrawn: boolean;
}

/** Throws GRAPH_MARK_INVALID. `where` is the page's name. */
export function marksOf(lines: readonly string[], where: string): Mark[] {
  const marks: Mark[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const [, indent = '', words] = /^(\s*)<!--\s*needful graph\b(.*?)-->\s*$/.exec(line) ?? [];
    if (words === undefined) {
      const fence = fenceAt(lines, index);
      if (fence === undefined && isLikeMark(line.replace(/(`+)[^`].*?\1/g, ''))) throw noMark(where, index);
      if (fence?.end === undefined && fence !== undefined && lines.slice(index).some(isLikeMark))
        throw unclosed(where, index);
      index = fence?.end ?? (fence === undefined ? index : lines.length);
      continue;
    }
    const next = lines.findIndex((line, at) => at > index && line.trim() !== '');
    const fence = fenceAt(lines, next);
    const format = fence?.indent === indent ? formats.find((known) => known === fence.language) : undefined;
    const said = { at: index, indent, ...parsed(words, { where, index }) };
    if (fence === undefined || format === undefined) {
      marks.push({ ...said, format: 'mermaid', from: index + 1, to: index + 1, isDrawn: false });
      continue;
    }
    if (fence.end === undefined) throw unclosed(where, next);
    if (format === 'json' && said.detail === 'brief')
      throw invalid(`${where}:${index + 1}`, 'JSON is always whole: expected no --brief');
    marks.push({ ...said, format, from: next + 1, to: fence.end, isDrawn: true });
    index = fence.end;
  }
  return marks;
}

/** The lines of the mark's picture, as they stand in the page. */
export const picturedAt = ({ indent }: Mark, picture: string): string[] =>
  picture
    .trimEnd()
    .split('\n')
    .map((line) => `${indent}${line}`);

/** The page with other pictures, those of `marks` in their order. */
export function redrawn(
  lines: readonly string[],
  drawn: readonly { readonly mark: Mark; readonly picture: string }[],
): string[] {
  const all = [...lines];
  for (const { mark, picture } of [...drawn].reverse()) {
    const text = picturedAt(mark, picture);
    const { indent, format } = mark;
    const block = mark.isDrawn ? text : [`${indent}\`\`\`${format}`, ...text, `${indent}\`\`\``];
    all.splice(mark.from, mark.to - mark.from, ...block);
  }
  return all;
}

interface Fence {
  /** What is before it: blanks, and of one that begins an item or is quoted the marks of that. */
  readonly indent: string;
  readonly language: string;
  /** Index of the line that closes it; undefined: none does. */
  readonly end: number | undefined;
}

function fenceAt(lines: readonly string[], index: number): Fence | undefined {
  const opening = /^((?:\s|>|[-*+]\s|\d{1,9}[.)]\s)*)(`{3,}(?!.*`)|~{3,})\s*([\w-]*)/;
  const [, indent = '', fence, language = ''] = opening.exec(lines[index] ?? '') ?? [];
  if (fence === undefined) return undefined;
  const closes = (line: string) => {
    const [, before = '', marks = ''] = /^([\s>]*)([`~]+)\s*$/.exec(line) ?? [];
    const isFence = marks.startsWith(fence) && marks.replaceAll(fence.charAt(0), '') === '';
    // Further in, it is a line of the code.
    return isFence && before.length < indent.length + 4;
  };
  const end = lines.findIndex((line, at) => at > index && closes(line));
  return { indent, language, end: end === -1 ? undefined : end };
}

/** Also where it is misspelt: it would be passed over, and its picture never checked. */
const isLikeMark = (line: string) => {
  const [, word] = /<!--\s*needful\s+(\w+)/i.exec(line) ?? [];
  return word !== undefined && nearest(word, ['graph']) !== undefined;
};

const invalid = (where: string, what: string) => new NeedfulError('GRAPH_MARK_INVALID', `${where}: ${what}`);

const noMark = (where: string, index: number) =>
  invalid(`${where}:${index + 1}`, `expected the mark alone on its line, as \`${mark}\``);

const unclosed = (where: string, index: number) =>
  invalid(`${where}:${index + 1}`, 'the block of code that begins here has no end: close it');

const mark = '<!-- needful graph FILE|NAME [--step STEP] [--brief] [--worker-config FILE] -->';

function parsed(
  words: string,
  { where, index }: { readonly where: string; readonly index: number },
): Pick<Mark, 'name' | 'step' | 'detail' | 'workerConfig'> {
  const given = words.trim().split(/\s+/);
  const after = (...flags: readonly string[]) => {
    const at = given.findIndex((word) => flags.includes(word));
    return at === -1 ? undefined : given.splice(at, 2)[1];
  };
  const step = after('--step');
  const workerConfig = after('--worker-config', '-w');
  const [name = '', ...more] = given.filter((word) => word !== '--brief');
  if (name === '' || more.length > 0 || name.startsWith('-'))
    throw invalid(`${where}:${index + 1}`, `expected \`${mark}\``);
  return { name, step, workerConfig, detail: given.includes('--brief') ? 'brief' : 'full' };
}

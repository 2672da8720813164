// Pictures in a Markdown page: a mark, `<!-- needful graph NAME -->`, and beneath it a fenced block in the language mermaid,
// dot or json. A mark in a block of code is an example and no mark.
import { NeedfulError } from '../../contract/errors.js';
import type { Detail } from '../../statechart/picture.js';
import { type Format, formats } from './format.js';

export interface Mark {
  /** A file or a name. */
  readonly name: string;
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
    const [, words] = /^<!--\s*needful graph\b(.*?)-->\s*$/.exec(lines[index] ?? '') ?? [];
    if (words === undefined) {
      index = fenceAt(lines, index)?.end ?? index;
      continue;
    }
    const next = lines.findIndex((line, at) => at > index && line.trim() !== '');
    const fence = fenceAt(lines, next);
    const format = formats.find((known) => known === fence?.language);
    const block =
      fence === undefined || format === undefined
        ? { format: 'mermaid' as const, from: index + 1, to: index + 1, isDrawn: false }
        : { format, from: next + 1, to: fence.end, isDrawn: true };
    marks.push({ ...parsed(words, `${where}:${index + 1}`), ...block });
    if (block.isDrawn) index = block.to;
  }
  return marks;
}

/** The page with other pictures, those of `marks` in their order. */
export function redrawn(
  lines: readonly string[],
  drawn: readonly { readonly mark: Mark; readonly picture: string }[],
): string[] {
  const all = [...lines];
  for (const { mark, picture } of [...drawn].reverse()) {
    const text = picture.trimEnd().split('\n');
    const block = mark.isDrawn ? text : [`\`\`\`${mark.format}`, ...text, '```'];
    all.splice(mark.from, mark.to - mark.from, ...block);
  }
  return all;
}

interface Fence {
  readonly language: string;
  /** Index of the line that closes it; behind the last where none does. */
  readonly end: number;
}

function fenceAt(lines: readonly string[], index: number): Fence | undefined {
  const [, fence, language = ''] = /^(`{3,}|~{3,})\s*([\w-]*)/.exec(lines[index] ?? '') ?? [];
  if (fence === undefined) return undefined;
  const closes = (line: string) =>
    line.startsWith(fence) && line.replaceAll(fence.charAt(0), '').trim() === '';
  const end = lines.findIndex((line, at) => at > index && closes(line));
  return { language, end: end === -1 ? lines.length : end };
}

const mark = '<!-- needful graph FILE|NAME [--step STEP] [--brief] [--worker-config FILE] -->';

function parsed(words: string, where: string): Pick<Mark, 'name' | 'step' | 'detail' | 'workerConfig'> {
  const given = words.trim().split(/\s+/);
  const after = (...flags: readonly string[]) => {
    const at = given.findIndex((word) => flags.includes(word));
    return at === -1 ? undefined : given.splice(at, 2)[1];
  };
  const step = after('--step');
  const workerConfig = after('--worker-config', '-w');
  const [name = '', ...more] = given.filter((word) => word !== '--brief');
  if (name === '' || more.length > 0 || name.startsWith('-'))
    throw new NeedfulError('GRAPH_MARK_INVALID', `${where}: expected \`${mark}\``);
  return { name, step, workerConfig, detail: given.includes('--brief') ? 'brief' : 'full' };
}

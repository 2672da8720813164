// Keeps committed pictures true: says which are not as their machines are, or writes them anew. A page has several.
import { readFile, writeFile } from 'node:fs/promises';
import { NeedfulError } from '../../contract/errors.js';
import type { Graph } from '../../statechart/graph.js';
import type { Detail } from '../../statechart/picture.js';
import { readWorkerConfig } from '../worker-config.js';
import { draw } from './draw.js';
import { graphOf } from './drawable.js';
import { type Format, formatOf, isPage, knownEndings } from './format.js';
import { type Mark, marksOf, picturedAt, redrawn } from './page.js';

export interface KeepOptions {
  /** File or name of what is drawn; a page names it itself, and is then looked at for this one alone. */
  readonly name: string | undefined;
  readonly step: string | undefined;
  readonly format: Format | undefined;
  readonly detail: Detail;
  readonly workerConfig: string | undefined;
}

/** A file and what should be in it. */
export interface Kept {
  readonly file: string;
  /** null: there is no such file yet. */
  readonly before: string | null;
  readonly after: string;
  readonly pictures: readonly Compared[];
}

export interface Compared {
  readonly name: string;
  /** Number of the first line that differs, from 1; null: none. */
  readonly line: number | null;
  /** That line as it is and as it should be; undefined where there is none. */
  readonly is: string | undefined;
  readonly should: string | undefined;
  /** Lines that are not as they should be. */
  readonly count: number;
}

/** Rejects with GRAPH_FILE_MISSING, GRAPH_MARK_INVALID, USAGE or what keeps something from being drawn. */
export async function keep(file: string, options: KeepOptions): Promise<Kept> {
  const before = await contentOf(file);
  if (!isPage(file)) return keepWhole(file, { before, options });
  if (before === null) throw missing(file);
  return keepPage(file, { before, options });
}

export async function write({ file, before, after }: Kept): Promise<void> {
  if (before === after) return;
  await writeFile(file, after).catch((error: unknown) => {
    throw new NeedfulError('GRAPH_FILE_MISSING', `${file} cannot be written${reason(error)}`, {
      cause: error,
    });
  });
}

async function keepWhole(
  file: string,
  { before, options }: { readonly before: string | null; readonly options: KeepOptions },
): Promise<Kept> {
  const { name, detail } = options;
  const format = options.format ?? formatOf(file);
  if (name === undefined)
    throw usage(`whose picture is ${file}? Name a file, a worker or a machine before it`);
  if (format === undefined)
    throw usage(`the format of ${file} is not known by its ending (${knownEndings}): give --format`);
  const graph = await graphWith(name, options);
  const drawn = draw(graph, { format, detail });
  const after = withLineEnds(drawn, before ?? '');
  const is = before === null ? [] : linesOf(format === 'json' ? sameJson(before, drawn) : before);
  const picture = compared(name, { is, should: linesOf(drawn), offset: 0 });
  return {
    file,
    before,
    after: before !== null && picture.count === 0 ? before : after,
    pictures: [picture],
  };
}

/** `before` is the page's text, which need not be what the file holds. */
export async function keepPage(
  file: string,
  { before, options = {} }: { readonly before: string; readonly options?: Partial<KeepOptions> },
): Promise<Kept> {
  const lines = linesOf(before);
  const { name } = options;
  const marks = marksOf(lines, file).filter((mark) => name === undefined || mark.name === name);
  if (marks.length === 0) {
    throw new NeedfulError(
      'GRAPH_MARK_INVALID',
      `${file} has no mark${name === undefined ? '' : ` of ${name}`}: put <!-- needful graph ${name ?? 'NAME'} --> where the picture is to be`,
    );
  }
  const drawn = [];
  for (const mark of marks) {
    const graph = await markedGraph(mark, { file, workerConfig: options.workerConfig });
    const picture = draw(graph, mark);
    const should = picturedAt(mark, picture);
    const own = lines.slice(mark.from, mark.to);
    const isSame = mark.format === 'json' && sameJson(own.join('\n'), picture) === picture;
    const found = compared(mark.name, { is: isSame ? should : own, should, offset: mark.from });
    drawn.push({ mark, picture, found });
  }
  const after = withLineEnds(
    redrawn(
      lines,
      drawn.filter(({ found }) => found.count > 0),
    ).join('\n'),
    before,
  );
  return { file, before, after, pictures: drawn.map(({ found }) => found) };
}

/** What keeps it from being drawn says where in the page it is asked for. */
async function markedGraph(
  mark: Mark,
  { file, workerConfig }: { readonly file: string; readonly workerConfig: string | undefined },
): Promise<Graph> {
  try {
    return await graphWith(mark.name, { ...mark, workerConfig: mark.workerConfig ?? workerConfig });
  } catch (error) {
    if (!(error instanceof NeedfulError)) throw error;
    throw new NeedfulError(error.code, `${file}:${mark.at + 1}: ${error.message}`, { cause: error });
  }
}

async function graphWith(
  name: string,
  { step, workerConfig }: Pick<KeepOptions, 'step' | 'workerConfig'>,
): Promise<Graph> {
  const config = workerConfig === undefined ? undefined : readWorkerConfig(workerConfig).own;
  return graphOf(name, { config, step });
}

interface Lines {
  readonly is: readonly string[];
  readonly should: readonly string[];
  /** Lines of the file before them. */
  readonly offset: number;
}

function compared(name: string, { is, should, offset }: Lines): Compared {
  const length = Math.max(is.length, should.length);
  const first = Array.from({ length }, (_, index) => index).find((index) => is[index] !== should[index]);
  if (first === undefined) return { name, line: null, is: undefined, should: undefined, count: 0 };
  const count = Math.max(lacking(should, is), lacking(is, should), 1);
  return { name, line: offset + first + 1, is: is[first], should: should[first], count };
}

/** How many lines of the one are not in the other. */
function lacking(these: readonly string[], those: readonly string[]): number {
  const left = [...those];
  return these.filter((line) => {
    const at = left.indexOf(line);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  }).length;
}

/** JSON that says the same is the same, however it is laid out. */
function sameJson(text: string, wanted: string): string {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(JSON.parse(wanted)) ? wanted : text;
  } catch {
    return text;
  }
}

/** A file of a checkout may have other line ends; it keeps them. */
const linesOf = (text: string): string[] => text.replace(/\r?\n$/, '').split(/\r?\n/);

function withLineEnds(text: string, before: string): string {
  const whole = text.endsWith('\n') ? text : `${text}\n`;
  return before.includes('\r\n') ? whole.replace(/\r?\n/g, '\r\n') : whole;
}

async function contentOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new NeedfulError('GRAPH_FILE_MISSING', `${file} cannot be read${reason(error)}`, { cause: error });
  }
}

export const missing = (file: string) =>
  new NeedfulError(
    'GRAPH_FILE_MISSING',
    `expected a ${isPage(file) ? 'page' : 'picture'} in ${file}, there is no such file`,
  );

const reason = (error: unknown) =>
  error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';

const usage = (message: string) => new NeedfulError('USAGE', message);

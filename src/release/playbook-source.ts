// A playbook's text as nodes that know their line, and the list of what is wrong with it. What belongs in a playbook is
// said elsewhere. YAML 1.2, of which JSON is a part; `yes` and `on` are strings there.
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node } from 'yaml';
import { NeedfulError } from '../contract/errors.js';
import { toJson } from '../contract/json-body.js';
import { nearest } from '../contract/nearest.js';
import { oneLine } from '../contract/problem.js';
import { depthLimit, yamlDocuments } from './yaml-documents.js';

/** A value, or the place where one is missing. */
export interface Place {
  readonly line: number;
  /** null: nothing is there. */
  readonly node: Node | null;
}

export interface Entry extends Place {
  readonly key: string;
  /** Line of the key. */
  readonly keyLine: number;
}

export interface Expectation {
  readonly expected: string;
  /** Default: the kind of the value at the place. */
  readonly got?: string;
  readonly hint?: string | undefined;
}

const shownLimitCount = 50;

export class PlaybookSource {
  readonly root: Place;
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #document: Document | undefined;
  readonly #defects: { readonly line: number; readonly text: string }[] = [];
  readonly #warnings: string[] = [];

  constructor(text: string, file: string) {
    this.#file = file;
    const documents = this.#parse(text);
    this.#document = documents[0];
    const contents = this.#document?.contents ?? null;
    this.root = { node: contents as Node | null, line: contents === null ? 1 : this.#lineOf(contents, 1) };
    for (const { errors, warnings } of documents)
      for (const error of [...errors, ...warnings]) this.#syntax(error);
    const second = documents[1];
    if (second !== undefined)
      this.#add(
        this.#lines.linePos(second.range[0]).line,
        'expected one playbook in the file, got another behind `---`',
      );
  }

  #parse(text: string): readonly Document.Parsed[] {
    const documents = yamlDocuments(text, this.#lines);
    if (documents === undefined) this.#add(1, `expected at most ${depthLimit} levels of nesting, got more`);
    return documents ?? [];
  }

  #syntax({
    code,
    message,
    pos,
  }: {
    readonly code: string;
    readonly message: string;
    readonly pos: [number, number];
  }): void {
    const { line } = this.#lines.linePos(pos[0]);
    if (code === 'DUPLICATE_KEY') this.#add(line, 'expected each key once, got this one again');
    else this.#add(line, oneLine(`expected YAML or JSON, got a syntax error: ${message}`));
  }

  #add(line: number, text: string): void {
    this.#defects.push({ line, text });
  }

  #lineOf(node: unknown, fallback: number): number {
    const range = (node as { range?: readonly number[] | null } | null)?.range;
    return range?.[0] === undefined ? fallback : this.#lines.linePos(range[0]).line;
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  defect(place: Place, { expected, got = this.kind(place), hint }: Expectation): void {
    this.#add(
      place.line,
      oneLine(`expected ${expected}, got ${got}${hint === undefined ? '' : `; ${hint}`}`),
    );
  }

  warn(line: number, text: string): void {
    this.#warnings.push(oneLine(`${this.#file}:${line}: ${text}`));
  }

  /** Ends the reading with PLAYBOOK_INVALID if there is a defect: one on a line, in the order of the file. */
  check(): void {
    if (this.#defects.length === 0) return;
    const sorted = [...this.#defects].sort((a, b) => a.line - b.line);
    const shown = sorted.slice(0, shownLimitCount).map(({ line, text }) => `${this.#file}:${line}: ${text}`);
    const more = sorted.length - shown.length;
    if (more > 0) shown.push(`${this.#file}: and ${more} more`);
    throw new NeedfulError('PLAYBOOK_INVALID', shown.join('\n'));
  }

  /** The kind of a value in plain words, for `got …`. */
  kind({ node }: Place): string {
    const real = this.#resolve(node);
    if (isAlias(node) && real === undefined) return `an alias to no anchor, \`*${node.source}\``;
    if (isMap(real)) return 'an object';
    if (isSeq(real)) return 'a list';
    const value = isScalar(real) ? real.value : null;
    if (value === null || value === undefined) return 'nothing';
    return value === '' ? 'an empty string' : `a ${typeof value}`;
  }

  /** The entries of an object; undefined, and a defect, for anything else. */
  entries(place: Place, expectation: Expectation): readonly Entry[] | undefined {
    const map = this.#resolve(place.node);
    if (!isMap(map)) {
      this.defect(place, expectation);
      return undefined;
    }
    return map.items.flatMap(({ key, value }) => {
      const keyLine = this.#lineOf(key, place.line);
      const name = isScalar(key) && key.value !== null ? String(key.value) : undefined;
      if (name === undefined) {
        this.#add(keyLine, 'expected a name as key, got something else');
        return [];
      }
      return [{ key: name, keyLine, node: value as Node | null, line: this.#valueLine(value, keyLine) }];
    });
  }

  // What is not there has no line of its own but the one where it was looked for.
  #valueLine(value: unknown, keyLine: number): number {
    return isScalar(value) && value.value === null ? keyLine : this.#lineOf(value, keyLine);
  }

  /** The items of a list; undefined, and a defect, for anything else. */
  items(place: Place, expectation: Expectation): readonly Place[] | undefined {
    const list = this.#resolve(place.node);
    if (!isSeq(list)) {
      this.defect(place, expectation);
      return undefined;
    }
    return list.items.map((node) => ({ node: node as Node | null, line: this.#lineOf(node, place.line) }));
  }

  /** A string that is not empty; undefined, and a defect, for anything else. */
  text(place: Place, expectation: Expectation): string | undefined {
    const node = this.#resolve(place.node);
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === 'string' && value !== '') return value;
    const quote = typeof value === 'number' || typeof value === 'boolean' ? 'put it in quotes' : undefined;
    this.defect(place, { hint: quote, ...expectation });
    return undefined;
  }

  isText({ node }: Place): boolean {
    const real = this.#resolve(node);
    return isScalar(real) && typeof real.value === 'string';
  }

  /** Any value that can be JSON; undefined, and a defect, for anything else. */
  json(place: Place): unknown {
    try {
      const value: unknown = this.#document === undefined ? null : (place.node?.toJS(this.#document) ?? null);
      const text = toJson(value);
      if (text.ok) return value;
      this.#add(place.line, text.problem.message);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#add(
        place.line,
        oneLine(`expected a value that can be JSON, got one that cannot be read: ${why}`),
      );
    }
    return undefined;
  }

  /** A defect for each key that is none of `known`. */
  refuseUnknown(
    entries: readonly Entry[],
    { known, where }: { readonly known: readonly string[]; readonly where: string },
  ): void {
    for (const { key, keyLine } of entries) {
      if (known.includes(key)) continue;
      const meant = nearest(key, known);
      const hint = meant === undefined ? '' : `; did you mean \`${meant}\`?`;
      const names = known.map((name) => `\`${name}\``).join(', ');
      this.#add(keyLine, oneLine(`expected in ${where} only ${names}, got \`${key}\`${hint}`));
    }
  }

  #resolve(node: unknown): unknown {
    if (!isAlias(node)) return node;
    return this.#document === undefined ? undefined : node.resolve(this.#document);
  }
}

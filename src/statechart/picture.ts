// What all pictures of a graph have in common: what is said of a state and of a way, and where an arrow begins and ends.
import type { Graph, GraphEdge, GraphNode } from './graph.js';
import { durationText } from './graph-names.js';

export interface PictureOptions {
  /** `brief`: without descriptions, tags and actions; ways between the same two states share an arrow. Default `full`. */
  readonly detail?: 'full' | 'brief';
}

export type Detail = NonNullable<PictureOptions['detail']>;

/** Columns after which text is broken: what is said of a state, what is done on a way, the name of an event at its dots. */
const columns = { state: 30, way: 22, event: 14 } as const;

/** Lines beneath the name of a state. */
export function stateLines(node: GraphNode, detail: Detail): string[] {
  const runs = node.invoke.map((actor) => (actor === node.key ? 'run' : `run ${plain(actor)}`));
  const deadline = node.deadline === null ? [] : [`deadline ${plain(durationText(node.deadline))}`];
  if (detail === 'brief') return [...runs, ...deadline];
  const listed = (word: string, names: readonly string[]) =>
    names.length === 0 ? [] : wrapped(`${word} ${names.map(plain).join(', ')}`, columns.state);
  return [
    ...wrapped(plain(node.description ?? ''), columns.state),
    ...listed('tagged', node.tags),
    ...listed('entry /', node.entry),
    ...listed('exit /', node.exit),
    ...runs,
    ...deadline,
  ];
}

/** What a state is called. Neither format has a sign for a history and for regions that keeps their names. */
export function stateTitle({ key, type, history }: GraphNode): string {
  const name = plain(key) || '(no name)';
  if (type === 'history') return `${name} (${history} history)`;
  return type === 'parallel' ? `${name} (all at once)` : name;
}

export interface WayText {
  readonly event: readonly string[];
  /** Guard, and what one would not guess from where the arrow leads. */
  readonly remarks: readonly string[];
  /** What is done on the way, and what it is; none in a brief picture. */
  readonly more: readonly string[];
}

function wayText(edge: GraphEdge, detail: Detail): WayText {
  const { label, guard, actions, reenter, targetless, description } = edge;
  const remarks = guard === null ? [] : [`[${plain(guard).replace(/^\((.*)\)$/, '$1')}]`];
  if (targetless && actions.length === 0) remarks.push('(ignored)');
  if (reenter && !targetless && edge.source === edge.target) remarks.push('(entered anew)');
  const doing = actions.length === 0 ? '' : `/ ${actions.map(plain).join(', ')}`;
  const more = [...wrapped(doing, columns.way), ...wrapped(plain(description ?? ''), columns.way)];
  return { event: brokenAtDots(plain(label)), remarks, more: detail === 'brief' ? [] : more };
}

/** Labels make a picture wide: a long name goes on in the next line. */
function brokenAtDots(name: string): string[] {
  const lines: string[] = [];
  for (const part of name.split(/(?<=\.)(?=.)/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length <= columns.event) lines.splice(-1, 1, last + part);
    else lines.push(part);
  }
  return lines;
}

/** One line of text that every format can take: no control characters, no halves of characters. */
export function plain(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

/** Lines of `limit` characters, longer where a word is, broken at blanks. */
function wrapped(text: string, limit: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= limit) lines.splice(-1, 1, `${last} ${word}`);
    else lines.push(word);
  }
  return lines;
}

/**
 * Where an arrow begins or ends: at a state; at `any` state inside one, for what all of them answer; or at a state that is
 * left for itself, `anew`. A state's border cannot be reached from inside in either format.
 */
export interface ArrowEnd {
  readonly id: string;
  readonly at: 'state' | 'any' | 'anew';
}

export interface Arrow {
  readonly from: ArrowEnd;
  readonly to: ArrowEnd;
  /** Microsteps; never together with other ways. */
  readonly isAlways: boolean;
  /** A text for each way that it stands for. */
  readonly texts: readonly WayText[];
}

export interface Picture {
  readonly root: GraphNode;
  /** By the id of the parent. */
  readonly children: ReadonlyMap<string, readonly GraphNode[]>;
  readonly arrows: readonly Arrow[];
  /** The ends that are no states, by the id of the state that they stand in. */
  readonly stands: ReadonlyMap<string, readonly ArrowEnd[]>;
}

/** Throws where a graph has no first node: every machine has one. */
export function pictureOf({ id, nodes, edges }: Graph, detail: Detail): Picture {
  const [root] = nodes;
  if (root === undefined) throw new RangeError(`the graph of ${id} has no state`);
  const parents = new Map(nodes.map((node) => [node.id, node.parent]));
  const children = grouped(nodes, ({ parent }) => parent ?? '');
  const holds = (outer: string, inner: string): boolean => {
    const parent = parents.get(inner) ?? null;
    return parent !== null && (parent === outer || holds(outer, parent));
  };
  const isBox = (state: string) => children.has(state) || state === root.id;
  const arrows = edges.map((edge): Arrow => {
    const { source, target, targetless, kind } = edge;
    const stays = isBox(source) && (source === target || holds(source, target));
    const returns = isBox(target) && (source === target || holds(target, source));
    const from = { id: source, at: stays ? 'any' : 'state' } as const;
    const to = targetless ? from : ({ id: target, at: returns ? 'anew' : 'state' } as const);
    return { from, to, isAlways: kind === 'always', texts: [wayText(edge, detail)] };
  });
  const ends = arrows.flatMap(({ from, to }) => [from, to]).filter(({ at }) => at !== 'state');
  const stands = [...new Map(ends.map((end) => [`${end.at} ${end.id}`, end])).values()];
  return {
    root,
    children,
    arrows: detail === 'brief' ? shared(arrows, briefly) : arrows,
    stands: grouped(stands, (end) => end.id),
  };
}

const briefly = ({ from, to, isAlways }: Arrow) => JSON.stringify([from.id, from.at, to.id, to.at, isAlways]);

/** The arrow leads back to where it begins. */
export const isLoop = ({ from, to }: Arrow): boolean => from.id === to.id && from.at === to.at;

/** One arrow for all of the same key. */
export function shared(arrows: readonly Arrow[], keyOf: (arrow: Arrow, index: number) => string): Arrow[] {
  const keys = new Map(arrows.map((arrow, index) => [arrow, keyOf(arrow, index)]));
  const groups = grouped(arrows, (arrow) => keys.get(arrow) ?? '');
  return [...groups.values()].flatMap(([first, ...more]) =>
    first === undefined ? [] : [{ ...first, texts: [...first.texts, ...more.flatMap(({ texts }) => texts)] }],
  );
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}

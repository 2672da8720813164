// A graph as a `stateDiagram-v2` of Mermaid: a state is a box with what is said of it beneath its name, a way an arrow.
import type { Graph, GraphNode } from './graph.js';
import { createIds, mermaidText } from './mermaid-text.js';
import {
  type Arrow,
  type ArrowEnd,
  type Detail,
  isLoop,
  type Picture,
  type PictureOptions,
  pictureOf,
  shared,
  stateLines,
  stateTitle,
} from './picture.js';

/** Mermaid source, one statement a line, with a line end behind the last. */
export function toMermaid(graph: Graph, { detail = 'full' }: PictureOptions = {}): string {
  const picture = pictureOf(graph, detail);
  const names = idsOf(picture);
  const lines = [
    'stateDiagram-v2',
    ...inside(picture.root, '  ', { picture, names, detail }),
    ...drawable(picture.arrows).map((arrow) => arrowLine(arrow, names)),
    ...dashed(picture, names),
  ];
  return `${lines.join('\n')}\n`;
}

interface Drawing {
  readonly picture: Picture;
  readonly names: ReadonlyMap<string, string>;
  readonly detail: Detail;
}

const keyOf = ({ at, id }: ArrowEnd) => `${at} ${id}`;

/** Ids in the picture: the keys of the states, the machine's own left out. */
function idsOf({ root, children, stands }: Picture): Map<string, string> {
  const idOf = createIds();
  const names = new Map<string, string>();
  const walk = (parent: GraphNode, path: readonly string[]) => {
    for (const child of children.get(parent.id) ?? []) {
      names.set(`state ${child.id}`, idOf([...path, child.key]));
      walk(child, [...path, child.key]);
    }
    for (const stand of stands.get(parent.id) ?? []) names.set(keyOf(stand), idOf([...path, stand.at]));
  };
  walk(root, []);
  return names;
}

function inside(parent: GraphNode, indent: string, drawing: Drawing): string[] {
  const { picture, names } = drawing;
  const stands = (picture.stands.get(parent.id) ?? []).map(({ id, at }) => {
    const text = at === 'any' ? 'any state' : `${mermaidText(stateTitle(parent))} anew`;
    return `${indent}state "${text}" as ${names.get(`${at} ${id}`)}`;
  });
  const states = (picture.children.get(parent.id) ?? []).flatMap((node) => state(node, indent, drawing));
  return [...states, ...stands];
}

function state(node: GraphNode, indent: string, drawing: Drawing): string[] {
  const { names, detail } = drawing;
  const id = names.get(`state ${node.id}`) ?? '';
  const name = mermaidText(stateTitle(node));
  const inner = inside(node, `${indent}  `, drawing);
  const text = stateLines(node, detail).map(mermaidText).join('<br/>');
  const isBox = inner.length > 0;
  return [
    ...(isBox || name !== id || text !== '' ? [`${indent}state "${name}" as ${id}${isBox ? ' {' : ''}`] : []),
    ...(isBox ? [...inner, `${indent}}`] : []),
    ...(text === '' ? [] : [isBox ? `${indent}note right of ${id}: ${text}` : `${indent}${id}: ${text}`]),
    ...(node.initial ? [`${indent}[*] --> ${id}`] : []),
    ...(node.type === 'final' ? [`${indent}${id} --> [*]`] : []),
  ];
}

/** Of several arrows from a state to itself Mermaid draws but one, so there is one with all texts. */
const drawable = (arrows: readonly Arrow[]): Arrow[] =>
  shared(arrows, (arrow, index) => (isLoop(arrow) ? keyOf(arrow.from) : String(index)));

function arrowLine({ from, to, texts }: Arrow, names: Drawing['names']): string {
  const text = texts.map(({ event, remarks, more }) =>
    [...event, ...remarks, ...more].map(mermaidText).join('<br/>'),
  );
  return `  ${names.get(keyOf(from))} --> ${names.get(keyOf(to))}: ${text.join(',<br/>')}`;
}

/** With a dashed border: what is left at once, and what is no state. */
function dashed({ arrows, stands }: Picture, names: Drawing['names']): string[] {
  const passing = arrows
    .filter((arrow) => arrow.isAlways && !isLoop(arrow))
    .flatMap(({ from, texts }) => (texts.some(({ remarks }) => remarks.length === 0) ? [from] : []));
  const all = [...passing, ...[...stands.values()].flat()].map((end) => names.get(keyOf(end)) ?? '');
  const ids = [...new Set(all)];
  return ids.length === 0
    ? []
    : ['  classDef passing stroke-dasharray: 4 3', `  class ${ids.join(',')} passing`];
}

// A graph in Graphviz's language DOT: a state is a box, one with states inside a cluster, a way an arrow, dashed where it
// is a microstep. Classes say what is what, in an SVG too: `state` and `way`; `start`, `stand` and `border` are no states.
import { attributes, dotText, quoted } from './dot-text.js';
import type { Graph, GraphNode } from './graph.js';
import {
  type Arrow,
  type ArrowEnd,
  type Detail,
  type Picture,
  type PictureOptions,
  pictureOf,
  stateLines,
  stateTitle,
} from './picture.js';

const head = [
  // A cluster is cut out of the arrows that lead to what is in it.
  '  graph [compound=true fontname="Helvetica" fontsize=12 nodesep=0.3 ranksep=0.4]',
  '  node [shape=box style=rounded fontname="Helvetica" fontsize=12 margin="0.2,0.08"]',
  '  edge [fontname="Helvetica" fontsize=10 arrowsize=0.7]',
];

/** DOT source, one statement a line, with a line end behind the last. */
export function toDot(graph: Graph, { detail = 'full' }: PictureOptions = {}): string {
  const picture = pictureOf(graph, detail);
  const lines = [
    `digraph ${quoted(graph.id)} {`,
    ...head,
    ...state(picture.root, '  ', { picture, detail, parent: null }),
    ...picture.arrows.map((arrow) => arrowLine(arrow, picture)),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

interface Drawing {
  readonly picture: Picture;
  readonly detail: Detail;
  readonly parent: GraphNode | null;
}

function state(node: GraphNode, indent: string, { picture, detail, parent }: Drawing): string[] {
  const children = picture.children.get(node.id) ?? [];
  const stands = picture.stands.get(node.id) ?? [];
  const lines = stateLines(node, detail).map((line) => `${dotText(line)}<br align="left"/>`);
  const title = `<b>${dotText(stateTitle(node))}</b>`;
  const small = lines.length === 0 ? '' : `<font point-size="10">${lines.join('')}</font>`;
  if (children.length === 0 && stands.length === 0) {
    const label = `<${title}${small && `<br/>${small}`}>`;
    const peripheries = node.type === 'final' ? '2' : undefined;
    return [`${indent}${quoted(node.id)} ${attributes({ class: 'state', label, peripheries })}`];
  }
  const within = `${indent}  `;
  const style = parent?.type === 'parallel' ? 'rounded,dashed' : 'rounded';
  const label = `<${title}<br align="left"/>${small}>`;
  return [
    `${indent}subgraph ${quoted(clusterOf(node.id))} {`,
    `${within}graph ${attributes({ class: 'state', label, labeljust: 'l', style })}`,
    ...start(node, children, within, picture),
    ...children.flatMap((child) => state(child, within, { picture, detail, parent: node })),
    ...stands.map((stand) => `${within}${endOf(stand, picture).name} ${standLook(stand, node)}`),
    `${within}${borderOf(node.id)} ${attributes({ class: 'border', label: '', shape: 'point', style: 'invis' })}`,
    `${indent}}`,
  ];
}

const clusterOf = (id: string) => `cluster ${id}`;
const borderOf = (id: string) => quoted(`border of ${id}`);

/** The black dot, with its arrow. */
function start(node: GraphNode, children: readonly GraphNode[], indent: string, picture: Picture): string[] {
  const dot = quoted(`start of ${node.id}`);
  return children
    .filter(({ initial }) => initial)
    .flatMap(({ id }) => {
      const { name, cluster } = endOf({ id, at: 'state' }, picture);
      return [
        `${indent}${dot} ${attributes({ class: 'start', label: '', shape: 'point', width: '0.15' })}`,
        `${indent}${dot} -> ${name} ${attributes({ class: 'start', lhead: cluster })}`,
      ];
    });
}

function standLook({ at }: ArrowEnd, node: GraphNode): string {
  const text = at === 'any' ? 'any state' : `${stateTitle(node)} anew`;
  return attributes({ class: 'stand', label: `<${dotText(text)}>`, style: 'rounded,dashed', fontsize: '10' });
}

/** The node that an arrow is drawn to; for a cluster an invisible one in it. */
function endOf({ id, at }: ArrowEnd, { children }: Picture): { name: string; cluster: string | undefined } {
  if (at !== 'state') return { name: quoted(`${at} of ${id}`), cluster: undefined };
  return children.has(id)
    ? { name: borderOf(id), cluster: clusterOf(id) }
    : { name: quoted(id), cluster: undefined };
}

function arrowLine({ from, to, isAlways, texts }: Arrow, picture: Picture): string {
  const [tail, head] = [endOf(from, picture), endOf(to, picture)];
  const text = texts.map(({ event, remarks, more }) =>
    [event.join(''), ...remarks, ...more].map(dotText).join('<br/>'),
  );
  const look = {
    class: isAlways ? 'way always' : 'way',
    label: `<${text.join(',<br/>')}>`,
    style: isAlways ? 'dashed' : undefined,
    ltail: tail.cluster,
    lhead: head.cluster,
  };
  return `  ${tail.name} -> ${head.name} ${attributes(look)}`;
}

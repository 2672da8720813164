// The formats of a picture, and which one a file has.
import { extname } from 'node:path';
import { toDot } from '../../statechart/dot.js';
import type { Graph } from '../../statechart/graph.js';
import { toGraphJson } from '../../statechart/graph-json.js';
import { toMermaid } from '../../statechart/mermaid.js';
import type { Detail } from '../../statechart/picture.js';

export const formats = ['mermaid', 'dot', 'json'] as const;
export type Format = (typeof formats)[number];

export interface Look {
  readonly format: Format;
  /** JSON is always whole. */
  readonly detail: Detail;
}

/** With a line end behind the last line. */
export function draw(graph: Graph, { format, detail }: Look): string {
  if (format === 'json') return toGraphJson(graph);
  return format === 'dot' ? toDot(graph, { detail }) : toMermaid(graph, { detail });
}

const endings: Readonly<Record<string, Format>> = {
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
  '.dot': 'dot',
  '.gv': 'dot',
  '.json': 'json',
};

export const knownEndings = [...Object.keys(endings), '.md'].join(', ');

export const formatOf = (file: string): Format | undefined => endings[extname(file).toLowerCase()];

export const isPage = (file: string): boolean => ['.md', '.markdown'].includes(extname(file).toLowerCase());

// A graph drawn in one of the formats, fit to be shown.
import { redactText } from '../../contract/redact-json.js';
import { redact } from '../../contract/secrets.js';
import { toDot } from '../../statechart/dot.js';
import type { Graph } from '../../statechart/graph.js';
import { toGraphJson } from '../../statechart/graph-json.js';
import { toMermaid } from '../../statechart/mermaid.js';
import type { Detail } from '../../statechart/picture.js';
import type { Format } from './format.js';

export interface Look {
  readonly format: Format;
  /** JSON is always whole. */
  readonly detail: Detail;
}

/** With a line end behind the last line, and as the terminal shows it: what is printed is also what is compared and written. */
export function draw(given: Graph, { format, detail }: Look): string {
  const graph = { ...given, nodes: given.nodes.map(toldOf), edges: given.edges.map(toldOf) };
  if (format === 'json') return redactText(toGraphJson(graph));
  return redact(format === 'dot' ? toDot(graph, { detail }) : toMermaid(graph, { detail }));
}

/** Before Mermaid spells it in its own way, in which nothing would be found. */
const toldOf = <T extends { readonly description: string | null }>(each: T): T =>
  each.description === null ? each : { ...each, description: redact(each.description) };

// A graph as JSON, for programs that draw, count or compare.
import type { Graph } from './graph.js';

/** Grows when a member changes its meaning or goes; members may come. */
export const graphVersion = 1;

/** One object, indented, with a line end behind it: `{ version, id, nodes, edges }`. */
export function toGraphJson({ id, nodes, edges }: Graph): string {
  return `${JSON.stringify({ version: graphVersion, id, nodes, edges }, null, 2)}\n`;
}

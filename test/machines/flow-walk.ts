// Walks over the graph of a job's flow: every way from `received` back to `listening`, and what is wrong with it.
import type { Graph } from '../../src/statechart/index.js';

const finalReplies = ['invalid', 'completed', 'failed'];
const withoutReply = ['lost', 'unanswered'];
/** Behind these a final reply may be sent once more. */
const repeating = ['replyUnknown', 'replyRefused'];

/** Every way from one state to another, each state at most twice; the root's own transitions are left out. */
export function ways(graph: Graph, ends: { readonly from: string; readonly to: string }): string[][] {
  const key = (id: string) => id.slice(graph.id.length + 1);
  const next = new Map<string, Set<string>>();
  for (const { source, target } of graph.edges) {
    if (source === graph.id) continue;
    next.set(key(source), (next.get(key(source)) ?? new Set()).add(key(target)));
  }
  const found: string[][] = [];
  const walk = (way: readonly string[]) => {
    const last = way.at(-1) ?? '';
    if (last === ends.to) return void found.push([...way]);
    for (const state of next.get(last) ?? []) {
      if (way.filter((seen) => seen === state).length < 2) walk([...way, state]);
    }
  };
  walk([ends.from]);
  return found;
}

/** Why a way breaks "one final reply, or named as unanswered or lost"; null: it does not. */
export function defectOf(way: readonly string[]): string | null {
  const replies = way.flatMap((state, at) => (finalReplies.includes(state) ? [at] : []));
  const silent = way.some((state) => withoutReply.includes(state));
  if (replies.length === 0 && !silent) return 'ends without a final reply';
  const [, ...again] = replies;
  if (again.some((at) => !repeating.includes(way[at - 1] ?? ''))) return 'sends a second final reply';
  return null;
}

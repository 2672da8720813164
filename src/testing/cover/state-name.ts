// What a machine's place is called, as the runtime's records have it.
import type { ChartState } from './chart.js';

/** `listening.flowing`; regions side by side are joined by a bar. */
export function placeName(root: ChartState, active: ReadonlySet<ChartState>): string {
  const inside = (state: ChartState): string => {
    const inner = state.children.filter((child) => active.has(child));
    return inner
      .map((child) => [child.key, inside(child)])
      .map((path) => path.filter(Boolean).join('.'))
      .join('|');
  };
  return inside(root) || root.key;
}

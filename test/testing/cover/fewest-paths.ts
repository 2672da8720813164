// How few paths can cover a machine: a least flow over the graph of its places, in which every way carries at least one path.
import { type CoverTarget, chartOf } from '../../../src/testing/cover/chart.js';
import { itemsOf } from '../../../src/testing/cover/items.js';
import { search } from '../../../src/testing/cover/search.js';

interface Pipe {
  readonly from: number;
  readonly to: number;
  load: number;
}

/** For a machine from each place of which it can end, or come back to where it began. */
export function fewestPaths(target: CoverTarget): number {
  const chart = chartOf(target);
  const { places } = search(chart, { items: itemsOf(chart) });
  const end = places.length;
  const pipes = places.flatMap(({ out }, from): Pipe[] =>
    out.map(({ to }) => ({ from, to: to.home || to.ended ? end : places.indexOf(to), load: 0 })),
  );
  let count = 0;
  for (const pipe of pipes) {
    if (pipe.load > 0) continue;
    const way = [
      ...route(pipes, { from: 0, to: pipe.from }),
      pipe,
      ...route(pipes, { from: pipe.to, to: end }),
    ];
    for (const each of way) each.load += 1;
    count += 1;
  }
  while (lessen(pipes, end)) count -= 1;
  return count;
}

function route(pipes: readonly Pipe[], { from, to }: Omit<Pipe, 'load'>): Pipe[] {
  const arrivals = new Map<number, Pipe | null>([[from, null]]);
  for (const at of arrivals.keys())
    for (const pipe of pipes) if (pipe.from === at && !arrivals.has(pipe.to)) arrivals.set(pipe.to, pipe);
  if (!arrivals.has(to)) throw new Error(`no way leads from place ${from} to ${to}`);
  const way: Pipe[] = [];
  for (let pipe = arrivals.get(to); pipe; pipe = arrivals.get(pipe.from)) way.unshift(pipe);
  return way;
}

/** Takes one path away, where the others can carry what it did; whether one could. */
function lessen(pipes: readonly Pipe[], end: number): boolean {
  const arrivals = new Map<number, readonly [Pipe, number] | null>([[end, null]]);
  for (const at of arrivals.keys()) {
    for (const pipe of pipes) {
      if (pipe.to === at && pipe.load > 1 && !arrivals.has(pipe.from)) arrivals.set(pipe.from, [pipe, -1]);
      if (pipe.from === at && !arrivals.has(pipe.to)) arrivals.set(pipe.to, [pipe, 1]);
    }
  }
  if (!arrivals.has(0)) return false;
  for (let at = 0, step = arrivals.get(at); step; step = arrivals.get(at)) {
    const [pipe, change] = step;
    pipe.load += change;
    at = change > 0 ? pipe.from : pipe.to;
  }
  return true;
}

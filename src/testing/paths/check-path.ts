// One path, walked by the real worker: at every step the lane must come to the states that the model names, and what left on
// the bus must keep the promises, by a judge who knows no machine.
import { wrongBody } from './expected.js';
import type { Path } from './explore.js';
import type { Move } from './model.js';
import { jobId, World, type WorldOptions } from './world.js';

export interface PathResult {
  /** What was broken, one sentence each. */
  readonly broken: readonly string[];
  readonly moves: readonly Move[];
  readonly replies: readonly string[];
}

export async function checkPath(path: Path, options: WorldOptions): Promise<PathResult> {
  const world = new World(options);
  const broken: string[] = [];
  await world.start();
  for (const { stimulus, moves } of path.steps) {
    const from = world.moves.length;
    await world.do(stimulus.deed);
    const [wanted, got] = [text(moves), text(world.moves.slice(from))];
    if (wanted === got) continue;
    broken.push(`states: when ${stimulus.name}, the model goes ${wanted}, the worker ${got}`);
    break;
  }
  const { length } = world.moves;
  broken.push(...(await world.toItsEnd()).map((sentence) => `bus: ${sentence}`));
  const replies = world.replies.get(jobId) ?? [];
  const deeds = path.steps.map(({ stimulus }) => stimulus.deed);
  const wrong = wrongBody(replies, { deeds, worker: options.worker });
  if (wrong !== null) broken.push(`bus: ${wrong}`);
  return { broken, moves: world.moves.slice(0, length), replies };
}

const text = (moves: readonly Move[]) =>
  moves.length === 0 ? 'nowhere' : moves.map(({ to, event }) => `${to} (${event})`).join(', ');

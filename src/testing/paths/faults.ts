// Faults, each done to a lane in a state: the product of both is what a worker must survive. What comes of it is not
// foretold: the worker must come to rest, do another job and stop, and the promises of its policy hold.
import type { DoneFault } from '../simulator/plan.js';
import { reasonOf } from '../simulator/reasons.js';
import type { Explored, Path } from './explore.js';
import type { Move } from './model.js';
import type { Deed } from './stimuli.js';
import { World, type WorldOptions } from './world.js';

/** As a test calls them, and as the simulator does. */
const kinds = {
  connectionLost: 'cut',
  connectionSilent: 'drop',
  jobsChannelClosed: 'jobsChannelClosed',
  linesChannelClosed: 'linesChannelClosed',
  consumerCancelled: 'consumerCancelled',
  confirmLost: 'confirmLost',
  publishRefused: 'publishRefused',
  replyUnroutable: 'replyQueueGone',
  blocked: 'blocked',
  brokerRestarted: 'brokerRestart',
  workerKilled: 'crash',
  stopped: 'stop',
  cancelled: 'cancel',
  deliveredAgain: 'duplicate',
  deadlinePassed: null,
} as const satisfies Readonly<Record<string, DoneFault | null>>;

export type FaultName = keyof typeof kinds;
export const faultNames = Object.keys(kinds) as readonly FaultName[];

export interface FaultCase {
  readonly state: string;
  readonly fault: FaultName;
  /** How the lane comes to the state. */
  readonly path: Path;
}

/** Every state in which a lane rests, with every fault that can befall it there. */
export function faultCases(
  { ways, paths }: Explored,
  only: readonly FaultName[] = faultNames,
): readonly FaultCase[] {
  const initial = paths[0]?.steps[0]?.moves[0]?.from ?? '';
  const shortest = new Map<string, Path>();
  for (const path of ways) {
    const last = path.steps.at(-1);
    if (last?.stimulus.deed.does === 'stop') continue;
    const state = last === undefined ? initial : (last.moves.at(-1)?.to ?? '');
    const known = shortest.get(state);
    if (known === undefined || lengthOf(path) < lengthOf(known)) shortest.set(state, path);
  }
  shortest.delete('');
  return [...shortest].flatMap(([state, path]) =>
    only.filter((fault) => canHappen(fault, { state, path })).map((fault) => ({ state, fault, path })),
  );
}

/** One on which something went wrong is longer than any other: the fault is to be the first. */
const lengthOf = ({ steps }: Path): number =>
  steps.length + 100 * steps.filter(({ stimulus: { deed } }) => goesWrong(deed)).length;

const goesWrong = (deed: Deed): boolean =>
  deed.does === 'cut' || deed.does === 'wait' || (deed.does === 'answer' && deed.as !== 'confirmed');

function canHappen(fault: FaultName, { state, path }: Omit<FaultCase, 'fault'>): boolean {
  const kind = kinds[fault];
  const { connected, awaits } = path.steps.at(-1) ?? { connected: true, awaits: false };
  if (kind === null) return path.steps.length > 0;
  if (kind === 'confirmLost' || kind === 'publishRefused') return awaits;
  if (kind === 'replyQueueGone' && path.steps.some(({ stimulus: { deed } }) => isReturned(deed)))
    return false;
  // On a new connection the consumer comes behind what is sent again.
  const isNew = path.steps.at(-1)?.moves.at(-1)?.event === 'connection.opened';
  if (kind === 'consumerCancelled' && isNew) return false;
  return (connected || !ofConnections.has(kind)) && reasonOf(kind, state) === null;
}

const isReturned = (deed: Deed): boolean => deed.does === 'answer' && deed.as === 'returned';

/** They befall a connection, so there must be one. */
const ofConnections: ReadonlySet<DoneFault> = new Set([
  'cut',
  'drop',
  'jobsChannelClosed',
  'linesChannelClosed',
  'consumerCancelled',
  'blocked',
]);

export interface FaultResult {
  readonly broken: readonly string[];
  readonly moves: readonly Move[];
}

export async function checkFault(
  { path, fault, state }: FaultCase,
  options: WorldOptions,
): Promise<FaultResult> {
  const world = new World(options);
  await world.start();
  for (const { stimulus } of path.steps) await world.do(stimulus.deed);
  const broken: string[] = [];
  const reached = world.moves.at(-1)?.to;
  if (path.steps.length > 0 && reached !== state)
    broken.push(`states: the lane is in ${reached}, not in ${state}`);
  const kind = kinds[fault];
  const before = world.moves.length;
  if (kind === null) await world.do({ does: 'wait' });
  const happened = kind === null ? world.moves.length > before : await world.suffer(kind);
  if (!happened) broken.push(`states: ${fault} could not be done in ${state}`);
  broken.push(...(await world.toItsEnd()).map((sentence) => `bus: ${sentence}`));
  return { broken, moves: world.moves };
}

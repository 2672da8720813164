// Faults, each done to a lane in a state: the product of both is what a worker must survive. What comes of it is not
// foretold: the worker must come to rest in a state that its flow declares, and the promises of its policy hold.
import type { DoneFault } from '../simulator/plan.js';
import type { Path } from './explore.js';
import type { Move } from './model.js';
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

/** Every state in which a lane rests, with every fault. */
export function faultCases(
  paths: readonly Path[],
  only: readonly FaultName[] = faultNames,
): readonly FaultCase[] {
  const ways = new Map<string, Path>();
  for (const { steps } of paths) {
    steps.forEach(({ moves }, index) => {
      const state = moves.at(-1)?.to;
      const known = state === undefined ? undefined : ways.get(state);
      if (state === undefined || (known && known.steps.length <= index + 1)) return;
      ways.set(state, { steps: steps.slice(0, index + 1) });
    });
  }
  return [...ways].flatMap(([state, path]) => only.map((fault) => ({ state, fault, path })));
}

export interface FaultResult {
  /** false: the fault cannot befall a lane in that state. */
  readonly happened: boolean;
  /** Where the lane ended. */
  readonly ended: string;
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
  const reached = world.moves.at(-1)?.to ?? 'nothing';
  if (reached !== state) broken.push(`states: the lane is in ${reached}, not in ${state}`);
  const kind = kinds[fault];
  const before = world.moves.length;
  if (kind === null) await world.do({ does: 'wait' });
  const happened = kind === null ? world.moves.length > before : await world.suffer(kind);
  broken.push(...(await world.toItsEnd()).map((sentence) => `bus: ${sentence}`));
  return { happened, ended: world.moves.at(-1)?.to ?? 'nothing', broken, moves: world.moves };
}

/** `inState('doingTheNeedful').connectionLost()`: the one case that is meant. Throws nothing: an unknown state has no case. */
export function inState(
  state: string,
  paths: readonly Path[],
): Readonly<Record<FaultName, () => FaultCase | undefined>> {
  const cases = faultCases(paths);
  const find = (fault: FaultName) => () => cases.find((one) => one.state === state && one.fault === fault);
  return Object.fromEntries(faultNames.map((fault) => [fault, find(fault)])) as never;
}

// What the named workers need on a broker, as one topology.
import { NeedfulError } from '../../contract/errors.js';
import type { MessageFormat } from '../../contract/message-format.js';
import { jobKey } from '../../contract/names.js';
import { outputLines } from '../../contract/output-lines.js';
import { releaseEngine } from '../../contract/release-engine.js';
import type { Topology } from '../../contract/topology.js';
import { loadWorker } from '../load-worker.js';
import { readyMadeNames } from '../ready-made.js';
import type { Settings } from '../settings/settle.js';

export interface Wanted {
  /** Files or ready-made names. */
  readonly workers: readonly string[];
  /** What the steps of a playbook call the worker; default: the queue's name. */
  readonly keys: readonly string[];
  readonly settings: Settings;
}

/** As far as a topology depends on it. */
interface Known {
  readonly name: string;
  readonly format?: MessageFormat;
}

/** Without workers: the queue that is named, or all ready-made ones. */
export async function wantedTopology({ workers, keys, settings }: Wanted): Promise<Topology> {
  const { queue } = settings.worker;
  const given = workers.length > 0 || queue !== undefined ? workers : readyMadeNames;
  checkCombination(given, { keys, settings });
  const known = await Promise.all(given.map((worker) => know(worker, settings)));
  // A queue is one worker's; of nobody's it is a queue of jobs.
  const named = known.length === 0 && queue !== undefined ? [{ name: queue }] : known;
  const topologies = named.map(({ name, format = releaseEngine }) =>
    withKeys(format.topology(named.length === 1 ? (queue ?? name) : name), keys),
  );
  return {
    exchanges: topologies[0]?.exchanges ?? [],
    queues: topologies.flatMap(({ queues }) => queues),
    bindings: topologies.flatMap(({ bindings }) => bindings),
  };
}

function checkCombination(workers: readonly string[], { keys, settings }: Omit<Wanted, 'workers'>): void {
  if (workers.length <= 1) return;
  const usage = (message: string) => new NeedfulError('USAGE', message);
  const flags = { queue: '--queue', workerConfig: '--worker-config' } as const;
  for (const [key, flag] of Object.entries(flags)) {
    const isFlag = settings.said.get(key as keyof typeof flags)?.from === flag;
    if (isFlag) throw usage(`${flag} is for one worker, and several were given`);
  }
  if (keys.length > 0) throw usage('--key is for one queue: give one worker, or --queue');
  const twice = workers.find((worker, index) => workers.indexOf(worker) !== index);
  if (twice !== undefined) throw usage(`${twice} was given twice`);
}

/** A ready-made worker is known before it has the configuration that it wants. */
async function know(worker: string, { own }: Settings): Promise<Known> {
  try {
    return await loadWorker(worker, { config: own });
  } catch (error) {
    const isUnconfigured = error instanceof NeedfulError && error.code === 'CONFIG_INVALID';
    if (own !== undefined || !isUnconfigured || !readyMadeNames.includes(worker)) throw error;
    return { name: worker, ...(worker === 'output' ? { format: outputLines } : {}) };
  }
}

function withKeys(topology: Topology, keys: readonly string[]): Topology {
  if (keys.length === 0) return topology;
  const bindings = topology.bindings.flatMap((binding) =>
    keys.map((key) => ({ ...binding, routingKey: jobKey(key) })),
  );
  return { ...topology, bindings };
}

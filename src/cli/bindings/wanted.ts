// What the named workers need on a broker, as one topology.
import { NeedfulError } from '../../contract/errors.js';
import { jobKey, workerTopology } from '../../contract/names.js';
import type { BindingSpec, Topology } from '../../contract/topology.js';
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

/** Without workers: the queue that is named, or all ready-made ones. */
export async function wantedTopology({ workers, keys, settings }: Wanted): Promise<Topology> {
  const { queue } = settings.worker;
  const { said, own } = settings;
  const isFlag = said.get('queue')?.from === '--queue';
  if (workers.length > 1 && isFlag) {
    throw new NeedfulError('USAGE', '--queue names one queue, and several workers were given');
  }
  const named = workers.length > 0 ? workers : queue === undefined ? readyMadeNames : [];
  if (named.length > 1 && keys.length > 0) {
    throw new NeedfulError('USAGE', '--key is for one queue: give one worker, or --queue');
  }
  if (queue !== undefined && named.length <= 1) {
    // A name that is none, or a file that is broken, is an error all the same.
    for (const worker of named) await loadWorker(worker, { config: own });
    return topologyOf([queue], keys);
  }
  const names = await Promise.all(named.map(nameOf));
  return topologyOf(names, keys);
  async function nameOf(worker: string): Promise<string> {
    // Needs no configuration: a ready-made worker is called as it is named.
    if (readyMadeNames.includes(worker)) return worker;
    return (await loadWorker(worker, { config: own })).name;
  }
}

function topologyOf(names: readonly string[], keys: readonly string[]): Topology {
  const each = [...new Set(names)].map((name) => withKeys(workerTopology(name), keys));
  return {
    exchanges: each[0]?.exchanges ?? [],
    queues: each.flatMap(({ queues }) => queues),
    bindings: each.flatMap(({ bindings }) => bindings),
  };
}

function withKeys(topology: Topology, keys: readonly string[]): Topology {
  if (keys.length === 0) return topology;
  const bindings = topology.bindings.flatMap((binding) =>
    keys.map((key): BindingSpec => ({ ...binding, routingKey: jobKey(key) })),
  );
  return { ...topology, bindings };
}

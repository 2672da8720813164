// The workers that come with Needful, by name.
import { NeedfulError } from '../contract/errors.js';
import { nearest } from '../contract/nearest.js';
import type { ConfigurableWorker } from '../worker/configure.js';
import type { Worker } from '../worker/definition.js';

type ReadyMade = Worker | ConfigurableWorker;

const workers: Readonly<Record<string, () => Promise<{ readonly default: ReadyMade }>>> = {
  noop: () => import('../../workers/noop.js'),
  sleep: () => import('../../workers/sleep.js'),
  httprequest: () => import('../../workers/httprequest.js'),
};

export const readyMadeNames: readonly string[] = Object.keys(workers);

/** undefined: none of that name. */
export async function readyMade(name: string): Promise<ReadyMade | undefined> {
  return Object.hasOwn(workers, name) ? (await workers[name]?.())?.default : undefined;
}

export function unknownName(name: string): NeedfulError {
  const near = nearest(name, readyMadeNames);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  return new NeedfulError(
    'WORKER_UNKNOWN',
    `expected a file or one of the ready-made workers ${readyMadeNames.join(', ')}, got ${JSON.stringify(name)}, which is neither.${hint}`,
  );
}

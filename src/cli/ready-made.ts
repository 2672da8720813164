// The workers that come with Needful, by name.
import { NeedfulError } from '../contract/errors.js';
import type { MessageFormat } from '../contract/message-format.js';
import { nearest } from '../contract/nearest.js';
import { outputLines } from '../contract/output-lines.js';
import { releaseEngine } from '../contract/release-engine.js';
import type { ConfigurableWorker } from '../worker/configure.js';
import type { Worker } from '../worker/definition.js';

type ReadyMade = Worker | ConfigurableWorker;

const workers: Readonly<Record<string, () => Promise<{ readonly default: ReadyMade }>>> = {
  noop: () => import('../../workers/noop.js'),
  sleep: () => import('../../workers/sleep.js'),
  httprequest: () => import('../../workers/httprequest.js'),
  output: () => import('../../workers/output.js'),
  command: () => import('../../workers/command.js'),
  juicer: () => import('../../workers/juicer.js'),
  bigip: () => import('../../workers/bigip.js'),
};

export const readyMadeNames: readonly string[] = Object.keys(workers);

/** What the worker of that name takes: known without its configuration. */
export function readyMadeFormat(name: string): MessageFormat {
  return name === 'output' ? outputLines : releaseEngine;
}

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

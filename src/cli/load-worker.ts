// Loads a worker's definition from a TypeScript or JavaScript file, or a ready-made one by name, and hands its configuration
// to one that wants it.
import { stat } from 'node:fs/promises';
import { extname, resolve, sep } from 'node:path';
import { NeedfulError } from '../contract/errors.js';
import { nearest } from '../contract/nearest.js';
import type { ConfigurableWorker } from '../worker/configure.js';
import type { Worker } from '../worker/definition.js';
import { defaultExport, importFile } from './import-file.js';
import { readyMade, unknownName } from './ready-made.js';

/** What `--worker-config` says to the worker itself. */
export interface OwnConfig {
  /** The file, as the user named it. */
  readonly from: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Rejects with WORKER_UNKNOWN, WORKER_FILE_MISSING, WORKER_FILE_BROKEN, WORKER_EXPORT_MISSING, DEFINITION_INVALID or, for
 * a configuration that does not fit the worker, CONFIG_INVALID.
 */
export async function loadWorker(
  given: string,
  { config }: { readonly config?: OwnConfig | undefined } = {},
): Promise<Worker> {
  const ready = await readyMade(given);
  if (ready !== undefined) return defined(ready, { given, config });
  const { exported, loaded } = await loadFile(given, unknownName);
  if (isWorker(exported)) return exported;
  if (typeof exported !== 'function') throw noWorker(given, describe(exported, loaded));
  const worker: unknown = defined(exported as ConfigurableWorker, { given, config });
  if (isWorker(worker)) return worker;
  throw noWorker(given, 'a function as its default export that returns no worker');
}

/** What a file exports by default, and its module. `unknown` says of a name that is no file what else it could be. */
export async function loadFile(
  given: string,
  unknown: (name: string) => NeedfulError,
): Promise<{ readonly exported: unknown; readonly loaded: unknown }> {
  const file = resolve(given);
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) {
    if (!looksLikeFile(given)) throw unknown(given);
    throw new NeedfulError('WORKER_FILE_MISSING', `expected a worker in ${given}, there is no such file`);
  }
  if (!found.isFile()) {
    throw new NeedfulError('WORKER_FILE_MISSING', `expected a worker in ${given}, which is no file`);
  }
  const loaded = await importFile({
    file,
    given,
    missing: 'WORKER_FILE_MISSING',
    broken: 'WORKER_FILE_BROKEN',
  });
  // What a CommonJS file says is `module.exports = defineWorker({ … })`.
  const isBare = isWorker(loaded) || typeof loaded === 'function';
  return { exported: isBare ? loaded : defaultExport(loaded), loaded };
}

function looksLikeFile(given: string): boolean {
  return given.includes('/') || given.includes(sep) || /^\.[cm]?[jt]s$/.test(extname(given));
}

interface Given {
  readonly given: string;
  readonly config: OwnConfig | undefined;
}

function defined(worker: Worker | ConfigurableWorker, { given, config }: Given): Worker {
  if (typeof worker !== 'function') return worker;
  try {
    return worker(config?.values ?? {});
  } catch (error) {
    if (!(error instanceof NeedfulError) || error.code !== 'CONFIG_INVALID') throw error;
    const where = config?.from ?? `worker ${given} needs a configuration, --worker-config FILE`;
    throw new NeedfulError(error.code, `${where}: ${withFileKeys(error.message, config)}`, { cause: error });
  }
}

/** A key that the worker does not know may be one of the file's own, misspelt. */
function withFileKeys(message: string, config: OwnConfig | undefined): string {
  return Object.keys(config?.values ?? {}).reduce((said, key) => {
    const near = nearest(key, ['queue', 'OUTPUT_LEVEL']);
    const told = `\`${key}\`: not known; `;
    if (near === undefined) return said;
    return said.replace(`${told}known are`, () => `${told}is ${near} meant? Beside it known are`);
  }, message);
}

const noWorker = (given: string, got: string) =>
  new NeedfulError(
    'WORKER_EXPORT_MISSING',
    `expected ${given} to say \`export default defineWorker({ … })\`, got ${got}`,
  );

export function isWorker(value: unknown): value is Worker {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    'appId' in value &&
    'steps' in value &&
    value.steps instanceof Map
  );
}

function describe(value: unknown, loaded: unknown): string {
  if (typeof value === 'object' && value !== null && 'steps' in value) {
    return 'a definition that did not go through defineWorker';
  }
  if (value !== undefined) return `${value === null ? 'null' : `a ${typeof value}`} as its default export`;
  const names = Object.keys(loaded ?? {}).filter((name) => name !== 'default' && name !== '__esModule');
  return names.length === 0 ? 'no export at all' : `no default export, only ${names.slice(0, 5).join(', ')}`;
}

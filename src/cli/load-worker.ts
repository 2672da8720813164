// Loads a worker's definition from a TypeScript or JavaScript file, or a ready-made one by name. The file shares this
// installation's `needful-worker`: with a second one `failed` and errors of the first would not be known.
import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NeedfulError } from '../contract/errors.js';
import type { Worker } from '../worker/definition.js';
import { readyMade, unknownName } from './ready-made.js';
import { whereItBroke } from './source-error.js';

const peers = ['xstate', 'zod'] as const;

/** Rejects with WORKER_UNKNOWN, WORKER_FILE_MISSING, WORKER_FILE_BROKEN, WORKER_EXPORT_MISSING or DEFINITION_INVALID. */
export async function loadWorker(given: string): Promise<Worker> {
  const worker = await readyMade(given);
  if (worker !== undefined) return worker;
  const file = resolve(given);
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) {
    if (!looksLikeFile(given)) throw unknownName(given);
    throw new NeedfulError('WORKER_FILE_MISSING', `expected a worker in ${given}, there is no such file`);
  }
  if (!found.isFile()) {
    throw new NeedfulError('WORKER_FILE_MISSING', `expected a worker in ${given}, which is no file`);
  }
  return exportedWorker(await importFile(file, given), given);
}

function looksLikeFile(given: string): boolean {
  return given.includes('/') || given.includes(sep) || /^\.[cm]?[jt]s$/.test(extname(given));
}

async function importFile(file: string, given: string): Promise<unknown> {
  const { createJiti } = await import('jiti');
  // No cache: it would lie in a directory that others may write to.
  const jiti = createJiti(file, { alias: doors(file), fsCache: false, moduleCache: false });
  const source = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new NeedfulError('WORKER_FILE_MISSING', `${given} cannot be read`, { cause: error });
  });
  try {
    // Transformed even where Node could import it, so that the aliases count.
    return await jiti.evalModule(source, { filename: file, id: file, async: true, forceTranspile: true });
  } catch (error) {
    if (error instanceof NeedfulError) throw error;
    throw new NeedfulError('WORKER_FILE_BROKEN', whereItBroke(error, { file, given }), { cause: error });
  }
}

/** Needful always from here; its peers from here only where the file has none of its own. */
function doors(file: string): Record<string, string> {
  const fromFile = createRequire(file);
  const lacking = peers.filter((name) => {
    try {
      fromFile.resolve(name);
      return false;
    } catch {
      return true;
    }
  });
  return Object.assign({}, ...['needful-worker', ...lacking].map(doorsOf));
}

function doorsOf(name: string): Record<string, string> {
  const manifest = createRequire(import.meta.url)(`${name}/package.json`) as { exports: object };
  const paths = Object.keys(manifest.exports).filter(
    (path) => !path.includes('*') && !path.endsWith('.json'),
  );
  return Object.fromEntries(
    paths.map((path) => {
      const door = path.replace(/^\./, name);
      return [door, fileURLToPath(import.meta.resolve(door))];
    }),
  );
}

function exportedWorker(loaded: unknown, given: string): Worker {
  // What a CommonJS file says is `module.exports = defineWorker({ … })`.
  if (isWorker(loaded)) return loaded;
  const value =
    typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : undefined;
  if (isWorker(value)) return value;
  throw new NeedfulError(
    'WORKER_EXPORT_MISSING',
    `expected ${given} to say \`export default defineWorker({ … })\`, got ${describe(value, loaded)}`,
  );
}

function isWorker(value: unknown): value is Worker {
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

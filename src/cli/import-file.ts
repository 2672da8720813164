// Imports a user's TypeScript or JavaScript file. It shares this installation's `needful-worker`: with a second one `failed`
// and errors of the first would not be known.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type ErrorCode, NeedfulError } from '../contract/errors.js';
import { whereItBroke } from './source-error.js';

const peers = ['xstate', 'zod'] as const;

export interface UserFile {
  /** Absolute. */
  readonly file: string;
  /** As the user named it. */
  readonly given: string;
  /** Codes of the errors: it cannot be read; it cannot be run. */
  readonly missing: ErrorCode;
  readonly broken: ErrorCode;
}

/** The module of the file. */
export async function importFile({ file, given, missing, broken }: UserFile): Promise<unknown> {
  const { createJiti } = await import('jiti');
  // No cache: it would lie in a directory that others may write to.
  const jiti = createJiti(file, { alias: doors(file), fsCache: false, moduleCache: false });
  const source = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new NeedfulError(missing, `${given} cannot be read`, { cause: error });
  });
  try {
    // Transformed even where Node could import it, so that the aliases count.
    return await jiti.evalModule(source, { filename: file, id: file, async: true, forceTranspile: true });
  } catch (error) {
    if (error instanceof NeedfulError) throw error;
    throw new NeedfulError(broken, whereItBroke(error, { file, given }), { cause: error });
  }
}

/** Its default export; undefined where there is none. */
export function defaultExport(loaded: unknown): unknown {
  return typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : undefined;
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

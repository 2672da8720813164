// `needful.config.ts` in the working directory, or the file of `--config`: found, imported, checked key by key.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { NeedfulError } from '../../contract/errors.js';
import { nearest } from '../../contract/nearest.js';
import { kindOf } from '../../contract/problem.js';
import type { NeedfulConfig } from '../../worker/config.js';
import { pathOf } from '../home.js';
import type { ConfigSource } from './address.js';
import { defect, type Key, keys } from './table.js';

export const configNames = [
  'needful.config.ts',
  'needful.config.js',
  'needful.config.mjs',
  'needful.config.json',
];

/** undefined: there is none. Rejects with CONFIG_FILE_MISSING, CONFIG_FILE_BROKEN or CONFIG_INVALID. */
export async function readConfigFile(given: string | undefined): Promise<ConfigSource | undefined> {
  const name = given ?? findConfigFile();
  if (name === undefined) return undefined;
  const file = pathOf(name);
  if (!existsSync(file)) {
    throw new NeedfulError(
      'CONFIG_FILE_MISSING',
      `expected a configuration in ${name}, there is no such file`,
    );
  }
  const values = checkConfig(await load(file, name), name);
  return { values: withPaths(values, dirname(file)), from: name };
}

function findConfigFile(): string | undefined {
  const [first, second] = configNames.filter((name) => existsSync(pathOf(name)));
  if (second === undefined) return first;
  throw new NeedfulError(
    'CONFIG_INVALID',
    `${first} and ${second} both lie here: keep one, or name one with --config`,
  );
}

async function load(file: string, given: string): Promise<unknown> {
  if (extname(file) === '.json') return parseJson(file, given);
  const { defaultExport, importFile } = await import('../import-file.js');
  const loaded = await importFile({
    file,
    given,
    missing: 'CONFIG_FILE_MISSING',
    broken: 'CONFIG_FILE_BROKEN',
  });
  return defaultExport(loaded);
}

function parseJson(file: string, given: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new NeedfulError('CONFIG_FILE_MISSING', `${given} cannot be read`, { cause: error });
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    // Its own words quote the text, which may hold a password.
    throw new NeedfulError('CONFIG_FILE_BROKEN', `${given} is not JSON`);
  }
}

function checkConfig(value: unknown, given: string): NeedfulConfig {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(given, `expected \`export default defineConfig({ … })\`, got ${kindOf(value)}`);
  }
  for (const [key, said] of Object.entries(value)) {
    if (!isKey(key)) throw invalid(given, `\`${key}\` is not known${hint(key)}`);
    const wrong = said === undefined ? undefined : defect(key, said);
    if (wrong !== undefined) throw invalid(given, `\`${key}\`: ${wrong}`);
  }
  const config: NeedfulConfig = value;
  if (config.amqp !== undefined && config.mqConfig !== undefined) {
    throw invalid(given, '`amqp` and `mqConfig` both name a broker: keep one of them');
  }
  return config;
}

const isKey = (key: string): key is Key => keys.some((known) => known === key);

function hint(key: string): string {
  const near = nearest(key, keys);
  return near === undefined ? `; known are ${keys.join(', ')}` : `; did you mean \`${near}\`?`;
}

const invalid = (given: string, what: string) => new NeedfulError('CONFIG_INVALID', `${given}: ${what}`);

/** Files that it names lie where it lies. */
function withPaths(config: NeedfulConfig, base: string): NeedfulConfig {
  const { mqConfig, workerConfig } = config;
  return {
    ...config,
    ...(mqConfig === undefined ? {} : { mqConfig: pathOf(mqConfig, base) }),
    ...(workerConfig === undefined ? {} : { workerConfig: pathOf(workerConfig, base) }),
  };
}

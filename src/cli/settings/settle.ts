// Weighs what is said of a command's settings: a flag before the environment before the worker's own file before the
// configuration file before the default; and keeps who said it.
import { NeedfulError } from '../../contract/errors.js';
import { rememberUserInfo } from '../../contract/secrets.js';
import type { NeedfulConfig } from '../../worker/config.js';
import type { WorkerOptions } from '../../worker/running-worker.js';
import type { BrokerFlags, WorkerFlags } from '../flags.js';
import type { OwnConfig } from '../load-worker.js';
import type { WorkerConfig } from '../worker-config.js';
import { addressVariables, type ConfigSource, type FoundAddress, findAddress } from './address.js';
import { readConfigFile } from './config-file.js';
import { type Environment, readVariable } from './environment.js';
import { misspeltVariables } from './misspelt.js';
import { defect, type Key, keys, settings } from './table.js';

/** Options of a command that are settings, too. */
export interface SettingFlags extends BrokerFlags, WorkerFlags {
  readonly logLevel?: NeedfulConfig['logLevel'];
  readonly management?: string;
}

export interface Said {
  readonly value: string | number;
  /** `--queue`, `NEEDFUL_QUEUE`, `worker.json`, `needful.config.ts`. */
  readonly from: string;
}

export interface Settings {
  readonly address: FoundAddress | undefined;
  /** What somebody said; what nobody said is not in it. */
  readonly said: ReadonlyMap<Key, Said>;
  /** For createWorker: no key that nobody named. */
  readonly worker: Partial<Omit<WorkerOptions, 'transport'>>;
  readonly logLevel: string;
  readonly management: Said | undefined;
  /** What the worker's own file says to the worker. */
  readonly own: OwnConfig | undefined;
  /** To be logged. */
  readonly warnings: readonly string[];
}

/** Rejects with USAGE, CONFIG_FILE_MISSING, CONFIG_FILE_BROKEN or CONFIG_INVALID; connects to nothing. */
export async function settle(flags: SettingFlags, env: Environment): Promise<Settings> {
  remember(
    flags.amqp,
    flags.management,
    ...[...addressVariables, 'NEEDFUL_MANAGEMENT_URL'].map((name) => env[name]),
  );
  const config = await readConfigFile(flags.config);
  remember(config?.values.amqp, config?.values.management);
  const given: Given = { flags, env, config };
  const workerFile = say('workerConfig', given);
  const worker = workerFile && (await readWorkerFile(String(workerFile.value)));
  const said = new Map<Key, Said>();
  for (const key of keys) {
    const one = say(key, { ...given, worker });
    if (one !== undefined) said.set(key, one);
  }
  return {
    address: findAddress(flags, { env, config }),
    said,
    worker: workerOptions(said),
    logLevel: String(said.get('logLevel')?.value ?? settings.logLevel.standard),
    management: said.get('management'),
    own: worker?.own,
    warnings: [...misspeltVariables(env), ...(worker?.warning === undefined ? [] : [worker.warning])],
  };
}

/** Also of an address that another one outvotes: it is in the environment all the same. */
function remember(...urls: readonly (string | undefined)[]): void {
  for (const url of urls) if (url !== undefined) rememberUserInfo(url);
}

async function readWorkerFile(file: string): Promise<WorkerConfig> {
  const { readWorkerConfig } = await import('../worker-config.js');
  return readWorkerConfig(file);
}

interface Given {
  readonly flags: SettingFlags;
  readonly env: Environment;
  readonly config: ConfigSource | undefined;
  readonly worker?: WorkerConfig | undefined;
}

function say(key: Key, { flags, env, config, worker }: Given): Said | undefined {
  const flag = flagOf(key, flags);
  if (flag !== undefined) return flag;
  const variable = variableOf(key, env);
  if (variable !== undefined) return variable;
  if (worker !== undefined && (key === 'queue' || key === 'outputLevel')) {
    const value = worker[key];
    if (value !== undefined) return { value, from: worker.own.from };
  }
  const value = config?.values[key];
  return value === undefined || config === undefined ? undefined : { value, from: config.from };
}

function flagOf(key: Key, flags: SettingFlags): Said | undefined {
  if (key === 'topology') return flags.declare === true ? { value: 'declare', from: '--declare' } : undefined;
  const values: Partial<Record<Key, string | number | undefined>> = {
    queue: flags.queue,
    concurrency: flags.concurrency,
    outputLevel: flags.outputLevel,
    deadLetter: flags.deadLetter,
    logLevel: flags.logLevel,
    workerConfig: flags.workerConfig,
    management: flags.management,
    amqp: flags.amqp,
    mqConfig: flags.mqConfig,
  };
  const value = values[key];
  return value === undefined ? undefined : { value, from: `--${kebab(key)}` };
}

/** `logLevel` -> `log-level`. */
const kebab = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function variableOf(key: Key, env: Environment): Said | undefined {
  const { variable, isNumber } = settings[key];
  const found = variable === undefined ? undefined : readVariable(variable, env);
  if (found === undefined) return undefined;
  const value = isNumber && /^\d+$/.test(found.text) ? Number(found.text) : found.text;
  const wrong = defect(key, value);
  if (wrong === undefined) return { value, from: found.from };
  throw new NeedfulError('CONFIG_INVALID', `${found.from}: ${wrong}`);
}

const notForWorkers: readonly Key[] = ['amqp', 'mqConfig', 'management', 'workerConfig', 'logLevel'];

function workerOptions(said: ReadonlyMap<Key, Said>): Settings['worker'] {
  const named = [...said].filter(([key]) => !notForWorkers.includes(key));
  return Object.fromEntries(
    named.map(([key, { value }]) => [key, key === 'deadLetter' ? placeOf(String(value)) : value]),
  );
}

/** `dead/worker.sleep` -> exchange and routing key; `/graveyard`: the default exchange and a queue. */
function placeOf(text: string): NonNullable<WorkerOptions['deadLetter']> {
  const at = text.indexOf('/');
  return at < 0 ? { exchange: text } : { exchange: text.slice(0, at), routingKey: text.slice(at + 1) };
}

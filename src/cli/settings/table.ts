// Every setting of the command in one table: its schema, its variable, what it is when nobody says it. The configuration
// file, the environment and `needful config` all read it.
import { z } from 'zod';
import type { NeedfulConfig } from '../../worker/config.js';
import { numbers, outputLevels, topologies } from '../../worker/options.js';
import { logLevels } from '../flags.js';

export type Key = keyof NeedfulConfig;

export interface Setting {
  readonly schema: z.ZodType;
  /** Of the environment; undefined: none of its own. */
  readonly variable?: string;
  readonly isNumber?: boolean;
  /** As `needful config` shows it; '' where there is none. */
  readonly standard: string | number;
  /** What stands for the default where it is another for each worker. */
  readonly described?: string;
}

const text = z.string().min(1);
const place = 'expected `exchange`, `exchange/routing.key`, or `/queue`';

/** `bodyLimitBytes` -> `NEEDFUL_BODY_LIMIT_BYTES`. */
const variable = (key: string) => `NEEDFUL_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

const setting = (key: Key, schema: z.ZodType, standard: string) => ({
  schema,
  standard,
  variable: variable(key),
});

const numberSettings = Object.fromEntries(
  Object.entries(numbers).map(([key, [least, standard]]) => [
    key,
    { schema: z.int().min(least), variable: variable(key), isNumber: true, standard },
  ]),
) as unknown as Record<keyof typeof numbers, Setting>;

export const settings: Readonly<Record<Key, Setting>> = {
  // Both are said by the address: `findAddress` reads their variables.
  amqp: { schema: text, standard: 'amqp://guest@localhost:5672/' },
  mqConfig: { schema: text, standard: '' },
  management: { schema: text, variable: 'NEEDFUL_MANAGEMENT_URL', standard: '' },
  workerConfig: setting('workerConfig', text, ''),
  queue: { ...setting('queue', text, ''), described: "the worker's name" },
  topology: setting('topology', z.enum(topologies), 'check'),
  outputLevel: setting('outputLevel', z.enum(outputLevels), 'debug'),
  logLevel: setting('logLevel', z.enum(logLevels), 'warn'),
  notificationExchange: setting('notificationExchange', z.string(), 're'),
  deadLetter: setting('deadLetter', z.string().regex(/^([^/]+(\/.*)?|\/.+)$/, place), ''),
  ...numberSettings,
};

export const keys = Object.keys(settings) as readonly Key[];

/** What is wrong with a value, without the value; undefined: nothing. */
export function defect(key: Key, value: unknown): string | undefined {
  const result = settings[key].schema.safeParse(value);
  return result.success
    ? undefined
    : (result.error.issues[0]?.message ?? 'it does not fit').replace(/^Invalid \w+: /, '');
}

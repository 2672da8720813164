// The options of a client, held against their form when it is made.
import { NeedfulError } from '../contract/errors.js';
import { instead } from '../contract/nearest.js';
import { kindOf } from '../contract/problem.js';
import type { ClientOptions } from './client.js';

type Expected = readonly [what: string, fits: (value: unknown) => boolean];

const withMembers =
  (...names: readonly string[]) =>
  (value: unknown) =>
    names.every((name) => typeof (value as Record<string, unknown> | null)?.[name] === 'function');

const options: { readonly [K in keyof Required<ClientOptions>]: Expected } = {
  transport: ['a transport, as createAmqpTransport or a memory broker gives', withMembers('open', 'publish')],
  format: ['a message format, as releaseEngine is', withMembers('encodeJob', 'decodeReply')],
  outputs: ['true or false', (value) => typeof value === 'boolean'],
  clock: ['a clock with now, setTimeout and clearTimeout', withMembers('now', 'setTimeout', 'clearTimeout')],
  random: ['a function', (value) => typeof value === 'function'],
  logger: ['an object with warn', withMembers('warn')],
};
const keys = Object.keys(options) as (keyof ClientOptions)[];

/** Throws OPTION_INVALID. */
export function checkOptions(given: ClientOptions): void {
  if (kindOf(given) !== 'an object') throw wrong(`expected \`{ transport }\`, got ${kindOf(given)}`);
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(options, key)) throw wrong(`\`${key}\` is not known, ${instead(key, keys)}`);
  }
  for (const key of keys) {
    const [what, fits] = options[key];
    if ((given[key] !== undefined || key === 'transport') && !fits(given[key]))
      throw wrong(`\`${key}\` must be ${what}`);
  }
}

const wrong = (what: string) => new NeedfulError('OPTION_INVALID', `options of createClient: ${what}`);

// Variables that were probably meant for this command and that nothing reads. A warning and no error, unlike an unknown key of
// the configuration file: the environment belongs to others, too (a cluster with a service called `needful` puts
// NEEDFUL_PORT there), so only a name close to a known one is told.
import { nearest } from '../../contract/nearest.js';
import { addressVariables } from './address.js';
import type { Environment } from './environment.js';
import { settings } from './table.js';

const prefix = 'NEEDFUL_';
const names = [...Object.values(settings).map(({ variable }) => variable), ...addressVariables].filter(
  (name) => name?.startsWith(prefix),
) as readonly string[];
/** Without the prefix, which would make all of them close to each other. */
const known = names.flatMap((name) => [name, `${name}_FILE`]).map((name) => name.slice(prefix.length));

/** One line each, without values. An empty variable is none. */
export function misspeltVariables(env: Environment): readonly string[] {
  return Object.keys(env)
    .filter((name) => name.toUpperCase().startsWith(prefix) && env[name])
    .sort()
    .flatMap((name) => {
      const rest = name.slice(prefix.length);
      if (name.startsWith(prefix) && known.includes(rest)) return [];
      const meant = nearest(rest, known) ?? known.find((one) => one.startsWith(`${rest.toUpperCase()}_`));
      return meant === undefined ? [] : [`${name} is not known and ignored; is ${prefix}${meant} meant?`];
    });
}

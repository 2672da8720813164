// Workers that need a configuration of their own (addresses, credentials) before they can be defined.
import type { z } from 'zod';
import { NeedfulError } from '../contract/errors.js';
import { kindOf, oneLine } from '../contract/problem.js';
import { redactIn } from '../contract/redact-value.js';
import { rememberSecret, rememberUserInfo } from '../contract/secrets.js';
import type { Worker } from './definition.js';
import { inPlainWords, unknownKeys } from './issues.js';
import { secretsIn, textsIn } from './marked-secrets.js';

/** A worker that is defined once its configuration is known; call it with one, or let `--worker-config FILE` hand it over. */
// biome-ignore lint/suspicious/noExplicitAny: what a worker wants to be told is known to its own schema alone
export interface ConfigurableWorker<Config = any, W extends Worker = Worker> {
  (config: Config): W;
  /** What it wants to be told; missing where it was not made by `configure`. */
  readonly schema?: z.ZodType;
}

/**
 * A worker whose definition depends on a configuration: `export default configure(schema, (config) => defineWorker({ … }))`.
 * The result takes what the schema takes and throws CONFIG_INVALID, which names keys and never repeats a value. What the
 * schema marks with `secret` is redacted in everything that leaves the process.
 */
export function configure<S extends z.ZodType, W extends Worker>(
  schema: S,
  define: (config: z.output<S>) => W,
): ConfigurableWorker<z.input<S>, W> {
  if (typeof schema?.safeParse !== 'function' || typeof define !== 'function') {
    throw new NeedfulError(
      'DEFINITION_INVALID',
      `configure takes a zod schema and a function that defines the worker, got ${kindOf(schema)} and ${kindOf(define)}`,
    );
  }
  const configured = (config: z.input<S>) => {
    // Also of a configuration that does not fit: a message of the schema's own may quote it.
    remember(schema, config);
    for (const text of textsIn(config)) rememberUserInfo(text);
    try {
      const parsed = schema.safeParse(config);
      if (!parsed.success)
        throw new NeedfulError('CONFIG_INVALID', explainIssues(parsed.error, { schema, value: config }));
      remember(schema, parsed.data);
      return define(parsed.data);
    } catch (error) {
      throw redactIn(error);
    }
  };
  return Object.assign(configured, { schema });
}

function remember(schema: z.ZodType, value: unknown): void {
  for (const text of secretsIn(schema, value)) rememberSecret(text);
}

/** The first defects of a value on one line: names of keys, what was expected there, no values. */
function explainIssues(
  error: z.ZodError,
  { schema, value }: { readonly schema: z.ZodType; readonly value: unknown },
): string {
  const found = error.issues.flatMap<
    Pick<z.core.$ZodIssue, 'message'> & { readonly path: readonly PropertyKey[] }
  >((issue) => unknownKeys(issue, { schema, value }) ?? [issue]);
  const said = found.slice(0, 5).map(({ path, message }) => {
    const where = path.length === 0 ? '' : `\`${oneLine(path.map(String).join('.'))}\`: `;
    return `${where}${inPlainWords(message)}`;
  });
  const more = found.length - said.length;
  return `${said.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

// Jobs from schemas: parameters that a step must take and parameters that it must refuse, each with its reason. Nothing is
// random: the same schemas give the same jobs.
import { z } from 'zod';
import { NeedfulError, type Problem } from '../../contract/errors.js';
import { problem } from '../../contract/problem.js';
import { accepts, at, type Case, isObject, type Key, sift } from './cases.js';
import { commonCases } from './composites.js';
import { casesOf, type Gap } from './walk.js';

/** Parameters, or dynamic values, of a job. */
export interface JobValues {
  readonly value: Readonly<Record<string, unknown>>;
  /** Where it differs from the simplest valid one; empty: as a whole. */
  readonly path: readonly Key[];
  /** What is special about it: `missing`, `null instead of a number`, `just outside of 0`. */
  readonly why: string;
}

export interface SchemaValues {
  /** The simplest one first. */
  readonly valid: readonly [JobValues, ...JobValues[]];
  readonly invalid: readonly JobValues[];
  /** ACCEPTS_EVERYTHING: nothing was found that the schema refuses; such a schema checks nothing. */
  readonly defect: Problem | null;
}

export interface ValuesOptions {
  /** Whole values that fit, where refinements and conversions cannot be guessed. An example in the schema's `meta` counts too. */
  readonly examples?: readonly Readonly<Record<string, unknown>>[];
  /** What every job carries besides, and a strict schema has to take, such as `{ command, subcommand }`. */
  readonly beside?: Readonly<Record<string, unknown>>;
  /** What the schema is of, for messages. Default: `the schema`. */
  readonly of?: string;
}

/**
 * Values that a schema, or each of several, takes, and values that it refuses: each was held against it. All of them are
 * JSON. Throws EXAMPLE_NEEDED, NO_VALID_JOB, and OPTION_INVALID for an example that does not fit.
 */
export function valuesOf(
  schema: z.core.$ZodType | readonly z.core.$ZodType[],
  { examples = [], beside = {}, of = 'the schema' }: ValuesOptions = {},
): SchemaValues {
  const schemas = '_zod' in schema ? [schema] : schema;
  const whole = (value: unknown) => (isObject(value) ? { ...value, ...beside } : value);
  const fits = (value: unknown) => isObject(value) && schemas.every((one) => accepts(one, whole(value)));
  for (const [index, example] of examples.entries()) {
    if (fits(example)) continue;
    const why = refusal(schemas, whole(example)) ?? 'expected an object';
    throw new NeedfulError('OPTION_INVALID', `example ${index + 1} of ${of} does not fit: ${why}`);
  }
  const gaps: Gap[] = [];
  const cases = schemas.map((one) => casesOf(one, { examples, gaps }));
  const wanting = gaps.filter(({ wantsExample }) => wantsExample);
  if (wanting.length > 0) throw exampleNeeded(of, wanting);
  const { valid, invalid } = schemas.length === 0 ? bare : commonCases(cases);
  const sifted = sift({ valid, invalid: invalid.filter(({ value }) => isObject(value)) }, fits);
  const [simplest, ...others] = sifted.valid.map(valuesOfCase);
  if (simplest === undefined)
    throw noValidJob(of, { gaps, refused: refusal(schemas, whole(valid[0]?.value)) });
  const takesAll = schemas.length > 0 && sifted.invalid.length === 0;
  return {
    valid: [simplest, ...others],
    invalid: sifted.invalid.map(valuesOfCase),
    defect: takesAll
      ? problem('ACCEPTS_EVERYTHING', `${of} takes everything: name what is expected, and what kind of value`)
      : null,
  };
}

const bare = { valid: [at('nothing is asked for', {})], invalid: [] };

const valuesOfCase = ({ value, path, why }: Case): JobValues => ({
  value: value as JobValues['value'],
  path,
  why,
});

const named = (path: readonly Key[]) => (path.length === 0 ? 'as a whole' : `"${path.join('.')}"`);

function exampleNeeded(of: string, gaps: readonly Gap[]): NeedfulError {
  const places = [...new Set(gaps.map(({ path }) => named(path)))];
  const [first] = gaps;
  const shown = (first?.path ?? []).reduceRight<string>(
    (inner, key) => (typeof key === 'number' ? `[${inner}]` : `{ ${JSON.stringify(key)}: ${inner} }`),
    '…',
  );
  return new NeedfulError(
    'EXAMPLE_NEEDED',
    `${of}: what fits ${places.join(', ')} cannot be guessed, since code decides about it; give one whole value that fits: examples: [${shown}]`,
  );
}

function noValidJob(
  of: string,
  { gaps, refused }: { readonly gaps: readonly Gap[]; readonly refused: string | null },
): NeedfulError {
  const deepest = gaps.toSorted((a, b) => b.path.length - a.path.length)[0];
  const why =
    deepest === undefined
      ? (refused ?? 'its schemas contradict each other')
      : `nothing in JSON fits ${named(deepest.path)}, a ${deepest.type}`;
  return new NeedfulError('NO_VALID_JOB', `${of} takes no job at all: ${why}`);
}

/** What the schemas say of a value, in zod's words. */
function refusal(schemas: readonly z.core.$ZodType[], value: unknown): string | null {
  for (const schema of schemas) {
    try {
      const [issue] = z.safeParse(schema, value).error?.issues ?? [];
      if (issue) return [...issue.path, issue.message].join(': ');
    } catch (error) {
      return `the schema threw ${error instanceof Error ? error.message : 'something'}`;
    }
  }
  return null;
}

// Goes through a schema from the outside in, by what zod 4 says of each schema in `_zod.def`; each schema has the last word
// on what was thought of for it.
import { z } from 'zod';
import {
  accepts,
  at,
  type Case,
  type Cases,
  isObject,
  join,
  type Key,
  none,
  sift,
  type Walk,
} from './cases.js';
import { arrayCases, commonCases, objectCases, pipeCases, recordCases, tupleCases } from './composites.js';
import { anyCases, listedCases, numberCases, textCases } from './scalars.js';

/** A place for which nothing fits that was thought of. */
export interface Gap {
  readonly path: readonly Key[];
  /** Code of the user's own refuses it all: only he knows what it takes. */
  readonly wantsExample: boolean;
  /** Zod's name of the schema. */
  readonly type: string;
}

interface Place {
  readonly path: readonly Key[];
  readonly examples: readonly unknown[];
  readonly eager: boolean;
  readonly gaps: Gap[];
  /** Lazy schemas that are open around this place. */
  readonly around: readonly z.core.$ZodType[];
}

export function casesOf(
  schema: z.core.$ZodType,
  options: { readonly examples: readonly unknown[]; readonly gaps: Gap[] },
): Cases {
  return casesAt(schema, { path: [], eager: false, around: [], ...options });
}

function casesAt(schema: z.core.$ZodType, given: Place): Cases {
  const hasCode = hasOwnCode(schema);
  const place: Place = {
    ...given,
    eager: given.eager || hasCode,
    examples: [...given.examples, ...examplesIn(z.globalRegistry.get(schema))],
  };
  const { valid, invalid } = proposed(schema, place);
  const examples = place.examples.map((value) => at('an example', value));
  const refused = valid.map((one): Case => ({ ...one, why: 'refused by a check', isGuess: true }));
  const cases = sift(
    {
      valid: hasCode ? [...examples, ...valid] : [...valid, ...examples],
      invalid: hasCode ? [...invalid, ...refused] : invalid,
    },
    (value) => accepts(schema, value),
  );
  if (cases.valid.length === 0) {
    const { type } = schema._zod.def;
    place.gaps.push({ path: place.path, wantsExample: hasCode && valid.length > 0, type });
  }
  return given.eager ? cases : { valid: oneGuess(cases.valid), invalid: oneGuess(cases.invalid) };
}

const examplesIn = (meta: { readonly [key: string]: unknown } | undefined): readonly unknown[] =>
  Array.isArray(meta?.examples) ? meta.examples : [];

/** One of the guesses is enough, once nobody around has to choose among them. */
function oneGuess(cases: readonly Case[]): readonly Case[] {
  const first = cases.find(({ isGuess }) => isGuess);
  return cases.filter((one) => !one.isGuess || one === first);
}

/** Its shape does not say what it takes: a conversion, or a check that is a function or an expression. */
function hasOwnCode(schema: z.core.$ZodType): boolean {
  const { def } = schema._zod;
  const checks = [def, ...(def.checks ?? []).map((check) => check._zod.def)];
  return (
    ['pipe', 'template_literal'].includes(def.type) ||
    checks.some((check) => 'check' in check && opaque.includes(String(check.check)))
  );
}

const opaque = ['custom', 'overwrite', 'property', 'string_format'];

function proposed(schema: z.core.$ZodType, place: Place): Cases {
  const walk: Walk = {
    examples: place.examples,
    eager: place.eager,
    inner: (inner, { key, examples, hidden } = {}) =>
      casesAt(inner, {
        path: key === undefined ? place.path : [...place.path, key],
        examples: examples ?? (hidden ? [] : key === undefined ? place.examples : membersOf(place, key)),
        eager: key === undefined && examples === undefined && place.eager,
        gaps: hidden ? [] : place.gaps,
        around: [...place.around, schema],
      }),
  };
  const known = schema as z.core.$ZodTypes;
  const { def } = known._zod;
  switch (def.type) {
    case 'string':
      return textCases(known as z.core.$ZodString, walk);
    case 'number':
      return numberCases(known as z.core.$ZodNumber);
    case 'boolean':
      return listedCases([true, false]);
    case 'null':
      return listedCases([null]);
    case 'literal':
      return listedCases(def.values);
    case 'enum':
      return listedCases(Object.values(def.entries));
    case 'object':
      return objectCases(known as z.core.$ZodObject, walk);
    case 'array':
      return arrayCases(known as z.core.$ZodArray, walk);
    case 'tuple':
      return tupleCases(known as z.core.$ZodTuple, walk);
    case 'record':
      return recordCases(known as z.core.$ZodRecord, walk);
    case 'union':
      return join(def.options.map((option) => walk.inner(option)));
    case 'intersection':
      return commonCases([walk.inner(def.left), walk.inner(def.right)]);
    case 'pipe':
      return pipeCases(known as z.core.$ZodPipe, walk);
    case 'nullable':
      return join([walk.inner(def.innerType), listedCases([null])]);
    case 'optional':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
    case 'success':
      return walk.inner(def.innerType);
    case 'lazy':
      return place.around.filter((one) => one === schema).length > 1 ? none : walk.inner(def.getter());
    case 'any':
    case 'unknown':
    case 'custom':
    case 'template_literal':
      return anyCases;
    default:
      // No value of JSON is a date, a map, a bigint …; and a bare transform says nothing.
      return none;
  }
}

const membersOf = ({ examples }: Place, key: Key): readonly unknown[] =>
  examples.flatMap((example) => {
    if (typeof key === 'number') return Array.isArray(example) ? example : [];
    return isObject(example) && Object.hasOwn(example, key) ? [example[key]] : [];
  });

// What a schema found wrong in a value, as issues: where, what was expected there, and which key was probably misspelt.
// Names of keys and types, never a value.
import type { z } from 'zod';
import type { Issue } from '../contract/errors.js';
import { nearest } from '../contract/nearest.js';
import { oneLine } from '../contract/problem.js';

const limit = 20;
/** Keys among which one is sought that was misspelt: each is held against each that is missing. */
const guessLimit = 1000;

export function issuesOf(
  error: z.ZodError,
  { schema, value }: { readonly schema: z.ZodType; readonly value: unknown },
): readonly Issue[] {
  const issues = error.issues.slice(0, limit).flatMap(ofBestBranch).slice(0, limit);
  const told = issues.flatMap(
    (issue) => unknownKeys(brief(issue), { schema, value, untold: ofTheEngine }) ?? [],
  );
  const others = issues.filter(({ code }) => code !== 'unrecognized_keys');
  const found = others.map(({ path, message }): Issue => {
    const keys = path.map((part) => (typeof part === 'number' ? part : String(part)));
    const words = oneLine(inPlainWords(message));
    const isUntold = words.startsWith('expected') && !words.endsWith('got nothing');
    return {
      path: keys,
      message: isUntold && valueAt(value, keys) === undefined ? `${words}, got nothing` : words,
    };
  });
  const guessed = misspelt(found, { schema, value }).filter(
    ({ path: [key] }) => !told.some(({ path }) => path.length === 1 && path[0] === key),
  );
  return [...found, ...told, ...guessed].slice(0, limit);
}

/** Each of the keys is held against each that is known, and a job may have many. */
const brief = (issue: ZodIssue): ZodIssue =>
  issue.code === 'unrecognized_keys' ? { ...issue, keys: issue.keys.slice(0, limit) } : issue;

/** What an engine puts beside the parameters of a step. */
const ofTheEngine = ['command', 'subcommand', 'hosts', 'dynamic', 'notify'];

type ZodIssue = z.core.$ZodIssue;

/** Of a union that says nothing of its own: what the first of those that fit best finds wrong. */
function ofBestBranch(issue: ZodIssue): readonly ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.message !== 'Invalid input') return [issue];
  const [best] = issue.errors.filter(({ length }) => length > 0).sort((a, b) => a.length - b.length);
  if (best === undefined) return [issue];
  return best
    .slice(0, limit)
    .flatMap((inner) => ofBestBranch({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** Zod's words, without what only says that they are zod's. */
export const inPlainWords = (message: string): string =>
  message.replace(/^Invalid input: /, '').replace('received undefined', 'got nothing');

/** Keys that the schema does not know, each next to one that it misses. An engine adds some of its own: those are not told. */
function misspelt(
  found: readonly Issue[],
  { schema, value }: { readonly schema: z.ZodType; readonly value: unknown },
): readonly Issue[] {
  if (typeof value !== 'object' || value === null) return [];
  const known = keysOf(schema);
  const keys = Object.keys(value);
  if (keys.length > guessLimit) return [];
  const unknown = keys.filter((key) => !known.has(key));
  return found.flatMap(({ path: [key] }): readonly Issue[] => {
    if (typeof key !== 'string' || Object.hasOwn(value, key) || !known.has(key)) return [];
    const near = nearest(key, unknown);
    return near === undefined ? [] : [{ path: [near], message: `not known; is ${key} meant?` }];
  });
}

/**
 * What a strict object says of keys that it does not know: one issue for each, with the one that was probably meant. `untold`:
 * keys that it knows and nobody is told of.
 */
export function unknownKeys(
  issue: ZodIssue,
  {
    schema,
    value,
    untold = [],
  }: { readonly schema: z.core.$ZodType; readonly value: unknown; readonly untold?: readonly string[] },
): readonly Issue[] | undefined {
  if (issue.code !== 'unrecognized_keys') return undefined;
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const all = keysOf(path.reduce<z.core.$ZodType | undefined>(innerOf, schema));
  const known = [...all].filter((key) => !untold.includes(key));
  const given = valueAt(value, path);
  const left = known.filter(
    (key) => typeof given !== 'object' || given === null || !Object.hasOwn(given, key),
  );
  return issue.keys.map((key) => {
    const near = nearest(key, left);
    const there = known.length === 0 ? 'there are none' : `known are ${known.join(', ')}`;
    const hint = near === undefined ? there : `is ${near} meant?`;
    return { path: [...path, key], message: `not known; ${hint}` };
  });
}

/** The schema of a member, as far as it is one for all values. */
function innerOf(schema: z.core.$ZodType | undefined, key: string | number): z.core.$ZodType | undefined {
  if (schema === undefined) return undefined;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return Object.hasOwn(def.shape, key) ? def.shape[key] : def.catchall;
    case 'record':
      return def.valueType;
    case 'array':
      return def.element;
    case 'tuple':
      return def.items[Number(key)] ?? def.rest ?? undefined;
    case 'pipe':
      return innerOf(def.in, key);
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
      return innerOf(def.innerType, key);
    default:
      return undefined;
  }
}

/** Of an object schema, also of one that is refined, transformed or one of several; of any other: none. */
function keysOf(schema: z.core.$ZodType | undefined): ReadonlySet<string> {
  if (schema === undefined) return new Set();
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return new Set(Object.keys(def.shape));
    case 'pipe':
      return keysOf(def.in);
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
      return keysOf(def.innerType);
    case 'union':
      return new Set(def.options.flatMap((option) => [...keysOf(option)]));
    case 'intersection':
      return new Set([...keysOf(def.left), ...keysOf(def.right)]);
    default:
      return new Set();
  }
}

function valueAt(value: unknown, path: Issue['path']): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<string | number, unknown>)[key]
        : undefined,
    value,
  );
}

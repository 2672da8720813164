// What a schema is tried with: values with where and why, proposed from its shape and kept only where the schema itself says
// so. Whatever proposes may therefore guess.
import { z } from 'zod';
import { kindOf } from '../../contract/problem.js';

export type Key = string | number;

/** A value that differs in one place from the simplest one. */
export interface Case {
  readonly value: unknown;
  /** The place, from the schema that is walked. */
  readonly path: readonly Key[];
  readonly why: string;
  /** Thought of without a reason: one is as good as many. */
  readonly isGuess?: true;
}

export interface Cases {
  /** The simplest one first; none: nothing that was thought of fits. */
  readonly valid: readonly Case[];
  readonly invalid: readonly Case[];
}

export interface Inner {
  /** Absent: it is in the place of the one around it. */
  readonly key?: Key;
  /** Default: what the examples of the place around have under the key. */
  readonly examples?: readonly unknown[];
  /** Nobody sees what is in it: no examples of it are known, and none are missed. */
  readonly hidden?: true;
}

/** What is asked of the walk for a schema inside another, under a key or in its place. */
export interface Walk {
  readonly inner: (schema: z.core.$ZodType, place?: Inner) => Cases;
  /** Values at this place that are said to fit. */
  readonly examples: readonly unknown[];
  /** Code of the user's own has the last word: all that might please it is proposed. */
  readonly eager: boolean;
}

export const at = (why: string, value: unknown): Case => ({ value, path: [], why });

/** The same case, seen from around: `wrap` puts it into the value around it. */
export const lift = (inner: Case, key: Key, wrap: (value: unknown) => unknown): Case => ({
  ...inner,
  value: wrap(inner.value),
  path: [key, ...inner.path],
});

export const none: Cases = { valid: [], invalid: [] };

export const join = (all: readonly Cases[]): Cases => ({
  valid: all.flatMap(({ valid }) => valid),
  invalid: all.flatMap(({ invalid }) => invalid),
});

/** One value of each other type of JSON. `expected`: the type in words, as `kindOf` has it. */
export function wrongTypes(expected: string): readonly Case[] {
  const others = [null, 'text', 1.5, true, [], {}].filter((value) => kindOf(value) !== expected);
  return others.map((value) => at(`${kindOf(value)} instead of ${expected}`, value));
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  kindOf(value) === 'an object';

/** A schema that throws, or that is asynchronous, accepts nothing: a worker refuses the job. */
export function accepts(schema: z.core.$ZodType, value: unknown): boolean {
  try {
    return z.safeParse(schema, value).success;
  } catch {
    return false;
  }
}

const sorted = (_: string, value: unknown) =>
  isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;

/** Those that are what they are said to be, each value once. */
export function sift({ valid, invalid }: Cases, isAccepted: (value: unknown) => boolean): Cases {
  const keep = (cases: readonly Case[], wanted: boolean) => {
    const seen = new Set<string>();
    return cases.filter(({ value }) => {
      const json = JSON.stringify(value, sorted);
      if (json === undefined || seen.has(json)) return false;
      seen.add(json);
      return isAccepted(value) === wanted;
    });
  };
  return { valid: keep(valid, true), invalid: keep(invalid, false) };
}

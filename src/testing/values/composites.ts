// Values of the schemas that hold others: the simplest one, and each that differs from it in one place.
import type { z } from 'zod';
import {
  accepts,
  at,
  type Case,
  type Cases,
  isObject,
  join,
  lift,
  none,
  type Walk,
  wrongTypes,
} from './cases.js';
import { lengthOf, lengthsAround } from './scalars.js';

type Members = Readonly<Record<string, unknown>>;

const without = (members: Members, key: string): Members =>
  Object.fromEntries(Object.entries(members).filter(([name]) => name !== key));

/** A key that is none of these. */
const otherKey = (keys: readonly string[]): string => {
  let key = 'unexpected';
  while (keys.includes(key)) key += '_';
  return key;
};

export function objectCases(schema: z.core.$ZodObject, walk: Walk): Cases {
  const { shape, catchall } = schema._zod.def;
  const members = Object.entries(shape).map(([key, inner]) => {
    const cases = walk.inner(inner, { key });
    return { key, ...cases, first: cases.valid[0], isOptional: inner._zod.optin !== undefined };
  });
  const made = (wanted: (member: (typeof members)[number]) => boolean): Members =>
    Object.fromEntries(
      members.flatMap((member) =>
        member.first !== undefined && wanted(member) ? [[member.key, member.first.value]] : [],
      ),
    );
  const bases = [
    at(
      'no more than it must have',
      made(({ isOptional }) => !isOptional),
    ),
    at(
      'all that it may have',
      made(() => true),
    ),
    // Where a check of its own wants one of several.
    ...members.flatMap(({ key, isOptional }) =>
      isOptional
        ? [
            at(
              `with ${key}`,
              made((member) => !member.isOptional || member.key === key),
            ),
          ]
        : [],
    ),
    ...walk.examples.filter(isObject).map((value) => at('an example', value)),
  ];
  const base = bases.find(({ value }) => accepts(schema, value))?.value as Members | undefined;
  if (base === undefined) return { valid: [], invalid: wrongTypes('an object') };
  const extra = otherKey(Object.keys(shape));
  const beyond = catchall === undefined ? undefined : walk.inner(catchall, { key: extra, hidden: true });
  const varied = members.flatMap(({ key, valid, invalid }) => {
    const put = (one: Case) => lift(one, key, (value) => ({ ...base, [key]: value }));
    const missing: Case = { value: without(base, key), path: [key], why: 'missing' };
    return {
      valid: [{ ...missing, why: 'without it' }, ...valid.map(put)],
      invalid: [missing, ...invalid.map(put)],
    };
  });
  const added: Case = {
    value: { ...base, [extra]: 'text' },
    path: [extra],
    why: 'a key that it does not know',
  };
  const own = { valid: bases, invalid: [...wrongTypes('an object'), added] };
  const more = (cases: readonly Case[]) =>
    cases.slice(0, 1).map((one) => lift(one, extra, (value) => ({ ...base, [extra]: value })));
  return join([
    own,
    ...varied,
    beyond === undefined ? none : { valid: more(beyond.valid), invalid: more(beyond.invalid) },
  ]);
}

export function arrayCases(schema: z.core.$ZodArray, walk: Walk): Cases {
  const { element, checks = [] } = schema._zod.def;
  const { valid, invalid } = walk.inner(element, { key: 0 });
  const { inside, outside } = lengthsAround(lengthOf(checks.map((check) => check._zod.def)));
  const [first] = valid;
  const row = (length: number): unknown[] => Array.from({ length }, () => first?.value);
  const possible = (length: number) => first !== undefined || length === 0;
  const bases = [...inside, 0].filter(possible).map((length) => at(`of length ${length}`, row(length)));
  const base = bases.find(({ value }) => (value as unknown[]).length > 0 && accepts(schema, value));
  const rest = ((base?.value ?? []) as unknown[]).slice(1);
  const put = (one: Case) => lift(one, 0, (value) => [value, ...rest]);
  return {
    valid: [...bases, ...(base === undefined ? [] : valid.map(put))],
    invalid: [
      ...wrongTypes('an array'),
      ...outside.filter(({ length }) => possible(length)).map(({ length, why }) => at(why, row(length))),
      ...invalid.map(put),
    ],
  };
}

export function tupleCases(schema: z.core.$ZodTuple, walk: Walk): Cases {
  const { items, rest } = schema._zod.def;
  const places = items.map((item, key) => walk.inner(item, { key }));
  const row = places.map(({ valid: [first] }) => first?.value);
  const after = rest ? walk.inner(rest, { key: items.length }) : none;
  const [more] = after.valid;
  const replaced = (key: number) => (one: Case) => lift(one, key, (value) => row.with(key, value));
  const appended = (one: Case) => lift(one, row.length, (value) => [...row, value]);
  return {
    valid: [
      at(`of length ${row.length}`, row),
      at(`of length ${row.length - 1}`, row.slice(0, -1)),
      ...places.flatMap(({ valid }, key) => valid.map(replaced(key))),
      ...after.valid.map(appended),
    ],
    invalid: [
      ...wrongTypes('an array'),
      ...(row.length > 0 ? [at(`shorter than ${row.length}`, row.slice(0, -1))] : []),
      ...(more === undefined ? [at(`longer than ${row.length}`, [...row, 'text'])] : []),
      ...places.flatMap(({ invalid }, key) => invalid.map(replaced(key))),
      ...after.invalid.map(appended),
    ],
  };
}

export function recordCases(schema: z.core.$ZodRecord, walk: Walk): Cases {
  const { keyType, valueType } = schema._zod.def;
  const names = walk.inner(keyType, { examples: walk.examples.filter(isObject).flatMap(Object.keys) });
  const isName = ({ value }: Case) => typeof value === 'string';
  const keys = names.valid.filter(isName).map(({ value }) => String(value));
  const [key = 'key'] = keys;
  const { valid, invalid } = walk.inner(valueType, { key });
  const [first] = valid;
  if (first === undefined) return { valid: [at('empty', {})], invalid: wrongTypes('an object') };
  const all = Object.fromEntries(keys.map((name) => [name, first.value]));
  // Some want each of the keys, most want any.
  const base = accepts(schema, { [key]: first.value }) ? { [key]: first.value } : all;
  const put = (one: Case) => lift(one, key, (value) => ({ ...base, [key]: value }));
  return {
    valid: [at('with one key', base), at('empty', {}), at('with several keys', all), ...valid.map(put)],
    invalid: [
      ...wrongTypes('an object'),
      ...names.invalid.filter(isName).map(({ value, why }) => ({
        value: { ...base, [String(value)]: first.value },
        path: [],
        why: `a key: ${why}`,
      })),
      ...invalid.map(put),
    ],
  };
}

/** Of something that must fit all of them. */
export function commonCases(all: readonly Cases[]): Cases {
  const merge = (index: number) => (one: Case) => {
    const others = all.flatMap(({ valid: [first] }, other) => (other === index ? [] : [first?.value]));
    if (![one.value, ...others].every(isObject)) return one;
    return { ...one, value: Object.assign({}, ...others, one.value) as unknown };
  };
  return join(
    all.map(({ valid, invalid }, index) => ({
      valid: valid.map(merge(index)),
      invalid: invalid.map(merge(index)),
    })),
  );
}

/** What goes in is judged by both ends: bounds are mostly said behind a conversion. */
export function pipeCases(schema: z.core.$ZodPipe, walk: Walk): Cases {
  const { in: before, out: after } = schema._zod.def;
  const given = walk.inner(before);
  const behind = walk.inner(after, { hidden: true });
  const asText = ({ value, why, path }: Case): readonly Case[] =>
    typeof value === 'number' ? [{ value: String(value), path, why: `${why}, as text` }] : [];
  return {
    valid: [...behind.valid, ...behind.valid.flatMap(asText), ...given.valid],
    invalid: [...given.invalid, ...behind.invalid, ...behind.invalid.flatMap(asText)],
  };
}

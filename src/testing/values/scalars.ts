// Values of the schemas that hold no others: text and numbers with their bounds, one of several.
import type { z } from 'zod';
import { kindOf } from '../../contract/problem.js';
import { at, type Cases, wrongTypes } from './cases.js';

type Checks = readonly z.core.$ZodChecks['_zod']['def'][];

/** Checks of a schema; what is a format of its own, such as `z.int()`, is one of them. */
function checksOf(schema: z.core.$ZodString | z.core.$ZodNumber): Checks {
  const { def } = schema._zod;
  const own = 'check' in def ? [def as unknown as Checks[number]] : [];
  return [
    ...own,
    ...((def.checks ?? []) as readonly unknown[] as readonly z.core.$ZodChecks[]).map(
      (check) => check._zod.def,
    ),
  ];
}

/** Longer texts and arrays prove nothing more. */
const lengthLimit = 100_000;

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Of a text or an array. */
export function lengthOf(checks: readonly z.core.$ZodCheckDef[] = []): Bounds {
  let [min, max] = [0, Number.POSITIVE_INFINITY];
  for (const check of checks as Checks) {
    if (check.check === 'min_length') min = Math.max(min, check.minimum);
    if (check.check === 'max_length') max = Math.min(max, check.maximum);
    if (check.check === 'length_equals') [min, max] = [check.length, check.length];
  }
  return { min, max };
}

/** Lengths just inside and just outside of the bounds, as far as they are worth a try. */
export function lengthsAround({ min, max }: Bounds) {
  const inside = [Math.min(Math.max(min, 1), max), min, max].filter((length) => length <= lengthLimit);
  return {
    inside,
    outside: [
      { length: min - 1, why: `shorter than ${min}` },
      { length: max + 1, why: `longer than ${max}` },
    ].filter(({ length }) => length >= 0 && length <= lengthLimit),
  };
}

/** One text of each format that zod has a name for; a custom check may want one of them, too. */
const formats: Readonly<Record<string, string>> = {
  url: 'https://example.com/',
  email: 'a@example.com',
  uuid: '123e4567-e89b-42d3-a456-426614174000',
  guid: '123e4567-e89b-42d3-a456-426614174000',
  date: '2026-01-31',
  datetime: '2026-01-31T12:00:00Z',
  time: '12:00:00',
  duration: 'PT1H',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  cidrv4: '192.0.2.0/24',
  cidrv6: '2001:db8::/32',
  mac: '00:00:5e:00:53:01',
  hostname: 'example.com',
  base64: 'YQ==',
  base64url: 'YQ',
  hex: '0a',
  nanoid: 'V1StGXR8_Z5jdHi6B-myT',
  cuid: 'cjld2cjxh0000qzrmn831i7rn',
  cuid2: 'tz4a98xxat96iws9zmbrgj3a',
  ulid: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  xid: '9m4e2mr0ui3e8a215n4g',
  ksuid: '0ujtsYcgvSTl8PAuAdqWYSMnLOv',
  e164: '+12025550123',
  emoji: '🙂',
  json_string: '{}',
};

const guesses = ['1', 'A', 'true', 'yes', 'a-b', '1.0.0', ...Object.values(formats)];

export function textCases(schema: z.core.$ZodString, { eager }: { readonly eager: boolean }): Cases {
  const checks = checksOf(schema);
  let [head, middle, tail, letter] = ['', '', '', 'a'];
  const named: string[] = [];
  for (const check of checks) {
    if (check.check !== 'string_format') continue;
    const known = check as { format: string; prefix?: string; includes?: string; suffix?: string };
    head = known.prefix ?? head;
    middle = known.includes ?? middle;
    tail = known.suffix ?? tail;
    if (known.format === 'uppercase') letter = 'A';
    named.push(known.format);
  }
  const text = (length: number) => {
    const fill = letter.repeat(Math.max(0, length - head.length - middle.length - tail.length));
    return `${head}${middle}${fill}${tail}`;
  };
  const { inside, outside } = lengthsAround(lengthOf(checks));
  const affixes = Object.entries({ 'begins with': head, contains: middle, 'ends with': tail });
  return {
    valid: [
      ...named.flatMap((format) =>
        formats[format] ? [at(`a text of the format ${format}`, formats[format])] : [],
      ),
      ...inside.map((length) => at(`a text of length ${text(length).length}`, text(length))),
      ...(eager ? guesses.map((guess) => ({ ...at('a text', guess), isGuess: true as const })) : []),
    ],
    invalid: [
      ...wrongTypes('a string'),
      ...outside.map(({ length, why }) => at(why, text(length))),
      ...affixes.flatMap(([why, part]) =>
        part === '' ? [] : [at(`no text that ${why} "${part}"`, text(99).replaceAll(part, ''))],
      ),
      ...named.flatMap((format) =>
        ['', ' ', '?'].map((value) => at(`no text of the format ${format}`, value)),
      ),
    ],
  };
}

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  safeint: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
};

export function numberCases(schema: z.core.$ZodNumber): Cases {
  const edges: { readonly value: number; readonly out: 1 | -1; readonly isInside: boolean }[] = [];
  let step = 0;
  for (const check of checksOf(schema)) {
    if (check.check === 'greater_than')
      edges.push({ value: Number(check.value), out: -1, isInside: check.inclusive });
    if (check.check === 'less_than')
      edges.push({ value: Number(check.value), out: 1, isInside: check.inclusive });
    if (check.check === 'multiple_of') step = Number(check.value);
    if (check.check !== 'number_format') continue;
    const range = ranges[check.format];
    if (range === undefined) continue;
    step ||= 1;
    edges.push({ value: range[0], out: -1, isInside: true }, { value: range[1], out: 1, isInside: true });
  }
  const uneven = step === 1 ? 'no whole number' : `no multiple of ${step}`;
  const next = (value: number, out: number) =>
    step === 0
      ? value + out * Number.EPSILON * Math.max(1, Math.abs(value))
      : (out > 0 ? Math.floor(value / step) + 1 : Math.ceil(value / step) - 1) * step;
  // The simplest number is the one that is closest to nothing.
  const whole = edges
    .flatMap(({ value }) =>
      step === 0 ? [value] : [Math.ceil(value / step) * step, Math.floor(value / step) * step],
    )
    .sort((a, b) => Math.abs(a) - Math.abs(b));
  return {
    valid: [
      ...[1, step, ...whole].map((value) => at('a number', value)),
      ...edges.map(({ value, out, isInside }) =>
        isInside ? at(`at the bound ${value}`, value) : at(`just inside of ${value}`, next(value, -out)),
      ),
      ...[0, -1, 0.5].map((value) => at('a number', value)),
    ],
    invalid: [
      ...wrongTypes('a number'),
      ...edges.map(({ value, out, isInside }) =>
        at(`just outside of ${value}`, isInside ? next(value, out) : value),
      ),
      ...(step === 0 ? [] : [at(uneven, step / 2), at(uneven, step * 1.5)]),
    ],
  };
}

/** Of an enum, a literal, a boolean, null. */
export function listedCases(listed: readonly unknown[]): Cases {
  const kinds = [...new Set(listed.map(kindOf))];
  const [kind = 'nothing'] = kinds;
  return {
    valid: listed.map((value) => at(`one of ${listed.length}`, value)),
    invalid: [
      ...wrongTypes(kind),
      ...(kind === 'a string' ? [at('none of those listed', `${listed[0]}?`)] : []),
      ...(kind === 'a number' ? [at('none of those listed', Number(listed[0]) + 0.5)] : []),
    ],
  };
}

/** Of a schema that says nothing of what it takes. */
export const anyCases: Cases = {
  valid: [
    ...['text', 1, true, null, [], {}].map((value) => at(kindOf(value), value)),
    ...guesses.map((value) => ({ ...at('a text', value), isGuess: true as const })),
  ],
  invalid: [null, 'text', 1, true, [], {}].map((value) =>
    at(`${kindOf(value)}, which it does not take`, value),
  ),
};

// Each value was held against its schema before it is given out: what is asserted here is that the values that matter are
// among them, that the reasons are right, and what is said where none can be found.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { errorKinds, NeedfulError } from '../../../src/contract/errors.js';
import { numeric } from '../../../src/contract/numeric.js';
import { type SchemaValues, type ValuesOptions, valuesOf } from '../../../src/testing/values/index.js';

/** The values of one parameter `p`, as they stand behind it; absent is `undefined`. */
function of(schema: z.ZodType, options: ValuesOptions = {}) {
  const { valid, invalid, defect } = valuesOf(z.object({ p: schema }), options);
  const shown = (values: SchemaValues['invalid']) => values.map(({ value: { p } }) => p);
  return { valid: shown(valid), invalid: shown(invalid), defect };
}

const thrown = (act: () => unknown): NeedfulError => {
  try {
    act();
  } catch (error) {
    if (error instanceof NeedfulError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('values just inside and just outside of each bound', () => {
  const rows: readonly (readonly [string, z.ZodType, readonly unknown[], readonly unknown[]])[] = [
    ['a text', z.string().min(2).max(4), ['aa', 'aaaa'], ['a', 'aaaaa', null, 1.5, undefined]],
    ['a text of one length', z.string().length(3), ['aaa'], ['aa', 'aaaa']],
    ['a text with a beginning', z.string().startsWith('v'), ['v'], ['aaa'.padEnd(98, 'a')]],
    ['an address', z.email(), ['a@example.com'], ['?', '']],
    [
      'a number',
      z.number().min(0).max(2.5),
      [1, 0, 2.5],
      [-Number.EPSILON, 2.5 + 2.5 * Number.EPSILON, 'text'],
    ],
    ['a number with open bounds', z.number().gt(0).lt(1), [Number.EPSILON, 0.5], [0, 1]],
    ['a whole number', z.int().min(1).max(9), [1, 9], [0, 10, 0.5]],
    ['a multiple', z.number().multipleOf(5).min(7), [10], [5, 7.5]],
    [
      'numbers as playbooks have them',
      numeric().pipe(z.number().min(1)),
      [1, '1'],
      ['text', null, '0.9999999999999998'],
    ],
    ['one of several', z.enum(['up', 'down']), ['up', 'down'], ['up?', null, undefined]],
    ['a literal', z.literal(7), [7], [7.5, '7'].slice(0, 1)],
    ['a list', z.array(z.int()).min(1).max(2), [[1], [1, 1], [0]], [[], [1, 1, 1], [null], [0.5], {}]],
    [
      'a pair',
      z.tuple([z.string(), z.boolean()]),
      [
        ['a', true],
        ['a', false],
      ],
      [['a'], ['a', null], ['a', true, 'text']],
    ],
    [
      'a strict object',
      z.strictObject({ q: z.boolean() }),
      [{ q: true }],
      [{ q: true, unexpected: 'text' }, {}],
    ],
    ['a dictionary', z.record(z.string(), z.int()), [{ a: 1 }, {}], [{ a: null }, []]],
    ['what may be missing', z.string().optional(), [undefined, 'a'], [null, true]],
    ['what may be null', z.boolean().nullable(), [true, null], ['text', undefined]],
    ['what has a default', z.boolean().default(true), [undefined, false], [null]],
    ['one kind or the other', z.union([z.int(), z.string().min(2)]), [1, 'aa'], ['a', 0.5, null]],
    ['text that becomes another thing', z.string().transform((text) => text.length), ['a'], [1.5]],
    [
      'text that becomes a number',
      z.string().transform(Number).pipe(z.number().max(3)),
      ['1', '3'],
      [1.5, 'text'],
    ],
  ];
  it.each(rows)('%s', (_, schema, valid, invalid) => {
    const found = of(schema);
    expect(found.valid).toEqual(expect.arrayContaining([...valid]));
    expect(found.valid[0]).toEqual(valid[0]);
    expect(found.invalid).toEqual(expect.arrayContaining([...invalid]));
    expect(found.defect).toBeNull();
  });

  it('holds each of them against the schema, and gives none twice', () => {
    for (const [name, schema] of rows) {
      const { valid, invalid } = of(schema);
      for (const value of valid)
        expect(schema.safeParse(value).success, `${name}: ${JSON.stringify(value)}`).toBe(true);
      for (const value of invalid)
        expect(schema.safeParse(value).success, `${name}: ${JSON.stringify(value)}`).toBe(false);
      const all = [...valid, ...invalid].map((value) => JSON.stringify(value) ?? 'absent');
      expect(new Set(all).size).toBe(all.length);
    }
  });

  it('says where an invalid value is wrong, and why', () => {
    const { invalid } = valuesOf(
      z.strictObject({ n: z.int().max(9), o: z.object({ list: z.array(z.string()).min(1) }) }),
    );
    const said = invalid.map(({ path, why }) => `${path.join('.')}: ${why}`);
    expect(said).toEqual(
      expect.arrayContaining([
        'n: missing',
        'n: null instead of a number',
        'n: just outside of 9',
        'n: no whole number',
        'o.list: shorter than 1',
        'o.list.0: a boolean instead of a string',
        'unexpected: a key that it does not know',
      ]),
    );
  });
});

describe('the simplest valid value', () => {
  it('comes first and has no more than it must have', () => {
    const schema = z.object({ a: z.string(), b: z.number().optional(), c: z.int().min(3).default(4) });
    expect(valuesOf(schema).valid[0]).toMatchObject({ value: { a: 'a' }, path: [] });
    expect(valuesOf(schema).valid[1]?.value).toEqual({ a: 'a', b: 1, c: 3 });
  });

  it('has one of several parameters where a check wants exactly one', () => {
    const either = z
      .object({ a: z.string().optional(), b: z.string().optional() })
      .refine(({ a, b }) => (a === undefined) !== (b === undefined));
    expect(valuesOf(either).valid.map(({ value }) => Object.keys(value))).toContainEqual(['b']);
  });

  it('ends where a schema holds itself', () => {
    const tree: z.ZodType = z.lazy(() => z.object({ name: z.string(), kids: z.array(tree) }));
    expect(valuesOf(tree).valid.length).toBeGreaterThan(1);
  });

  it('fits each of several schemas', () => {
    const both = [z.object({ region: z.string() }), z.object({ n: z.int().min(3) })];
    const { valid, invalid } = valuesOf(both);
    expect(valid[0].value).toEqual({ region: 'a', n: 3 });
    expect(invalid.map(({ value }) => value)).toEqual(
      expect.arrayContaining([{ n: 3 }, { region: 'a', n: 2 }]),
    );
  });

  it('is nothing where nothing is asked for', () => {
    expect(valuesOf([])).toEqual({
      valid: [{ value: {}, path: [], why: 'nothing is asked for' }],
      invalid: [],
      defect: null,
    });
  });
});

describe('where code decides', () => {
  const sesame = z.object({
    list: z.array(z.object({ word: z.string().refine((text) => text === 'sesame') })),
    n: z.int(),
  });

  it('one example is asked for, by its place', () => {
    const error = thrown(() => valuesOf(sesame, { of: 'cave:Open' }));
    expect(error.code).toBe('EXAMPLE_NEEDED');
    expect(error.message).toContain('cave:Open: what fits "list.0.word" cannot be guessed');
    expect(error.message).toContain('examples: [{ "list": [{ "word": … }] }]');
    expect(errorKinds.EXAMPLE_NEEDED.remedy).toContain('examples');
  });

  it('values are made around the example', () => {
    const { valid, invalid } = valuesOf(sesame, { examples: [{ list: [{ word: 'sesame' }], n: 7 }] });
    expect(valid[0].value).toEqual({ list: [{ word: 'sesame' }], n: 1 });
    expect(invalid.map(({ value }) => value)).toContainEqual({ list: [{ word: 'a' }], n: 1 });
  });

  it('an example that the schema itself brings along counts', () => {
    const word = z
      .string()
      .regex(/^open (\w+)$/)
      .meta({ examples: ['open sesame'] });
    expect(of(word).valid).toContain('open sesame');
  });

  it('what can be guessed needs no example', () => {
    expect(of(z.string().regex(/^\d+\.\d+\.\d+$/)).valid[0]).toBe('1.0.0');
    expect(of(z.string().refine((text) => URL.canParse(text))).valid[0]).toBe('https://example.com/');
  });

  it('an example that does not fit is told with the reason', () => {
    const error = thrown(() =>
      valuesOf(sesame, { examples: [{ list: [{ word: 'wheat' }], n: 7 }], of: 'cave:Open' }),
    );
    expect(error.code).toBe('OPTION_INVALID');
    expect(error.message).toMatch(/^example 1 of cave:Open does not fit: list: 0: word: /);
  });
});

describe('misuse', () => {
  it.each([
    [
      'a value that JSON does not have',
      z.object({ o: z.object({ at: z.date() }) }),
      'nothing in JSON fits "o.at", a date',
    ],
    [
      'bounds that leave nothing',
      z.object({ n: z.number().min(5).max(3) }),
      'nothing in JSON fits "n", a number',
    ],
  ])('%s is a step without any valid job', (_, schema, why) => {
    const error = thrown(() => valuesOf(schema, { of: 'w:S' }));
    expect(error).toMatchObject({ code: 'NO_VALID_JOB', message: `w:S takes no job at all: ${why}` });
  });

  it('a strict schema that refuses what every job carries is a step without any valid job', () => {
    const error = thrown(() => valuesOf(z.strictObject({ n: z.int() }), { beside: { command: 'w' } }));
    expect(error.code).toBe('NO_VALID_JOB');
    expect(error.message).toContain('"command"');
  });

  it.each([
    ['an open object', z.looseObject({})],
    ['a dictionary of anything', z.record(z.string(), z.unknown())],
    ['anything', z.any()],
  ])('%s accepts everything, which is told', (_, schema) => {
    expect(valuesOf(schema, { of: 'w:S' }).defect).toMatchObject({
      code: 'ACCEPTS_EVERYTHING',
      message: expect.stringContaining('w:S takes everything'),
    });
  });
});

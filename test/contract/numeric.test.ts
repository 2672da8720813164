// Which values a parameter written as `numeric()` takes.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { numeric } from '../../src/contract/numeric.js';

const taken: readonly (readonly [unknown, number])[] = [
  [0, 0],
  [-0, 0],
  [1, 1],
  [-1, -1],
  [0.2, 0.2],
  [3_000_000, 3_000_000],
  [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  [5e-324, 5e-324],
  [1.7976931348623157e308, 1.7976931348623157e308],
  ['0', 0],
  ['-0', 0],
  ['1', 1],
  ['+1', 1],
  ['-1.5', -1.5],
  ['0.5', 0.5],
  ['.5', 0.5],
  ['1.', 1],
  ['1e3', 1000],
  ['1E-3', 0.001],
  ['+1.5e+3', 1500],
  ['007', 7],
  [' 1 ', 1],
  ['\t2\n', 2],
  ['1e-400', 0],
];

const refused: readonly unknown[] = [
  undefined,
  null,
  '',
  ' ',
  [],
  [1],
  ['1'],
  {},
  true,
  false,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1n,
  new Date(0),
  Number,
  '0x10',
  '0b1',
  '0o7',
  '1e400',
  '-1e400',
  'nan',
  'NaN',
  'inf',
  'Infinity',
  '1_000',
  '1,5',
  '1 000',
  '--1',
  '+',
  '.',
  'e3',
  '1e',
  '1e+',
  '1.2.3',
  '1s',
  'abc',
  '\u0661',
  '1\u0000',
  'true',
  'null',
];

describe('numeric()', () => {
  it.each(taken)('takes %o as %d', (value, number) => {
    expect(numeric().parse(value)).toBe(number);
  });

  it.each(refused.map((value) => [value]))('refuses %o', (value) => {
    const result = numeric().safeParse(value);
    expect(result.error?.issues.map((issue) => issue.message)).toEqual([
      'expected a finite number or a decimal numeral in a string',
    ]);
  });

  it('refuses 1e400 as JSON reads it', () => {
    expect(numeric().safeParse(JSON.parse('1e400')).success).toBe(false);
  });

  it('gives a number on to the schemas after it', () => {
    const seconds = numeric().pipe(z.number().min(0).max(10));
    expect(seconds.parse('10')).toBe(10);
    expect(seconds.safeParse('10.5').success).toBe(false);
    expect(seconds.safeParse('-0.1').success).toBe(false);
    const output: z.output<typeof seconds> = seconds.parse(1);
    const input: z.input<typeof seconds> = '1';
    expect([output, input]).toEqual([1, '1']);
  });

  it('reads a megabyte of digits, and of white space, without trying every split', () => {
    const started = performance.now();
    expect(numeric().safeParse(`${'1'.repeat(1_000_000)}x`).success).toBe(false);
    expect(numeric().safeParse(`1${' '.repeat(1_000_000)}x`).success).toBe(false);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

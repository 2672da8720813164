// Numbers as playbooks write them: YAML gives numbers, command lines and templates give text.
import { z } from 'zod';

// What Python's float() takes, without nan, inf and underscores. Each alternative is linear in the text's length.
const decimal = /^\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*$/;

const expected = 'expected a finite number or a decimal numeral in a string';

/**
 * A schema for numbers and numeric strings, and nothing else; its output is a finite number. Strings may have a sign, a
 * fraction, an exponent and surrounding white space (`"1"`, `" +1.5e3 "`, `".5"`). Refused: null, "", arrays, booleans, `"0x10"`,
 * `"1_000"`, `"nan"`, and what no double holds (`1e400`). Minus zero is 0. Bounds follow with `.pipe(z.number().min(0))`.
 */
export function numeric() {
  return z.union([z.number(), z.string()], { error: expected }).transform((value, context): number => {
    const number = typeof value === 'string' && !decimal.test(value) ? Number.NaN : Number(value);
    if (Number.isFinite(number)) return number + 0;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
}

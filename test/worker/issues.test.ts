// What is said of a value that does not fit: where, what was expected, and which key was probably misspelt.
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { numeric } from '../../src/contract/numeric.js';
import { problem } from '../../src/contract/problem.js';
import { issuesOf } from '../../src/worker/issues.js';

function said(schema: z.ZodType, value: unknown): readonly string[] {
  const { error } = schema.safeParse(value);
  if (error === undefined) throw new Error('it fits');
  return issuesOf(error, { schema, value }).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const place = z.object({ to: z.string(), seconds: numeric(), deep: z.object({ a: z.int() }).optional() });

describe('issues', () => {
  test('say of a missing key that nothing came, and of a wrong one what came', () => {
    expect(said(place, { to: 1 })).toEqual([
      'to: expected string, received number',
      'seconds: expected a finite number or a decimal numeral in a string, got nothing',
    ]);
    expect(said(place, { to: 'x', seconds: 1, deep: {} })).toEqual(['deep.a: expected number, got nothing']);
  });

  test('leave the words of a schema of its own as they are', () => {
    expect(said(z.object({ url: z.string("Missing input 'url'") }), {})).toEqual([
      "url: Missing input 'url'",
    ]);
  });

  test.each<[string, z.ZodType]>([
    ['an object', place],
    ['one that is refined', place.refine(() => true)],
    ['one that is transformed', place.transform(({ to }) => to)],
    ['one of several', z.union([place, z.object({ other: z.string() })])],
    ['two at once', place.and(z.object({ more: z.string() }))],
  ])('name a key beside the one that it was probably meant for: %s', (_, schema) => {
    const given = { to: 'x', second: 1, more: 'x', command: 'sleep', subcommand: 'Seconds' };
    expect(said(schema, given)).toEqual([
      'seconds: expected a finite number or a decimal numeral in a string, got nothing',
      'second: not known; is seconds meant?',
    ]);
  });

  test('name no key that the schema knows, and none that is far from all that is missing', () => {
    const pair = z.object({ url1: z.string(), url2: z.string() });
    expect(said(pair, { url1: 'x' })).toEqual(['url2: expected string, got nothing']);
    expect(said(pair, { url1: 'x', command: 'x', hosts: [] })).toHaveLength(1);
  });

  test('of a strict schema name the keys that it does not know, none of those that an engine adds', () => {
    const strict = z.strictObject({
      to: z.string(),
      size: z.int().optional(),
      command: z.unknown().optional(),
    });
    expect(said(strict, { to: 'x', sise: 1, comand: 1, command: 'x' })).toEqual([
      'sise: not known; is size meant?',
      'comand: not known; known are to, size',
    ]);
    expect(said(strict, { ot: 'x' })).toEqual([
      'to: expected string, got nothing',
      'ot: not known; is to meant?',
    ]);
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`key${n}`, n]));
    expect(said(strict, { to: 'x', ...many })).toHaveLength(20);
  });

  test('of a union are those of the branch that fits best', () => {
    const union = z.object({ at: z.union([place, z.object({ to: z.int() }), z.null()]) });
    expect(said(union, { at: { to: 'x' } })).toEqual([
      'at.seconds: expected a finite number or a decimal numeral in a string, got nothing',
    ]);
    expect(said(z.union([z.string(), z.int()], 'text or number'), null)).toEqual([': text or number']);
  });

  test('are 20 at most, each one line', () => {
    const keys = Array.from({ length: 30 }, (_, n) => `key${n}`);
    const many = z.object(Object.fromEntries(keys.map((key) => [key, z.string('a\nb')])));
    expect(said(many, {})).toHaveLength(20);
    expect(said(many, {})[0]).toBe('key0: a b');
  });

  test('seek no misspelt key among too many', () => {
    const given = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`secondz${n}`, 1]));
    expect(said(place, { to: 'x', ...given })).toHaveLength(1);
  });

  test('have short paths in a problem, whatever the keys', () => {
    const lines = z.record(z.string(), z.record(z.string(), z.number()));
    const value = { ['a'.repeat(1_000_000)]: { ['\u{1f600}'.repeat(1000)]: 'x' } };
    const { error } = lines.safeParse(value);
    if (error === undefined) throw new Error('it fits');
    const { issues } = problem('PARAMETERS_INVALID', 'x', issuesOf(error, { schema: lines, value }));
    expect(issues?.[0]?.path).toEqual([`${'a'.repeat(99)}…`, `${'\u{1f600}'.repeat(49)}\ufffd…`]);
    const deep = problem('PARAMETERS_INVALID', 'x', [{ path: Array(64).fill('a'), message: 'x' }]);
    expect(deep.issues?.[0]?.path).toEqual([...Array(19).fill('a'), '…']);
  });
});

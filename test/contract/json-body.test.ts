// Values to JSON text; bodies that are none are in bad-input.test.ts.
import { describe, expect, it } from 'vitest';
import { toJson } from '../../src/contract/json-body.js';

describe('toJson', () => {
  it('gives text for what JSON can say', () => {
    const values = [null, true, 'x\ud800', 0.2, [], { a: [{ b: null }] }];
    for (const value of values) expect(toJson(value)).toEqual({ ok: true, value: JSON.stringify(value) });
    expect(toJson({ a: undefined, at: new Date(0) })).toEqual({
      ok: true,
      value: '{"at":"1970-01-01T00:00:00.000Z"}',
    });
  });

  it('says what JSON cannot say, and where, without its value', () => {
    const loop: { self?: unknown } = {};
    loop.self = loop;
    let deep: unknown[] = [];
    for (let i = 0; i < 200_000; i++) deep = [deep];
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [undefined, /got nothing/],
      [() => 1, /got a function/],
      [Symbol('s'), /got a symbol/],
      [1n, /got a bigint/],
      [Number.NaN, /got a number that is not finite/],
      [{ a: [{ 'b\n': Number.POSITIVE_INFINITY }] }, /not finite under the key "b\\n"$/],
      [{ a: () => 1 }, /a function under the key "a"$/],
      [loop, /a cycle/],
      [deep, /nested too deep/],
      [{ toJSON: () => undefined }, /got nothing/],
      [
        {
          toJSON: () => {
            throw new Error('s3cr3t');
          },
        },
        /toJSON that throws$/,
      ],
    ];
    for (const [value, message] of cases) {
      expect(toJson(value)).toMatchObject({
        ok: false,
        problem: { code: 'RESULT_INVALID', message: expect.stringMatching(message) },
      });
    }
  });
});

// Which parts of a configuration are secret, by the marks of its schema.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isTelling, redact } from '../../src/contract/secrets.js';
import { configure } from '../../src/worker/configure.js';
import { defineWorker } from '../../src/worker/define-worker.js';
import { secret, secretsIn } from '../../src/worker/marked-secrets.js';

const marked = secret(z.string());
interface Tree {
  readonly key: string;
  readonly children?: readonly Tree[] | undefined;
}
const tree: z.ZodType<Tree> = z.lazy(() => z.object({ key: marked, children: z.array(tree).optional() }));

describe('what a schema marks as secret', () => {
  it.each<[string, z.ZodType, unknown, readonly string[]]>([
    ['as a member', z.object({ a: marked, b: z.string() }), { a: 'x1', b: 'y' }, ['x1']],
    ['by `meta`', z.object({ a: z.string().meta({ secret: true }) }), { a: 'x1' }, ['x1']],
    ['before it is checked', z.object({ a: marked.min(3).max(9) }), { a: 'x1' }, ['x1']],
    ['and says more of', secret(z.string().meta({ title: 't' })), 'x1', ['x1']],
    [
      'inside others',
      z.object({ a: marked.optional().nullable().default('d').readonly() }),
      { a: 'x1' },
      ['x1'],
    ],
    [
      'in arrays, tuples and sets',
      z.tuple([z.array(marked), z.set(marked)], marked),
      [['x1'], new Set(['x2']), 'x3'],
      ['x1', 'x2', 'x3'],
    ],
    [
      'in records and maps, keys too',
      z.object({ a: z.record(z.string(), marked), b: z.map(marked, z.string()) }),
      { a: { k: 'x1' }, b: new Map([['x2', 'v']]) },
      ['x1', 'x2'],
    ],
    [
      'in any branch',
      z.union([z.object({ a: marked }), z.intersection(z.object({ b: marked }), z.object({}))]),
      { a: 'x1', b: 'x2' },
      ['x1', 'x2'],
    ],
    ['before it is changed', marked.transform((text) => text.length).pipe(z.number()), 'x1', ['x1']],
    ['under other names', z.object({}).catchall(marked), { a: 'x1' }, ['x1']],
    [
      'as a whole',
      secret(z.object({ a: z.array(z.any()) })),
      { a: ['x1', 2, { b: 3n, c: null }] },
      ['x1', '2', '3'],
    ],
    ['as bytes', secret(z.instanceof(Uint8Array)), Buffer.from('x1'), ['x1']],
    ['in a tree', tree, { key: 'x1', children: [{ key: 'x2' }] }, ['x1', 'x2']],
    [
      'where the value does not fit',
      z.object({ a: z.object({ b: marked }) }),
      { a: { b: ['x1'], c: 'y' } },
      ['x1'],
    ],
    ['not at all', z.object({ a: z.string() }), { a: 'x1' }, []],
  ])('%s', (_where, schema, value, expected) => {
    expect(secretsIn(schema, value)).toEqual(expected);
  });

  it('may lie in itself', () => {
    const value: Record<string, unknown> = { a: 'x1' };
    value.self = value;
    expect(secretsIn(secret(z.any()), value)).toEqual(['x1']);
    expect(secretsIn(tree, { key: 'x2', children: [value] })).toEqual(['x2']);
  });
});

describe('a configuration', () => {
  const schema = z.object({ token: marked.transform((text) => text.toUpperCase()), url: z.string() });
  const define = () => defineWorker({ name: 'x', steps: { A: { run: () => 1 } } });

  it('is remembered as it was given, and as the schema made it, with the passwords of its URLs', () => {
    configure(schema, define)({ token: 'open sesame', url: 'https://user:let%20me%20in@host/' });
    expect(redact('open sesame, OPEN SESAME, let me in')).toBe('[redacted], [redacted], [redacted]');
  });

  it('is remembered before it is refused', () => {
    const refused = configure(schema, define);
    expect(() => refused({ token: 'swordfish', url: 1 } as never)).toThrow('`url`');
    expect(isTelling('swordfish')).toBe(true);
  });
});

// A made-up configuration is one that its schema takes, or there is none.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { sampleOf } from '../../src/cli/graph/sample.js';

const folder = z.string().transform((text) => text.length);

test.each<[string, z.ZodType]>([
  ['nothing', z.object({})],
  ['text', z.object({ output_dir: z.string().min(20) })],
  [
    'an address',
    z.object({ address: z.url(), back: z.string().refine((text) => text.startsWith('https://')) }),
  ],
  [
    'numbers',
    z.object({ count: z.int().min(3), share: z.number().positive(), ok: z.boolean(), none: z.null() }),
  ],
  [
    'choices',
    z.object({ mode: z.enum(['a', 'b']), kind: z.literal('x'), either: z.union([z.number(), z.string()]) }),
  ],
  [
    'lists',
    z.object({
      argv: z.tuple([z.string()], z.string()),
      hosts: z.array(z.object({ name: z.string() })).min(2),
    }),
  ],
  ['a record', z.object({ all: z.record(z.string(), z.strictObject({ url: z.url() })) })],
  ['what is changed behind', z.object({ folder })],
  ['a default', z.object({ list: z.array(z.string()).default(['x']), deep: z.object({ at: z.email() }) })],
])('%s', (_, schema) => {
  expect(schema.safeParse(sampleOf(schema)).success).toBe(true);
});

test.each<[string, z.ZodType]>([
  ['text of a form that nobody guesses', z.object({ key: z.string().regex(/^[0-9A-F]{32}$/) })],
  ['what is checked across', z.object({ a: z.number() }).refine(() => false)],
  ['a type that JSON has not', z.object({ on: z.instanceof(Date) })],
])('none for %s', (_, schema) => {
  expect(sampleOf(schema)).toBe(undefined);
});

// The messages that docs/wire.md shows are messages, and what it says of numbers is so.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { jobSchema } from '../../src/contract/job.js';
import { numeric } from '../../src/contract/numeric.js';
import { notificationSchema, outputSchema } from '../../src/contract/output.js';
import { replySchema } from '../../src/contract/reply.js';

const page = readFileSync(new URL('../../docs/wire.md', import.meta.url), 'utf8');
const schemas = {
  job: jobSchema,
  reply: replySchema,
  output: outputSchema,
  notification: notificationSchema,
};
const shown = [...page.matchAll(/```json (\w+)\n(.*?)```/gs)].map(
  ([, kind = '', text = '']) => [kind, text] as const,
);

describe('docs/wire.md', () => {
  it.each(shown)('shows a %s that is one: %s', (kind, text) => {
    const schema = schemas[kind as keyof typeof schemas];
    expect(schema.safeParse(JSON.parse(text)).error).toBeUndefined();
  });

  it('shows every kind of message', () => {
    expect(new Set(shown.map(([kind]) => kind))).toEqual(new Set(Object.keys(schemas)));
  });

  it('lists numbers that are taken and refused as they are', () => {
    const rows = page.slice(page.indexOf('| taken | refused |')).split('\n\n')[0]?.split('\n').slice(2) ?? [];
    const values = (column: number) =>
      rows
        .flatMap((row) => [...(row.split(' | ')[column] ?? '').matchAll(/`([^`]+)`/g)])
        .map(([, text = '']): unknown => JSON.parse(text));
    const verdict = (value: unknown) => numeric().safeParse(value).success;
    expect(values(0).map(verdict)).toEqual(values(0).map(() => true));
    expect(values(1).map(verdict)).toEqual(values(1).map(() => false));
    expect([values(0).length, values(1).length]).toEqual([8, 15]);
  });

  it('has an anchor for every link into itself', () => {
    const anchors = [...page.matchAll(/^## (.+)$/gm)].map(([, title = '']) =>
      title.toLowerCase().replaceAll(' ', '-'),
    );
    for (const [, anchor] of page.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
  });
});

// What iControl REST answers, as far as the steps read it.
import { z } from 'zod';

const text = z.object({ description: z.string() });
const count = z.object({ value: z.number() });

/** It was done; what is said about it is not read. */
export const done = z.looseObject({});

export const token = z.object({ token: z.object({ token: z.string().min(1) }) });

const listedMember = z.object({
  fullPath: z.string(),
  address: z.string().optional(),
  selfLink: z.url(),
});
export type ListedMember = z.output<typeof listedMember>;

/** Lists that are empty are left out. */
export const pools = z.object({
  items: z
    .array(
      z.object({
        fullPath: z.string(),
        membersReference: z.object({ items: z.array(listedMember).default([]) }).default({ items: [] }),
      }),
    )
    .default([]),
});

/** Statistics lie two levels down, under an address that repeats what was asked for. */
const nested = z
  .object({
    entries: z.record(z.string(), z.object({ nestedStats: z.object({ entries: z.unknown() }) })),
  })
  .transform(({ entries }) => Object.values(entries)[0]?.nestedStats.entries);

export const statistics = nested.pipe(
  z.object({
    monitorStatus: text,
    'serverside.curConns': count,
    'status.enabledState': text,
    'status.statusReason': text,
  }),
);

export const syncStatus = nested.pipe(z.looseObject({ status: text, summary: text }));

/** Every text that lies in nested statistics, in order. */
export function descriptionsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'description' && typeof inner === 'string' ? [inner] : descriptionsIn(inner),
  );
}

/** What an error says of itself; '' where it says nothing. */
export function messageOf(json: unknown): string {
  const error = z.object({ message: z.string() }).safeParse(json);
  return error.success ? error.data.message : '';
}

export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

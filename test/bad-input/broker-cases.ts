// Cases that want a real broker: what it, or its client, refuses before a worker sees it; what it does to a job on its way.
import type { CaseName } from './jobs.js';
import type { Ending } from './rows.js';

export const refusedCases = [
  'B53 a reply address of 256 bytes',
  'B54 a direct reply address without a waiter',
  "B59 another user's id",
  'B62 a header that is NaN',
  'B62 an infinite header',
  'B62 a header of an unknown type',
] as const satisfies readonly CaseName[];

export const directCase = 'B54 a direct reply address of one who waits, of one who left, of nobody';
export const expiredCase = 'B57 a job that expired';

export const brokerCases: readonly { readonly name: CaseName; readonly ends: readonly Ending[] }[] = [
  ...refusedCases.map((name) => ({ name, ends: ['never'] as const })),
  { name: directCase, ends: ['done', 'gone'] },
  { name: expiredCase, ends: ['never'] },
];

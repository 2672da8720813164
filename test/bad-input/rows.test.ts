// Every row has its cases, and they end as the row says.
import { describe, expect, it } from 'vitest';
import { bodies, hugeJobs } from './bodies.js';
import { brokerCases } from './broker-cases.js';
import type { BadJob } from './jobs.js';
import { memberJobs } from './members.js';

import { propertyJobs, rawJobs } from './properties.js';
import { type BadInput, badInputs, type Ending } from './rows.js';

const everywhere = [...bodies, ...hugeJobs(), ...memberJobs, ...propertyJobs];
const endingOf = ({ end }: BadJob): Ending =>
  end === 'gone' ? 'gone' : 'completed' in end ? 'done' : 'muted' in end ? 'muted' : 'refused';
const rows = Object.entries(badInputs) as [string, BadInput][];
const of = <T extends { readonly name: string }>(number: string, cases: readonly T[]) =>
  cases.filter(({ name }) => name.startsWith(`${number} `));

describe('the rows of bad input', () => {
  it('are numbered from B1 to B62', () => {
    expect(rows.map(([number]) => number)).toEqual(Array.from({ length: 62 }, (_, n) => `B${n + 1}`));
  });

  it.each(rows)(
    '%s has cases that end as it says, and those it says on the embedded broker',
    (number, row) => {
      const played = [...of(number, everywhere), ...of(number, rawJobs)];
      const others = of(number, brokerCases);
      const ends = [...played.map(endingOf), ...others.flatMap(({ ends }) => ends)];
      expect(new Set(ends)).toEqual(new Set(row.ends));
      expect(of(number, rawJobs).length + others.length > 0).toBe(row.embedded !== true);
    },
  );

  it('have every case that has a number', () => {
    const numbers = [...everywhere, ...rawJobs, ...brokerCases].map(
      ({ name }) => /^B\d+(?= )/.exec(name)?.[0],
    );
    for (const number of numbers) if (number !== undefined) expect(badInputs).toHaveProperty(number);
  });

  it('no two cases have one name', () => {
    const names = [...everywhere, ...rawJobs, ...brokerCases].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

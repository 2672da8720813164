// The names that a flow may use, as docs/flows.md lists them: all of them, and none that is not there.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { jobVocabulary } from '../../machines/index.js';

const page = readFileSync(new URL('../../docs/flows.md', import.meta.url), 'utf8');
const listed = (row: string) => {
  const [, names = ''] = new RegExp(`^\\| ${row} \\| (.*) \\|$`, 'm').exec(page) ?? [];
  return [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name).sort();
};

test.each([
  ['events', jobVocabulary.events],
  ['actions', Object.keys(jobVocabulary.actions)],
  ['guards', Object.keys(jobVocabulary.guards)],
  ['actors', jobVocabulary.actors],
  ['deadlines', jobVocabulary.deadlines],
])('%s of the runtime are listed', (row, names) => {
  expect(listed(row)).toEqual([...names].sort());
});

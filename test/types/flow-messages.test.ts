// The compiler's words about a mistake in a flow name the culprit, and nothing compiles that should not.
import { beforeAll, describe, expect, test } from 'vitest';
import { complaints } from './compiler.js';

const inFlow = (extension: string) => `
import { defineWorker, extendFlow } from 'needful-worker';
export default defineWorker({
  name: 'w',
  flow: (base) => extendFlow(base, ${extension}),
  steps: { Do: { run() {} } },
});
`;

const programs = {
  right: inFlow(`{ events: ['granted'], states: {
    verified: { on: { 'reply.confirmed': { target: 'approval' } } },
    approval: { description: 'Asks.', deadline: 1, on: { granted: { target: 'doingTheNeedful' } } } } }`),
  target: inFlow(`{ states: { verified: { on: { 'reply.confirmed': { target: 'doingTheNeedfull' } } } } }`),
  event: inFlow(`{ events: ['granted'], states: { verified: { on: { grantd: { target: 'failed' } } } } }`),
  action: inFlow(`{ states: { completed: { entry: 'reportCompletd' } } }`),
  guard: inFlow(`{ states: { parsing: { always: { guard: 'isvalid', target: 'verified' } } } }`),
  description: inFlow(`{ states: { approval: { deadline: 1 } } }`),
  sent: `
import { createWorker, defineWorker, extendFlow } from 'needful-worker';
const worker = defineWorker({
  name: 'w',
  flow: (base) => extendFlow(base, { events: ['approval.granted'], states: {
    verified: { on: { 'reply.confirmed': { target: 'approval' } } },
    approval: { description: 'Asks.', deadline: 1, on: { 'approval.granted': { target: 'doingTheNeedful' } } } } }),
  steps: { Do: { run() {} } },
});
createWorker(worker, {} as never).send('id', { type: 'aproval.granted' });
`,
  initial: `
import { defineFlow } from 'needful-worker';
defineFlow({ initial: 'listning', states: { listening: { description: 'Waits.' } } });
`,
};

const names = Object.keys(programs) as (keyof typeof programs)[];
let said: readonly string[] = [];
beforeAll(async () => {
  said = await complaints(Object.values(programs));
});
const about = (name: keyof typeof programs) => said[names.indexOf(name)];

describe('the compiler', () => {
  test('has nothing to say about a flow that is right', () => {
    expect(about('right')).toBe('');
  });

  test.each<[keyof typeof programs, RegExp]>([
    ['target', /'"doingTheNeedfull"' is not assignable.*Did you mean '"doingTheNeedful"'\?/],
    ['event', /'grantd' does not exist in type/],
    ['action', /Type '"reportCompletd"' is not assignable/],
    ['guard', /'"isvalid"' is not assignable.*Did you mean '"isValid"'\?/],
    ['description', /Property 'description' is missing/],
    ['initial', /'"listning"' is not assignable/],
    ['sent', /Type '"aproval\.granted"' is not assignable.*Did you mean '"approval\.granted"'\?/],
  ])('names the culprit: %s', (name, text) => {
    expect(about(name)).toMatch(text);
  });
});

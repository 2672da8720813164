// What must not compile names its culprit: the text that a user reads is asserted.
import { beforeAll, expect, test } from 'vitest';
import { complaints } from './compiler.js';

const config = (literal: string) =>
  `import { defineConfig } from 'needful-worker';\nexport default defineConfig(${literal});\n`;

const configured = (statement: string) =>
  `import { configure, defineWorker } from 'needful-worker';
import { z } from 'zod';
export const worker = configure(z.object({ baseUrl: z.string() }), (config) =>
  defineWorker({ name: 'juicer', steps: { Promote: { run: () => config.baseUrl } } }));
${statement}
`;

const machine = (changes: string, more = '') => `import { step } from 'needful-worker';
import { z } from 'zod';
export const fetch = step({ parameters: z.object({ url: z.string() }), result: z.number() }).machine({
  context: ({ parameters }) => ({ url: parameters.url, size: 0 }),
  guards: { hasSize: ({ size }) => size > 0 },
  initial: 'fetching',
  states: {
    fetching: { run: async ({ parameters }) => ({ size: parameters.url.length }), done: [{ guard: 'hasSize', target: 'good' }, { target: 'empty' }], failed: { target: 'empty' } },
    good: { completed: ({ size }) => size },
    empty: { refused: ({ url }) => url },
    ${changes}
  },
  ${more}
});
`;

/** Each program with what the compiler says of it; none: it compiles. */
const programs: readonly (readonly [string, string, RegExp | undefined])[] = [
  ['a configuration', config("{ queue: 'juicer', concurrency: 4, logLevel: 'info', holdMs: 10 }"), undefined],
  [
    'a configuration with an unknown key',
    config("{ quue: 'juicer' }"),
    /'quue' does not exist in type 'NeedfulConfig'\. Did you mean to write 'queue'\?/,
  ],
  [
    'a configuration with a value of another type',
    config("{ concurrency: '4' }"),
    /Type 'string' is not assignable to type 'number'/,
  ],
  [
    'a configuration with an unknown word',
    config("{ topology: 'maybe' }"),
    /Type '"maybe"' is not assignable to type '"check" \| "declare" \| "none"/,
  ],
  ['a configured worker', configured("worker({ baseUrl: 'http://repo' });"), undefined],
  [
    'a worker with a misspelt key of its configuration',
    configured("worker({ baseURL: 'http://repo' });"),
    /'baseURL' does not exist in type .*Did you mean to write 'baseUrl'\?/,
  ],
  [
    'a definition that reads what its schema does not have',
    configured('configure(z.object({ a: z.string() }), ({ b }) => worker({ baseUrl: b }));'),
    /Property 'b' does not exist on type '\{ a: string; \}'/,
  ],
  ['a step machine', machine("later: { waitMs: 5, done: { target: 'fetching' } },"), undefined],
  [
    'a step machine with a misspelt target',
    machine("later: { waitMs: 5, done: { target: 'fecthing' } },"),
    /Type '"fecthing"' is not assignable to type .*Did you mean '"fetching"'\?/,
  ],
  [
    'a step machine with a misspelt guard',
    machine("later: { waitMs: 5, done: [{ guard: 'hasSzie', target: 'good' }, { target: 'empty' }] },"),
    /'"hasSzie"' is not assignable to type '"hasSize"/,
  ],
  [
    'a step machine with a misspelt initial state',
    machine('', "initial: 'fechting',").replace("  initial: 'fetching',\n", ''),
    /Type '"fechting"' is not assignable to type .*Did you mean '"fetching"'\?/,
  ],
  [
    'a step machine that reads a context of another shape',
    machine('later: { completed: ({ sized }) => sized },'),
    /Property 'sized' does not exist on type '\{ url: string; size: number; \}'/,
  ],
  [
    'a step machine whose work adds a value of another type',
    machine("later: { run: async () => ({ size: '5' }), done: { target: 'good' } },"),
    /Type 'string' is not assignable to type 'number'/,
  ],
  [
    'a step machine whose work adds an unknown key',
    machine('later: { run: ({ context }) => ({ sizes: context.size }), done: { target: "good" } },'),
    /Type '\{ sizes: number; \}' is not assignable to type .*\{ url: string; size: number; \}/,
  ],
  [
    'a step machine with a result of another type',
    machine('later: { completed: ({ url }) => url },'),
    /Type 'string' is not assignable to type 'number'/,
  ],
  [
    'a step machine that reads a parameter its schema does not have',
    machine('later: { run: ({ parameters }) => ({ url: parameters.path }), done: { target: "good" } },'),
    /Property 'path' does not exist on type '\{ url: string; \}'/,
  ],
  [
    'a step machine with a misspelt key of a state',
    machine('later: { run: () => ({}), doen: { target: "good" } },'),
    /'doen' does not exist in type|Property 'done' is missing/,
  ],
];

let said: readonly string[] = [];
beforeAll(async () => {
  said = await complaints(programs.map(([, source]) => source));
});

test.each(programs.map(([name, , message], index) => ({ name, message, index })))(
  '$name: $message',
  ({ message, index }) => {
    if (message === undefined) expect(said[index]).toBe('');
    else expect(said[index]).toMatch(message);
  },
);

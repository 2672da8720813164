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

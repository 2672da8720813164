// Workers from files: the sources are written by the test, since most of them must not compile.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build, needful } from './needful.js';

const sources: Readonly<Record<string, string>> = {
  'syntax-error.ts':
    "import { defineWorker } from 'needful-worker';\n\nconst steps = {};\nconst name: string = ;\n",
  'throws.ts':
    'interface Named {\n  name: string;\n}\nconst { name } = (undefined as unknown as Named);\nexport default name;\n',
  'imports-broken.ts': "import './syntax-error.ts';\nexport default 1;\n",
  'lacks-module.ts': "import nothing from 'no-such-module';\nexport default nothing;\n",
  'named-export.ts': 'export const worker = 1;\n',
  'bare-definition.ts': "export default { name: 'bare', steps: { A: { run: () => 1 } } };\n",
  'wrong-definition.ts':
    "import { defineWorker } from 'needful-worker';\nexport default defineWorker({ name: 'w', stepps: {}, steps: { A: { run: () => 1 } } } as never);\n",
  'common.cjs':
    "const { defineWorker } = require('needful-worker');\nmodule.exports = defineWorker({ name: 'common', steps: { A: { run: () => 'common' } } });\n",
  'plain.mjs': `import { defineWorker, failed } from 'needful-worker';
import noop from 'needful-worker/workers/noop';
import { fromPromise } from 'xstate';
import { z } from 'zod/v4';
const named = await Promise.resolve(noop.name);
export default defineWorker({ name: 'plain', steps: {
  Fail: { parameters: z.object({}), run: () => failed({ named }) },
  Logic: { run: fromPromise(async () => 'from logic') },
} });
`,
};

let folder = '';

beforeAll(async () => {
  await build();
  folder = await mkdtemp(`${tmpdir()}/needful-`);
  for (const [name, source] of Object.entries(sources)) await writeFile(`${folder}/${name}`, source);
});
afterAll(() => rm(folder, { recursive: true }));

describe('a file that holds no worker', () => {
  test.each([
    ['no-such-file.ts', 'WORKER_FILE_MISSING', /no such file/],
    ['syntax-error.ts', 'WORKER_FILE_BROKEN', / syntax-error\.ts:4: syntax error: /],
    ['imports-broken.ts', 'WORKER_FILE_BROKEN', / syntax-error\.ts:4: syntax error: /],
    ['throws.ts', 'WORKER_FILE_BROKEN', / throws\.ts:4: TypeError: .*undefined/],
    ['lacks-module.ts', 'WORKER_FILE_BROKEN', / lacks-module\.ts:\d: Cannot find module 'no-such-module'/],
    [
      'named-export.ts',
      'WORKER_EXPORT_MISSING',
      /export default defineWorker.*no default export, only worker/,
    ],
    ['bare-definition.ts', 'WORKER_EXPORT_MISSING', /did not go through defineWorker/],
    ['wrong-definition.ts', 'DEFINITION_INVALID', /did you mean `steps`/],
  ])('%s is refused with %s', async (name, code, message) => {
    const { code: exit, stderr } = await needful(['run', name], { cwd: folder });
    expect(stderr).toMatch(new RegExp(`^needful: ${code}: `));
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(exit).toBe(78);
  });
});

describe('a JavaScript file outside of any project', () => {
  test('may be CommonJS, with the worker as module.exports', async () => {
    const { code, stdout } = await needful(['send', 'common:A', '--with', 'common.cjs'], { cwd: folder });
    expect(stdout).toMatch(/data:\ncommon\n$/);
    expect(code).toBe(0);
  });

  test('shares the needful-worker of the command, so that a failure on purpose is one', async () => {
    const { code, stdout } = await needful(['send', 'plain:Fail', '--with', 'plain.mjs'], { cwd: folder });
    expect(code).toBe(1);
    expect(stdout).toContain('"named": "noop"');
  });

  test('has xstate and zod of this installation', async () => {
    const { stdout } = await needful(['send', 'plain:Logic', '--with', './plain.mjs'], { cwd: folder });
    expect(stdout).toMatch(/data:\nfrom logic\n$/);
  });
});

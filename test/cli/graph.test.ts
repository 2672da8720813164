// `needful graph`: what it draws, in which format, and how it keeps committed pictures true.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { workerMachine } from '../../machines/index.js';
import { machineGraph, toDot, toGraphJson, toMermaid } from '../../src/statechart/index.js';
import { called } from './in-process.js';
import { build, needful } from './needful.js';

const sources: Readonly<Record<string, string>> = {
  'traffic.ts': `import { createMachine } from 'xstate';
export default createMachine({ id: 'traffic', initial: 'red', states: { red: { on: { go: 'green' } }, green: {} } });
`,
  'flow.ts': `import { extendFlow } from 'needful-worker';
import { jobFlow } from 'needful-worker/machines';
export default extendFlow(jobFlow, { actors: { needful: () => 1 } });
`,
  'broken-flow.mjs':
    "export default { kind: 'flow', id: 'f', initial: 'a', states: { a: { description: 'A.', always: { target: 'b' } } } };\n",
  'telling.ts': `import { createMachine } from 'xstate';
export default createMachine({ id: 't', initial: 'a', states: { a: { description: 'Asks http://u:pw1@h/x.' } } });
`,
  'thrower.mjs': "export default () => { throw new TypeError('no such thing'); };\n",
  'number.ts': 'export default 1;\n',
  'bundle.ts': `import { configure, defineWorker } from 'needful-worker';
import { z } from 'zod';
const config = z.object({ names: z.array(z.string().regex(/^x{40}$/)).min(1) });
export default configure(config, ({ names }) =>
  defineWorker({ name: 'bundle', steps: Object.fromEntries(names.map((name) => [name, { run: () => name }])) }));
`,
  'bundle.json': JSON.stringify({ names: ['x'.repeat(40)] }),
};

let folder = '';
const at = (name: string) => `${folder}/${name}`;
const content = (name: string) => readFile(at(name), 'utf8');

beforeAll(async () => {
  await build();
  folder = await mkdtemp(`${tmpdir()}/needful-graph-`);
}, 120_000);
beforeEach(async () => {
  for (const [name, source] of Object.entries(sources)) await writeFile(at(name), source);
});
afterAll(() => rm(folder, { recursive: true }));

const graph = (...args: string[]) => called(['graph', ...args]);
const worker = machineGraph(workerMachine as never);

describe('what is drawn', () => {
  test('a machine of Needful, in each format', async () => {
    expect((await graph('worker')).stdout).toBe(toMermaid(worker));
    expect((await graph('worker', '--brief')).stdout).toBe(toMermaid(worker, { detail: 'brief' }));
    expect((await graph('worker', '--format', 'dot')).stdout).toBe(toDot(worker));
    expect((await graph('worker', '-f', 'json')).stdout).toBe(toGraphJson(worker));
  });

  test.each(['job', 'release', 'noop', 'command', 'output', 'bigip'])(
    '%s, without a configuration',
    async (name) => {
      const { code, stdout, stderr } = await graph(name);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^stateDiagram-v2\n/);
    },
  );

  test.each([
    ['traffic.ts', '  red --> green: go\n'],
    ['flow.ts', '  doingTheNeedful: The step runs.<br/>run needful'],
  ])('a file whose default export is no worker but a machine or a flow: %s', async (file, line) => {
    const { code, stdout } = await graph(at(file));
    expect(code).toBe(0);
    expect(stdout).toContain(line);
  });

  test('a worker with the machines of its steps inside the state that runs them, or one step alone', async () => {
    const whole = await graph('bigip', '--format', 'json');
    const { nodes } = JSON.parse(whole.stdout) as {
      nodes: { key: string; parent: string; machine: string }[];
    };
    const steps = nodes.filter(({ machine, parent }) => machine !== null && parent !== null);
    expect(steps.map(({ key, parent }) => [key, parent])).toEqual([
      ['InRotation', 'job.doingTheNeedful'],
      ['OutOfRotation', 'job.doingTheNeedful'],
      ['ConfigSync', 'job.doingTheNeedful'],
    ]);
    const step = await graph('bigip', '--step', 'ConfigSync', '-f', 'json');
    expect(JSON.parse(step.stdout)).toMatchObject({ version: 1, id: 'ConfigSync' });
  });

  test('a worker whose states nobody can know without its configuration, with it', async () => {
    const { code, stderr } = await graph(at('bundle.ts'));
    expect(code).toBe(78);
    expect(stderr).toMatch(
      /^needful: CONFIG_INVALID: .*bundle\.ts cannot be drawn without .*--worker-config FILE/,
    );
    expect((await graph(at('bundle.ts'), '--worker-config', at('bundle.json'))).code).toBe(0);
  });

  test.each([
    [['nop'], 2, /WORKER_UNKNOWN.*noop, sleep.*job, worker, release.*Did you mean noop\?/],
    [['jbo'], 2, /WORKER_UNKNOWN.*Did you mean job\?/],
    [['no/such.ts'], 78, /WORKER_FILE_MISSING/],
    [['number.ts'], 78, /WORKER_EXPORT_MISSING.*a worker, a flow or an XState machine/],
    [['broken-flow.mjs'], 78, /FLOW_INVALID: the flow in .*broken-flow\.mjs cannot be drawn: .*'b'/],
    [
      ['bigip', '--step', 'ConfigSink'],
      2,
      /USAGE.*InRotation, OutOfRotation, ConfigSync.*Did you mean ConfigSync\?/,
    ],
    [['sleep', '--step', 'Seconds'], 2, /USAGE.*is a function and has no states/],
    [['job', '--step', 'Seconds'], 2, /USAGE.*job is no worker/],
    [[], 2, /USAGE.*name what is to be drawn/],
    [['job', '--brief', '-f', 'json'], 2, /USAGE.*always whole/],
    [['job', '-f', 'png'], 2, /USAGE.*mermaid, dot, json/],
    [['job', '--check', 'a.mmd', '--write', 'a.mmd'], 2, /USAGE.*give one of them/],
    [['--check', 'a.mmd'], 2, /USAGE.*whose picture is a\.mmd/],
    [['job', '--check', 'a.png'], 2, /USAGE.*ending .*\.mmd.*--format/],
    [['job', '--brief', '--write', 'a.mmd', 'a.json'], 2, /USAGE.*always whole.*without a\.json/],
    [
      ['thrower.mjs'],
      78,
      /WORKER_FILE_BROKEN.*thrower\.mjs exports.*without a configuration .*it threw TypeError: no such thing/,
    ],
    [['thrower.mjs', '-w', 'bundle.json'], 78, /bundle\.json, it threw TypeError: no such thing/],
    [['job', '--brief', '--check', 'README.md'], 2, /USAGE.*marks in README\.md/],
  ])('%j is refused', async (args, exit, message) => {
    const given = args.map((word) => (Object.hasOwn(sources, word) ? at(word) : word));
    const { code, stdout, stderr } = await graph(...given);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
  });
});

describe('a committed picture', () => {
  test.each([
    ['worker.mmd', [], toMermaid(worker)],
    ['worker.mermaid', ['--brief'], toMermaid(worker, { detail: 'brief' })],
    ['worker.dot', [], toDot(worker)],
    ['worker.gv', [], toDot(worker)],
    ['worker.json', [], toGraphJson(worker)],
    ['worker.txt', ['--format', 'dot'], toDot(worker)],
  ])('%s is written by its ending, and is then up to date', async (file, options, picture) => {
    const written = await graph('worker', ...options, '--write', at(file));
    expect(written).toEqual({ code: 0, stdout: `${at(file)} written\n`, stderr: '' });
    expect(await content(file)).toBe(picture);
    expect((await graph('worker', ...options, '--write', at(file))).stdout).toBe(
      `${at(file)} is up to date\n`,
    );
    const checked = await graph('worker', ...options, '--check', at(file));
    expect(checked).toEqual({ code: 0, stdout: '1 picture is up to date\n', stderr: '' });
  });

  test('that is stale is exit code 1, the first line that differs, and the command that draws it anew', async () => {
    await writeFile(
      at('old.mmd'),
      toMermaid(worker).replace('initializing --> stopped: stop', 'initializing --> faulted: stop'),
    );
    const { code, stdout, stderr } = await graph('worker', '--check', at('old.mmd'));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/old\.mmd:\d+ \(worker, 1 line differs\)$/),
      '  - initializing --> faulted: stop',
      '  + initializing --> stopped: stop',
      `needful: GRAPH_STALE: 1 of 1 pictures is stale; draw anew: needful graph worker --write ${at('old.mmd')}`,
      'Draw it anew: `--write` in place of `--check`.',
      '',
    ]);
  });

  test('that is stale is drawn anew by what is said, which has the flags that were given', async () => {
    await writeFile(at('a step.txt'), 'graph {}\n');
    await writeFile(at('empty.json'), '{}');
    const flags = ['--format', 'dot', '--step', 'ConfigSync', '--brief'];
    const { stderr } = await graph('bigip', ...flags, '--check', at('a step.txt'));
    expect(stderr).toContain(
      `draw anew: needful graph bigip --format dot --step ConfigSync --brief --write '${at('a step.txt')}'\n`,
    );
    const config = at('bundle.json');
    const other = await graph(at('bundle.ts'), '-w', config, '--check', at('empty.json'));
    expect(other.stderr).toContain(
      `needful graph ${at('bundle.ts')} --worker-config ${config} --write ${at('empty.json')}\n`,
    );
  });

  test('that is not there is said, with its code; of several the first', async () => {
    const { code, stderr } = await graph('worker', '--check', at('none.mmd'), at('none.dot'));
    expect(code).toBe(78);
    expect(stderr).toMatch(
      /^needful: GRAPH_FILE_MISSING: expected a picture in .*none\.mmd, there is no such file\n/,
    );
  });

  test.each(['mermaid', 'dot', 'json'])(
    'as %s has no password, as printed and as written',
    async (format) => {
      const file = at(`telling.${format}`);
      await writeFile(file, (await needful(['graph', at('telling.ts'), '--format', format])).stdout);
      expect(await content(`telling.${format}`)).not.toContain('pw1');
      const same = await graph(at('telling.ts'), '--format', format, '--check', file);
      expect(same).toEqual({ code: 0, stdout: '1 picture is up to date\n', stderr: '' });
      expect((await graph(at('telling.ts'), '--format', format, '--write', file)).stdout).toMatch(
        /is up to date/,
      );
    },
  );

  test('may have other line ends, and as JSON another layout', async () => {
    await writeFile(at('dos.mmd'), toMermaid(worker).replaceAll('\n', '\r\n'));
    await writeFile(at('flat.json'), JSON.stringify(JSON.parse(toGraphJson(worker))));
    expect((await graph('worker', '--check', at('dos.mmd'), at('flat.json'))).code).toBe(0);
    await writeFile(at('dos.mmd'), 'stateDiagram-v2\r\n');
    await graph('worker', '--write', at('dos.mmd'));
    expect(await content('dos.mmd')).toBe(toMermaid(worker).replaceAll('\n', '\r\n'));
  });
});

describe('a Markdown page', () => {
  const page = `# Page

<!-- needful graph worker --brief -->

\`\`\`mermaid
stateDiagram-v2
\`\`\`

Text with a mark that is none:

\`\`\`md
<!-- needful graph job -->
\`\`\`

<!-- needful graph bigip --step ConfigSync -->
<!-- needful graph release -->
~~~json
{}
~~~
`;

  test('keeps the pictures beneath its marks, and makes one where a mark has none', async () => {
    await writeFile(at('page.md'), page);
    const stale = await graph('--check', at('page.md'));
    expect(stale.code).toBe(1);
    expect(stale.stderr).toMatch(/page\.md:7 \(worker, \d+ lines differ\)\n {2}\+ \[\*\] --> initializing\n/);
    expect(stale.stderr).toMatch(
      /GRAPH_STALE: 3 of 3 pictures are stale; .*needful graph --write .*page\.md\n/,
    );
    expect((await graph('--write', at('page.md'))).stdout).toBe(`${at('page.md')} written\n`);
    expect((await graph('--check', at('page.md'))).stdout).toBe('3 pictures are up to date\n');
    const written = await content('page.md');
    expect(written).toContain(`\`\`\`mermaid\n${toMermaid(worker, { detail: 'brief' })}\`\`\`\n\nText`);
    expect(written).toContain('```md\n<!-- needful graph job -->\n```\n');
    expect(written).toMatch(
      /ConfigSync -->\n```mermaid\nstateDiagram-v2\n[^`]*```\n<!-- needful graph release -->\n~~~json\n\{\n {2}"version": 1,/,
    );
  });

  test('is looked at for one name alone where one is given', async () => {
    await writeFile(at('page.md'), page);
    expect((await graph('worker', '--write', at('page.md'))).code).toBe(0);
    expect((await graph('worker', '--check', at('page.md'))).stdout).toBe('1 picture is up to date\n');
    expect((await graph('release', '--check', at('page.md'))).code).toBe(1);
  });

  test.each([
    ['no mark', /page\.md has no mark: put <!-- needful graph NAME -->/],
    ['<!-- needful graph -->', /page\.md:1: expected `<!-- needful graph FILE\|NAME /],
    ['<!-- needful graph job --quick -->', /page\.md:1: expected/],
    ['<!-- needful graph job worker -->', /page\.md:1: expected/],
    ['- <!-- needful graph job -->', /page\.md:1: expected the mark alone on its line/],
    ['Text.\n> <!-- needful graph job -->', /page\.md:2: expected the mark alone/],
    ['<!-- needful graph job -->\n\n<!-- needful grahp job -->', /page\.md:3: expected the mark alone/],
    ['<!-- needful graph job --> and text', /page\.md:1: expected the mark alone/],
    ['<!-- needful graph\njob -->', /page\.md:1: expected the mark alone/],
    ['<!-- needful graph job -->\n```mermaid\nstate\n\nText.', /page\.md:2: .* has no end/],
    ['Text.\n```sh\nls\n\n<!-- needful graph job -->', /page\.md:2: .* has no end/],
    ['<!-- needful graph job --brief -->\n```json\n{}\n```', /page\.md:1: JSON is always whole/],
  ])('with %j is refused', async (text, message) => {
    await writeFile(at('page.md'), `${text}\n`);
    const { code, stderr } = await graph('--check', at('page.md'));
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^needful: GRAPH_MARK_INVALID: /);
    expect(code).toBe(78);
  });

  test('with an unclosed block is left as it is', async () => {
    const text = '<!-- needful graph job -->\n```mermaid\nstateDiagram-v2\n\nText that must stay.\n';
    await writeFile(at('page.md'), text);
    expect((await graph('--write', at('page.md'))).code).toBe(78);
    expect(await content('page.md')).toBe(text);
  });

  test('may have its marks and pictures indented, as part of a list', async () => {
    const list = `- One:

  <!-- needful graph worker --brief -->
  \`\`\`mermaid
  old
  \`\`\`
- \`\`\`md
  <!-- needful graph job -->
  \`\`\`
- Text with \`<!-- needful graph job -->\` in it.
   1. Two:
      <!-- needful graph worker -->
`;
    await writeFile(at('page.md'), list);
    expect((await graph('--check', at('page.md'))).stderr).toMatch(/GRAPH_STALE: 2 of 2 pictures/);
    await graph('--write', at('page.md'));
    const indented = (indent: string, picture: string) => picture.replace(/^(?=.)/gm, indent);
    const brief = indented('  ', toMermaid(worker, { detail: 'brief' }));
    const full = indented('      ', `\`\`\`mermaid\n${toMermaid(worker)}\`\`\`\n`);
    expect(await content('page.md')).toBe(list.replace('  old\n', brief) + full);
    expect((await graph('--check', at('page.md'))).stdout).toBe('2 pictures are up to date\n');
    await writeFile(
      at('page.md'),
      (await content('page.md')).replace('  stateDiagram-v2', 'stateDiagram-v2'),
    );
    expect((await graph('--check', at('page.md'))).code).toBe(1);
  });

  test('says which of its marks asks for what cannot be drawn', async () => {
    await writeFile(at('page.md'), 'Text.\n\n<!-- needful graph nonsuch -->\n');
    const { code, stderr } = await graph('--check', at('page.md'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^needful: WORKER_UNKNOWN: .*page\.md:3: expected a file, .* got "nonsuch"/);
  });

  test('that is not there is missing, also to be written', async () => {
    const { code, stderr } = await graph('--write', at('none.md'));
    expect(code).toBe(78);
    expect(stderr).toMatch(/GRAPH_FILE_MISSING: expected a page in .*none\.md.*\n.* but no page\.\n/);
  });
});

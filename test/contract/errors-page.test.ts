// docs/errors.md and the registry of errors hold each other. After a change of the registry:
// `npx vitest run test/contract/errors-page.test.ts --update`.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ErrorCode, errorKinds, NeedfulError } from '../../src/contract/errors.js';

const source = readFileSync(new URL('../../src/contract/errors.ts', import.meta.url), 'utf8');
const page = new URL('../../docs/errors.md', import.meta.url).pathname;

interface Family {
  readonly title: string;
  readonly codes: ErrorCode[];
}

const isCode = (name: string | undefined): name is ErrorCode =>
  name !== undefined && Object.hasOwn(errorKinds, name);

/** Families are the comments between the codes in the registry. */
function families(): readonly Family[] {
  const all: Family[] = [];
  const registry = source.slice(
    source.indexOf('export const errorKinds'),
    source.indexOf('as const satisfies'),
  );
  for (const text of registry.split('\n')) {
    const title = /^ {2}\/\/ (.+?)\.?$/.exec(text)?.[1];
    if (title !== undefined) all.push({ title, codes: [] });
    const code = /^ {2}([A-Z][A-Z0-9_]*):/.exec(text)?.[1];
    if (isCode(code)) all.at(-1)?.codes.push(code);
  }
  return all;
}

const cell = (text: string) => text.replaceAll('|', '\\|');

function section({ title, codes }: Family): string {
  const [head = '', ...rest] = title.split(/(?<=^[^:]*): /);
  const rows = codes.map((code) => {
    const { summary, remedy, exit } = errorKinds[code];
    return `| \`${code}\` | ${cell(summary)} | ${cell(remedy)} | ${exit} |`;
  });
  return [
    `## ${head}`,
    '',
    ...(rest.length > 0 ? [`${sentence(rest.join(': '))}.`, ''] : []),
    '| code | meaning | what to do | exit |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const intro = `# Errors

Everything that goes wrong has a code. Codes are stable: scripts and engines may compare them; the texts beside them may
change. Every error that Needful throws is a \`NeedfulError\` with \`code\`, one line of \`message\`, \`retry\` (whether the same
may work when tried again) and \`exit\`.

A \`failed\` reply that the library makes carries the code to the engine:

\`\`\`json
{ "status": "failed",
  "data": { "code": "PARAMETERS_INVALID",
            "message": "parameters do not fit: seconds: expected a finite number or a decimal numeral in a string",
            "issues": [{ "path": ["seconds"], "message": "expected a finite number or a decimal numeral in a string" }] } }
\`\`\`

\`message\` is one line of at most 300 characters, \`issues\` (only where there are any) are at most 20. Neither repeats a
value of the job: names of keys and types at most. Of an error that a step threw, name and message are told; its stack goes
to the worker's log, under the job's correlation id. A step that fails on purpose, with \`failed(data)\`, sends its own \`data\` and no code.

\`exit\` is the exit code of a command that ends with the error: 1 unexpected or a job that failed, 2 usage, 69 no broker,
70 a broken promise, 75 a deadline passed while it stopped, 77 refused by the broker, 78 configuration.
`;

describe('docs/errors.md', () => {
  it('says of every code what the registry says', async () => {
    await expect(`${intro}\n${families().map(section).join('\n')}`).toMatchFileSnapshot(page);
  });

  it('has every code once', () => {
    const listed = families().flatMap(({ codes }) => codes);
    expect(listed).toEqual(Object.keys(errorKinds));
    for (const code of listed)
      expect(readFileSync(page, 'utf8').match(new RegExp(`\`${code}\` \\|`, 'g'))).toHaveLength(1);
  });
});

describe('the registry', () => {
  it.each(Object.entries(errorKinds))(
    '%s has one sentence of meaning, one of remedy, a known exit code',
    (code, kind) => {
      expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
      for (const text of [kind.summary, kind.remedy]) expect(text).toMatch(/^\S[^\n]{5,150}\.$/);
      expect([1, 2, 69, 70, 75, 77, 78]).toContain(kind.exit);
    },
  );

  it('gives a NeedfulError its exit code, and says nothing of a cause that is not there', () => {
    const error = new NeedfulError('QUEUE_MISSING', 'x', { retry: true });
    expect(error).toMatchObject({
      name: 'NeedfulError',
      code: 'QUEUE_MISSING',
      retry: true,
      exit: 78,
      message: 'x',
    });
    expect(error).not.toHaveProperty('cause');
    const cause = new Error('y');
    expect(new NeedfulError('USAGE', 'x', { cause })).toMatchObject({ cause, retry: false, exit: 2 });
  });
});

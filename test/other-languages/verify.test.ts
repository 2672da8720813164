// `needful verify --queue` on RabbitMQ: it lets good workers of two languages pass, and names every defect of a bad one.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createAmqpTransport } from '../../adapters/amqp/index.js';
import { read } from '../../scripts/write-docs.js';
import { workerTopology } from '../../src/contract/names.js';
import { judgeCodes } from '../../src/testing/judge/index.js';
import { build, endAll, json, needful, start } from '../cli/needful.js';
import { describeWith } from '../private-rabbitmq.js';
import { describeRabbitMQ, rabbitmq } from '../rabbitmq.js';
import { missingPython, startPython } from './python.js';

const { url, managementUrl, private: isPrivate } = rabbitmq();
const management = managementUrl === '' ? [] : ['--management', managementUrl];
const verify = (...args: readonly string[]) => needful(['verify', '--amqp', url, ...management, ...args]);

beforeAll(build);
afterEach(endAll);

describeRabbitMQ('a worker of this project, judged on RabbitMQ', () => {
  test.each([
    ['noop', ['--step', 'noop:Anything']],
    ['sleep', ['--step', 'sleep:Seconds', '--param', 'seconds=0', '--invalid-param', 'seconds=-1']],
  ])('%s passes', async (name, args) => {
    const worker = start(['run', name, '--declare', '--amqp', url]);
    await worker.line(/listens/);
    const { code, lines } = await verify('--queue', name, ...args, '--json');
    const objects = lines.map(json);
    const codes = new Set(
      objects.flatMap(({ findings }) => (Array.isArray(findings) ? findings : [])).map(({ code }) => code),
    );
    expect([...codes]).toEqual(isPrivate ? ['COMPLETED_ANYWAY'] : ['COMPLETED_ANYWAY', 'SETTLEMENT_UNKNOWN']);
    expect(objects.filter(({ type }) => type === 'check').map(({ outcome }) => outcome)).not.toContain(
      'unjudged',
    );
    expect(objects.at(-1)).toMatchObject({ type: 'verdict', queue: `worker.${name}`, outcome: 'passed' });
    expect(code).toBe(0);
  });

  test('where nobody listens that is what is broken, with exit code 1', async () => {
    const { code, stdout } = await verify(
      '--queue',
      'nobody',
      '--step',
      'a:B',
      '--declare',
      '--timeout',
      '0.2',
    );
    expect(stdout).toMatch(
      /^broken +listens.*\n +NOBODY_LISTENS \(broken\): nobody consumes worker\.nobody$/m,
    );
    expect(stdout).toMatch(/^unjudged +valid/m);
    expect(code).toBe(1);
  });

  test('a queue that is missing is exit code 78', async () => {
    const { code, stderr } = await verify('--queue', 'missing', '--step', 'a:B');
    expect(stderr).toMatch(/^needful: QUEUE_MISSING: /);
    expect(code).toBe(78);
  });
});

const missing = missingPython === '' ? '' : `no Python with pika: ${missingPython}`;
const { available, reason } = rabbitmq();

describeWith({
  name: 'a worker in Python, judged on RabbitMQ',
  missing: available ? missing : reason,
  body: inPython,
});

function inPython() {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/needful-`);
    const transport = createAmqpTransport({ url });
    await transport.open();
    for (const name of ['greeter', 'sloppy']) await transport.declare(workerTopology(name));
    await transport.close();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** As the page shows it: another broker took another time. */
  const asShown = (stdout: string) =>
    stdout
      .replace(/ at amqp:\S+/, ' at amqp://guest@localhost:5672/')
      .replace(/ in \S+ m?s\n$/, ' in 4.20 s\n');
  const shown = [...read('docs/other-languages.md').matchAll(/```text\n([\s\S]*?)```/g)].map(
    ([, text = '']) => text,
  );

  test('the example passes, and prints what the page shows', async () => {
    const worker = await startPython('examples/other-languages/worker.py', { url });
    const { code, stdout } = await verify(
      '--queue',
      'greeter',
      '--step',
      'greeter:Hello',
      '--param',
      'who=world',
    );
    await worker.stop();
    if (isPrivate) expect(asShown(stdout)).toBe(shown[0]);
    expect({ code, startCount: worker.startCount }).toEqual({ code: 0, startCount: 1 });
  });

  test('every defect of a sloppy one is named, as on the page, and nothing else', async () => {
    const worker = await startPython('test/other-languages/sloppy.py', { url, again: true });
    const junit = `${folder}/sloppy.xml`;
    const args = ['--queue', 'sloppy', '--step', 'sloppy:Hello', '--param', 'who=world', '--junit', junit];
    const { code, stdout } = await verify(...args);
    await worker.stop();
    expect(code).toBe(1);
    const codes = new Set(
      [...stdout.matchAll(/^ +([A-Z_]+) \((\w+)\): /gm)].map(([, name, severity]) => `${severity} ${name}`),
    );
    expect([...codes].sort()).toEqual([
      'broken CORRELATION_ID_WRONG',
      'broken DIED',
      'broken FINAL_TWICE',
      'broken REPLY_UNREADABLE',
      'broken STARTED_LATE',
      'broken STARTED_MISSING',
      'broken UNACKNOWLEDGED',
      'departs APP_ID_MISSING',
      'departs OUTPUT_MALFORMED',
      'departs REPLY_TO_OTHER',
      'info COMPLETED_ANYWAY',
      'info CONTENT_TYPE_OTHER',
      'info CORRELATION_ID_INVENTED',
    ]);
    if (isPrivate) expect(asShown(stdout).slice(0, shown[1]?.length)).toBe(shown[1]);
    expect(await readFile(junit, 'utf8')).toMatch(/<failure type="DIED UNACKNOWLEDGED" message="DIED: /);
  });
}

test('the page lists every code with its severity and what it means', () => {
  const rows = Object.entries(judgeCodes).map(
    ([code, { severity, meaning }]) => `| \`${code}\` | ${severity} | ${meaning} |`,
  );
  expect(read('docs/other-languages.md')).toContain(rows.join('\n'));
});

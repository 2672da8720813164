// `needful bindings` without a broker: what it prints, and which keys a binding takes.
import { beforeAll, describe, expect, test } from 'vitest';
import { both } from '../../src/cli/bindings/both.js';
import { type Finding, thingsOf } from '../../src/cli/bindings/finding.js';
import { rabbitmqadmin } from '../../src/cli/bindings/formats.js';
import { matches } from '../../src/cli/bindings/management.js';
import { showCommands, showFindings } from '../../src/cli/bindings/view.js';
import { outputLines } from '../../src/contract/output-lines.js';
import { called } from './in-process.js';
import { build, json } from './needful.js';
import { createScreen } from './screen.js';

const juicers = ['juicer', 'secretjuice'] as const;
const example = (name: string) => ['examples/promoter.ts', '--worker-config', `examples/${name}.json`];

// The worker of an example imports the built library.
beforeAll(build);

describe('bindings that are printed', () => {
  test('are those of the ready-made workers, or of the queue that is named', async () => {
    const all = await called(['bindings']);
    expect(all.stdout).toMatch(/^exchange +re +topic, durable\nqueue +worker\.noop +durable\n/);
    const { stdout } = await called(['bindings', 'sleep', '--queue', 'sleepworker', '--key', 'sleep']);
    expect(stdout).toBe(
      [
        'exchange  re                        topic, durable',
        'queue     worker.sleepworker        durable',
        'binding   re -> worker.sleepworker  key worker.sleep',
        '',
      ].join('\n'),
    );
  });

  test('of the worker that takes output lines lead them to it, with and without its configuration', async () => {
    const expected = /^binding +re -> worker\.output +key output$/m;
    expect((await called(['bindings', 'output'])).stdout).toMatch(expected);
    expect((await called(['bindings'])).stdout).toMatch(expected);
  });

  test('take the queue of the configuration file of a worker', async () => {
    for (const name of juicers) {
      const { stdout } = await called(['bindings', ...example(name)]);
      expect(stdout).toContain(`re -> worker.${name}  key worker.${name}\n`);
    }
  });

  test('are one object a line with --json', async () => {
    const { stdout } = await called(['bindings', 'noop', '--json']);
    expect(stdout.trim().split('\n').map(json)).toEqual([
      { type: 'exchange', name: 're', exchangeType: 'topic', durable: true },
      { type: 'queue', name: 'worker.noop', durable: true },
      { type: 'binding', exchange: 're', queue: 'worker.noop', routingKey: 'worker.noop' },
    ]);
  });

  test('are words of a shell as rabbitmqadmin takes them, whatever the virtual host is called', async () => {
    const { stdout } = await called([
      'bindings',
      'noop',
      '--format',
      'rabbitmqadmin',
      '--amqp',
      'amqp://host/it%27s%20mine',
    ]);
    expect(stdout.split('\n')[0]).toBe(
      "rabbitmqadmin '--vhost=it'\\''s mine' declare exchange name=re type=topic durable=true",
    );
  });
});

describe('what both ways of asking found', () => {
  const thing = { kind: 'queue', spec: { name: 'q', durable: true } } as const;
  const amqp = (state: Finding['state'], detail = ''): Finding => ({
    thing,
    ...(state && { state }),
    detail,
    checkedBy: ['amqp'],
  });
  const management = (state: Finding['state'], detail = ''): Finding => ({
    ...amqp(state, detail),
    checkedBy: ['management'],
  });
  const merged = (one: Finding, other: Finding) => both([one], [other])[0];

  test('is the worse of the two, with the words of both', () => {
    expect(merged(amqp('there'), management('there'))).toEqual({
      ...amqp('there'),
      checkedBy: ['amqp', 'management'],
    });
    expect(merged(amqp('different', 'a; others may follow'), management('there'))).toMatchObject({
      state: 'different',
      detail: 'a; others may follow',
    });
    expect(merged(amqp('different', 'a; others may follow'), management('different', 'b; c'))).toMatchObject({
      state: 'different',
      detail: 'b; c; a',
    });
  });

  test.each([
    [
      amqp('missing', 'NOT_FOUND'),
      management('there'),
      /^the management API finds it and AMQP does not: do both/,
    ],
    [
      amqp('there'),
      management('missing'),
      /^AMQP finds it and the management API does not: do both addresses/,
    ],
  ])('cannot be there and not there at once', (one, other, said) => {
    expect(merged(one, other)).toMatchObject({ state: 'missing', detail: expect.stringMatching(said) });
  });
});

describe('on a terminal of 80 columns', () => {
  const topology = outputLines.topology('a-queue-of-production-with-a-rather-long-name');

  test('a row that is too wide is broken before it wraps', () => {
    const screen = createScreen({ columns: 80, rows: 24 });
    const findings = thingsOf(topology).map((thing) => ({ thing, detail: '', checkedBy: [] }));
    showFindings(findings, { terminal: screen.terminal, json: false });
    expect(screen.widest).toBeLessThanOrEqual(80);
    expect(screen.text()).toContain('exchange  re  topic, durable');
  });

  test('a command is broken as a shell takes it', () => {
    const screen = createScreen({ columns: 80, rows: 24 });
    const commands = rabbitmqadmin(topology, 'production');
    showCommands(commands, screen.terminal);
    expect(screen.widest).toBeLessThanOrEqual(80);
    const joined = screen.text().join('\n').replaceAll(' \\\n ', '');
    expect(joined).toBe(commands.map((words) => words.join(' ')).join('\n'));
  });
});

test.each([
  ['worker.juicer', 'worker.juicer', true],
  ['worker.*', 'worker.juicer', true],
  ['*', 'worker.juicer', false],
  ['#', 'worker.juicer', true],
  ['worker.#', 'worker', true],
  ['#.juicer', 'worker.juicer', true],
  ['worker.*.#', 'worker', false],
  ['worker.noop', 'worker.juicer', false],
])('the key %s takes messages with the key %s: %s', (pattern, key, taken) => {
  expect(matches(pattern, key)).toBe(taken);
});

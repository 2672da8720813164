// `needful bindings` without a broker: what it prints, and which keys a binding takes.
import { describe, expect, test } from 'vitest';
import { matches } from '../../src/cli/bindings/management.js';
import { called } from './in-process.js';
import { json } from './needful.js';

const juicers = ['juicer', 'secretjuice'] as const;
const example = (name: string) => ['examples/promoter.ts', '--worker-config', `examples/${name}.json`];

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

import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { called } from './in-process.js';
import { build, file, json, needful } from './needful.js';

beforeAll(build);

describe('help', () => {
  test('lists commands and exit codes, and ends with an example', async () => {
    const { code, stdout } = await needful(['--help']);
    expect(code).toBe(0);
    for (const word of [
      'run',
      'send',
      'release',
      'bindings',
      'graph',
      'verify',
      'config',
      'demo',
      '69',
      '70',
      '75',
      '77',
      '78',
      '130',
      '143',
    ])
      expect(stdout).toContain(word);
    expect(stdout).toMatch(/Example:\n {2}\$ needful send .+\n$/);
  });

  test.each(['run', 'send', 'release', 'bindings', 'graph', 'verify', 'config', 'demo'])(
    '%s --help ends with an example of its own',
    async (command) => {
      const { code, stdout } = await called([command, '--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`Example:\n {2}\\$ needful ${command}.*\n$`));
      for (const line of stdout.split('\n').slice(0, -2)) expect(line.length).toBeLessThanOrEqual(80);
    },
  );

  test.each([
    ['send', 'amqp://user:password@host:port/vhost'],
    ['bindings', 'http://user:password@host:15672'],
    ['config', 'amqp://guest:guest@localhost'],
  ])('%s --help shows addresses as they are to be written', async (command, address) => {
    const { stdout } = await needful([command, '--help']);
    expect(stdout.replace(/\s+/g, ' ')).toContain(address);
    expect(stdout).not.toContain('[redacted]');
  });

  test('--version prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect((await needful(['--version'])).stdout).toBe(`${version}\n`);
  });

  test('--help loads neither amqplib nor jiti, yaml, pino', async () => {
    const { stderr } = await needful(['--help'], {
      env: { NODE_OPTIONS: `--require ${file('say-what-is-loaded.cjs')}` },
    });
    expect(stderr).toContain('commander');
    expect(stderr).not.toMatch(/node_modules\/(amqplib|jiti|yaml|pino)/);
  });
});

describe('a command line that cannot be understood', () => {
  test.each([
    [['rum'], /unknown command 'rum'.*did you mean run/i],
    [['run'], /missing required argument 'worker'/],
    [['run', 'noop', '--jsn'], /unknown option '--jsn'.*--json/],
    [['run', 'noop', '--concurrency', '0'], /whole number from 1/],
    [['run', 'noop', '--log-level', 'loud'], /debug, info, warn/],
    [['run', 'nop'], /noop, sleep, httprequest.*Did you mean noop\?/],
    [['send', 'noop:X', '--param', 'x'], /name=value/],
    [['send', 'noop:X', '--param', 'x=1', '--param', 'x=2'], /given before/],
    [['send', 'noop:X', '--deadline', 'soon'], /seconds/],
    [['send', ':X', '--with', 'noop'], /WORKER:STEP/],
    [['send', 'noop:X', '--amqp', 'amqp://a', '--mq-config', 'b'], /--amqp and --mq-config/],
    [['send', 'noop:X', '--amqp', 'amqp://a', '--with', 'noop'], /not both/],
    [['send', 'noop:X', '--worker-config', 'a.json'], /needs --with/],
    [['bindings', 'noop', '--check', '--declare'], /give one of them/],
    [['bindings', 'noop', '--check', '--format', 'definitions'], /only prints/],
    [['bindings', 'noop', '--management', 'http://a'], /asked by --check and --declare/],
    [['bindings', '--declare'], /for whom/],
    [['bindings', 'noop', 'sleep', '--queue', 'x'], /--queue is for one worker/],
    [
      ['bindings', 'noop', 'sleep', '--worker-config', 'examples/juicer.json'],
      /--worker-config is for one worker/,
    ],
    [['bindings', 'noop', 'noop'], /noop was given twice/],
    [['bindings', 'noop', 'sleep', '--key', 'x'], /for one queue/],
    [['bindings', 'nop'], /Did you mean noop\?/],
    [['verify'], /--queue worker\.sleep/],
    [['verify', '--queue', 'x'], /--step WORKER:STEP, as sleep:Seconds, got none/],
    [['verify', '--queue', 'x', '--step', ':B'], /--step WORKER:STEP.*got ":B"/],
    [
      ['verify', '--queue', 'x', '--step', 'a:B', '--invalid-param', 'x'],
      /--invalid-param: expected name=value/,
    ],
  ])('%j is refused with exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await called(args);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^needful: (USAGE|WORKER_UNKNOWN): .+\n.+\n$/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  test('without a command the help is shown, with exit code 2', async () => {
    const { code, stderr } = await needful([]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^Usage: needful/);
  });

  test('with --json the error is one object on stdout too', async () => {
    const { code, lines } = await needful(['run', '--json']);
    expect(code).toBe(2);
    expect(lines).toHaveLength(1);
    expect(json(lines[0])).toMatchObject({ type: 'error', code: 'USAGE', exit: 2 });
  });
});

describe('no broker', () => {
  test('an address where nobody listens is exit code 69, without a stack', async () => {
    const { code, stderr } = await needful(['send', 'noop:X', '--amqp', 'amqp://127.0.0.1:1']);
    expect(code).toBe(69);
    expect(stderr).toMatch(/^needful: BROKER_UNREACHABLE: No broker answers at 127\.0\.0\.1:1/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('verify ends with 69, too, where no broker answers', async () => {
    const { code, stdout } = await called([
      ...['verify', '--queue', 'x', '--step', 'a:B', '--amqp', 'amqp://127.0.0.1:1'],
    ]);
    expect({ code, stdout }).toEqual({ code: 69, stdout: '' });
  });

  test('the default address names both remedies', async (context) => {
    if (await somebodyListens(5672))
      return context.skip('a broker listens on the default port of this machine');
    for (const args of [
      ['run', 'noop'],
      ['send', 'noop:X'],
    ]) {
      const { code, stderr } = await needful(args);
      expect(code).toBe(69);
      expect(stderr).toMatch(/--amqp URL.*NEEDFUL_AMQP_URL.*send WORKER:STEP --with/);
    }
  });

  test('an address that cannot be read says where it came from, and no secret', async () => {
    const { code, stderr } = await needful(['send', 'noop:X'], {
      env: { AMQP_URL: 'http://me:secret@host' },
    });
    expect(code).toBe(78);
    expect(stderr).toMatch(/^needful: ADDRESS_INVALID: AMQP_URL: /);
    expect(stderr).not.toContain('secret');
  });
});

function somebodyListens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(true));
    server.listen(port, () => server.close(() => resolve(false)));
  });
}

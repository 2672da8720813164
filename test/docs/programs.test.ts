// Every program of examples/, which is the code that the pages print, run as its users run it: built, with plain Node.
import { execFile, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { build } from '../cli/needful.js';
import { describeRabbitMQ } from '../rabbitmq.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = async (name: string, env: Record<string, string> = {}) => {
  const file = `dist/examples/${name}.js`;
  const { stdout } = await promisify(execFile)(process.execPath, [file], {
    cwd: root,
    env: { ...process.env, ...env },
  });
  return stdout;
};

/** What each prints; a worker's file prints nothing, `needful` runs it. */
const printed: Record<string, RegExp> = {
  greet:
    /^listening -> received\n[\s\S]*\{ status: 'completed', data: 'Hello, world!' \}\nlistening -> stopped\n$/,
  'two-lanes': /worker initializing -> connecting start\n[\s\S]*true\n0\n$/,
  adder: /^$/,
  arrival: /^$/,
  'arrival-machine': /^$/,
  'check-recording': /^greeter: a path of the machine, \d+ transitions, \d+ of lanes and machines\n$/,
  deploy: /^$/,
  draw: /^verified: reply \(.*\n[\s\S]*\napproval: 60000 \(Somebody must say yes\.\)\nstateDiagram-v2\n/,
  greeter: /^$/,
  promoter: /^$/,
  approval: /^$/,
  'dry-run': /^$/,
  'xstate-inspector': /"@xstate\.actor"[\s\S]*doingTheNeedful[\s\S]*completed/,
  silent: /^$/,
  'every-path': /\n# fail 0\n/,
  'step-alone': /pass 4\n(.*\n)?.*fail 0\n/,
  uploader: /^$/,
};

beforeAll(build, 60_000);

describe('programs of the documentation', () => {
  const names = readdirSync(`${root}examples`)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.replace('.ts', ''));

  it('are all tested', () => {
    // test/worker/approval.test.ts runs the two of the approval, side by side.
    const others = ['on-rabbitmq', 'approval-on-rabbitmq', 'approve', 'stop-on-signal'];
    expect(names.sort()).toEqual([...Object.keys(printed), ...others].sort());
  });

  it.each(Object.entries(printed))('%s prints what it says', async (name, expected) => {
    expect(await run(name)).toMatch(expected);
  });
});

describeRabbitMQ('programs of the documentation on RabbitMQ', ({ url }) => {
  it('on-rabbitmq listens on the queue that it declares', async () => {
    expect(await run('on-rabbitmq', { AMQP_URL: url })).toBe('listening.flowing worker.greeter\n');
  });

  it('stop-on-signal drains on SIGTERM and exits with 0', async () => {
    const program = spawn(process.execPath, ['dist/examples/stop-on-signal.js'], {
      cwd: root,
      env: { ...process.env, AMQP_URL: url },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = new Promise((resolve) => program.once('exit', resolve));
    await new Promise((resolve) => program.stdout.once('data', resolve));
    program.kill('SIGTERM');
    expect(await exit).toBe(0);
  });
});

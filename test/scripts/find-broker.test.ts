// Where a broker is looked for, and what a test file says without one: run as a vitest of its own, once as in CI.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { findBroker } from '../../scripts/broker.js';

const root = new URL('../..', import.meta.url);

describe('findBroker', () => {
  it('takes AMQP_URL before anything on this machine', async () => {
    expect(await findBroker({ AMQP_URL: 'amqp://a' })).toEqual({ kind: 'external', url: 'amqp://a' });
  });

  it('takes an empty AMQP_URL for none', async () => {
    expect((await findBroker({ AMQP_URL: '' })).kind).not.toBe('external');
  });

  it('says reason and remedy where nothing is to be had, although there is an AMQP_URL', async () => {
    const found = await findBroker({ AMQP_URL: 'amqp://a', NEEDFUL_TEST_BROKER: 'none' });
    expect(found).toMatchObject({
      kind: 'none',
      reason: expect.any(String),
      remedy: expect.stringContaining('AMQP_URL'),
    });
  });

  it('names the ways that NEEDFUL_TEST_BROKER knows', async () => {
    const found = await findBroker({ NEEDFUL_TEST_BROKER: 'podman' });
    expect(found).toMatchObject({
      kind: 'none',
      reason: expect.stringContaining('node, install, docker, none'),
    });
  });
});

describe('without a broker', () => {
  it('tests are skipped, with reason and remedy in their name', async () => {
    const { code, report } = await runFixture({ CI: '' });
    expect(code).toBe(0);
    expect(report).toMatchObject({ numPassedTests: 0, numFailedTests: 0, numPendingTests: 2 });
    const names = report.testResults.flatMap((file) =>
      file.assertionResults.map((result) => result.fullName),
    );
    for (const name of names)
      expect(name).toMatch(/\[skipped: .*NEEDFUL_TEST_BROKER=none.*Remedy: set AMQP_URL/);
  });

  it('CI=true makes it a failure of each such suite, with reason and remedy', async () => {
    const { code, report } = await runFixture({ CI: 'true' });
    expect(code).toBe(1);
    expect(report).toMatchObject({ numPassedTests: 0, numFailedTests: 2, numPendingTests: 2 });
    const messages = report.testResults.flatMap((file) =>
      file.assertionResults.flatMap((result) => result.failureMessages),
    );
    for (const message of messages) expect(message).toMatch(/NEEDFUL_TEST_BROKER=none.*Remedy: set AMQP_URL/);
  });
});

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

async function runFixture(env: NodeJS.ProcessEnv): Promise<{ code: number; report: Report }> {
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'test/scripts/no-broker/vitest.config.ts',
  ];
  const run = promisify(execFile)(process.execPath, args, {
    cwd: root,
    env: { ...process.env, AMQP_URL: '', NEEDFUL_TEST_BROKER: 'none', NEEDFUL_TEST_REPORT: '', ...env },
  });
  const { code, stdout } = await run.then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string }) => error,
  );
  return { code, report: JSON.parse(stdout) };
}

// What the command says when its worker cannot reach the broker: the exit code, one line of error and one of what to do,
// no stack, no password.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  badAddresses,
  faultsOfRabbitMQ,
  faultsWithoutBroker,
  named,
  password,
  type StartingFault,
} from '../adapters/amqp/faults-of-starting.js';
import { describeRabbitMQ } from '../rabbitmq.js';
import { build, endAll, json, needful, type Result } from './needful.js';

const ends: (() => unknown)[] = [];
let folder = '';
beforeAll(async () => {
  await build();
  folder = await mkdtemp(join(tmpdir(), 'needful-'));
});
afterAll(async () => {
  endAll();
  for (const end of ends.splice(0).reverse()) await end();
  await rm(folder, { recursive: true });
});

async function run(url: string, env: Record<string, string> = {}): Promise<Result> {
  return needful(['run', 'noop', '--declare', '--json', '--amqp', url], {
    env: { NEEDFUL_CONNECT_DEADLINE_MS: '0', ...env },
  });
}

function judge(result: Result, { code, exit, says }: Pick<StartingFault, 'code' | 'exit' | 'says'>): void {
  const { stdout, stderr, lines } = result;
  const [error = '', remedy = '', ...rest] = stderr.split('\n');
  expect(error).toMatch(new RegExp(`^needful: ${code}: `));
  expect(error).toMatch(says);
  expect(remedy).toMatch(/^[A-Z`].*[.)]$/);
  expect(rest).toEqual(['']);
  expect(result.code).toBe(exit);
  expect(json(lines.at(-1))).toMatchObject({ type: 'error', code, exit, remedy });
  for (const secret of [password, encodeURIComponent(password), btoa(password)])
    expect(stdout + stderr).not.toContain(secret);
}

async function start(fault: StartingFault, rabbit = ''): Promise<void> {
  const { url, ca } = await fault.make(rabbit, ends);
  const file = join(folder, 'authority.pem');
  if (ca !== undefined) await writeFile(file, ca);
  judge(await run(url, ca === undefined ? {} : { NODE_EXTRA_CA_CERTS: file }), fault);
}

const quick = faultsWithoutBroker.filter(({ slow }) => !slow);
const slow = faultsWithoutBroker.filter((fault) => fault.slow);
test.each(named(quick))('%s: exit code, and what to do', (_, fault) => start(fault));
test.concurrent.each(named(slow))('%s: exit code, and what to do', (_, fault) => start(fault));

test.each(badAddresses)('%s: exit code, and what to do', async (_, url, says) => {
  judge(await run(url), { code: 'ADDRESS_INVALID', exit: 78, says });
});

describeRabbitMQ('the command on a RabbitMQ that refuses', ({ url }) => {
  test.each(named(faultsOfRabbitMQ))('%s: exit code, and what to do', (_, fault) => start(fault, url));
});

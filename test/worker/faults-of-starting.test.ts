// What a program sees of a worker that cannot reach its broker: `start` rejects, `ended` settles, and nothing says the
// password. Faults that may pass are tried again until the deadline.
import { inspect } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { createAmqpTransport } from '../../adapters/amqp/index.js';
import { createWorker } from '../../src/worker/create-worker.js';
import {
  badAddresses,
  faultsOfRabbitMQ,
  faultsWithoutBroker,
  named,
  password,
  type StartingFault,
} from '../adapters/amqp/faults-of-starting.js';
import { describeRabbitMQ } from '../rabbitmq.js';
import { holdingWorker, loggerThat } from './stage.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(fault: StartingFault, rabbit = ''): Promise<void> {
  const { url, ca } = await fault.make(rabbit, ends);
  const transport = createAmqpTransport({ url, connectTimeoutMs: 400, ...(ca && { tls: { ca } }) });
  const log: string[] = [];
  const worker = createWorker(holdingWorker().definition, {
    transport,
    topology: 'declare',
    logger: loggerThat((message, fields) => log.push(inspect({ message, ...fields }, { depth: 9 }))),
    ...(fault.passing && { connectDeadlineMs: 300 }),
    random: () => 0.2,
  });
  const route: string[] = [];
  worker.subscribe(({ to }) => route.push(to));
  const error = await worker.start().then(
    () => Promise.reject(new Error('it listens')),
    (reason: unknown) => reason,
  );
  const { code, exit, says, passing } = fault;
  expect(error).toMatchObject({ code, exit, retry: passing, message: expect.stringMatching(says) });
  expect(await worker.ended).toMatchObject({ state: 'faulted', ready: false, error });
  expect(transport.status.phase).toBe('closed');
  expect(route.includes('reconnecting')).toBe(passing && fault.slow === undefined);
  const shown = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error) + log.join();
  for (const secret of [password, encodeURIComponent(password), btoa(password)])
    expect(shown).not.toContain(secret);
}

test.each(named(faultsWithoutBroker))('%s: `start` rejects', (_, fault) => start(fault));

test.each(badAddresses)('%s: the transport is not made', (_, url, says) => {
  let error: unknown;
  try {
    createAmqpTransport({ url });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: 'ADDRESS_INVALID', exit: 78, message: expect.stringMatching(says) });
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(password);
});

describeRabbitMQ('a RabbitMQ that refuses', ({ url }) => {
  test.each(named(faultsOfRabbitMQ))('%s: `start` rejects', (_, fault) => start(fault, url));
});

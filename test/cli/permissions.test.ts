// What a worker may and may not do on RabbitMQ: the least rights it needs, and what it says at its start when one is missing.
import { connect } from 'amqplib';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { describeRabbitMQ } from '../rabbitmq.js';
import { createUser, type Permissions } from '../rabbitmq-user.js';
import { openEngine } from './engine.js';
import { build, endAll, needful, start } from './needful.js';

const checks: Permissions = {
  configure: '^$',
  write: '^(re|amq\\.default)$',
  read: '^worker\\.noop$',
};
const declares: Permissions = {
  configure: '^worker\\.noop$',
  write: '^(re|amq\\.default|worker\\.noop)$',
  read: '^(re|worker\\.noop)$',
};

describeRabbitMQ('the rights of a worker', (broker) => {
  const ends: (() => Promise<unknown>)[] = [];
  beforeAll(build);
  afterEach(async () => {
    endAll();
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function user(permissions: Permissions): Promise<string> {
    const made = await createUser(broker, permissions);
    ends.push(made.remove);
    return made.url;
  }

  /** As an administrator left it. */
  async function prepare(args: { readonly durable?: boolean } = {}) {
    const connection = await connect(broker.url);
    const channel = await connection.createChannel();
    await channel.assertExchange('re', 'topic');
    await channel.deleteQueue('worker.noop');
    await channel.assertQueue('worker.noop', { durable: true, ...args });
    await channel.bindQueue('worker.noop', 're', 'worker.noop');
    ends.push(() => connection.close());
    return channel;
  }

  const run = (url: string, ...more: readonly string[]) => needful(['run', 'noop', '--amqp', url, ...more]);

  async function doesAJob(url: string, ...more: readonly string[]): Promise<void> {
    const worker = start(['run', 'noop', '--json', '--amqp', url, ...more]);
    await worker.line(/"type":"listening"/);
    const engine = await openEngine(broker.url);
    ends.push(() => engine.close());
    expect(await engine.ask('noop:Anything').final).toMatchObject({ status: 'completed' });
    worker.child.kill('SIGTERM');
    expect(await worker.exit).toBe(0);
    expect(worker.stderr()).toBe('');
  }

  test.runIf(broker.private)(
    'to check, consume, reply and send lines suffice where everything is declared',
    async () => {
      await prepare();
      await doesAJob(await user(checks));
    },
  );

  test.runIf(broker.private)('with --declare it needs its queue and the exchange, no more', async () => {
    const channel = await prepare();
    await channel.deleteQueue('worker.noop');
    await doesAJob(await user(declares), '--declare');
  });

  test.runIf(broker.private)('who declares for others needs neither', async () => {
    const channel = await prepare();
    await channel.deleteQueue('worker.noop');
    const operator = await user({ configure: '^worker\\..*$', write: '^worker\\..*$', read: '^re$' });
    const { code } = await needful(['bindings', 'noop', '--declare', '--amqp', operator]);
    expect(code).toBe(0);
    await doesAJob(await user(checks));
  });

  test.runIf(broker.private)(
    'an engine has its own: a queue for replies, and jobs to the exchange',
    async () => {
      await prepare();
      const worker = start(['run', 'noop', '--json', '--amqp', await user(checks)]);
      await worker.line(/"type":"listening"/);
      const engine = await user({ configure: '^amq\\.gen.*$', write: '^re$', read: '^amq\\.gen.*$' });
      const { code, stdout } = await needful(['send', 'noop:Anything', '--amqp', engine]);
      expect(stdout).toMatch(/completed in/);
      expect(code).toBe(0);
    },
  );

  test.runIf(broker.private).each([
    ['checks', checks, 'check'],
    ['declares', declares, 'declare'],
    ['does neither', checks, 'none'],
  ] as const)(
    'a worker that %s and may not reply: exit 77 before it takes a job',
    async (_, rights, topology) => {
      const channel = await prepare();
      channel.publish('re', 'worker.noop', Buffer.from('{}'));
      const url = await user({ ...rights, write: rights.write.replace('amq\\.default', 'nothing') });
      const { code, stderr } = await needful(['run', 'noop', '--amqp', url], {
        env: { NEEDFUL_TOPOLOGY: topology },
      });
      expect(stderr).toMatch(
        /^needful: ACCESS_REFUSED: the broker does not let the worker reply: .* Permit it to write to `amq\.default`\. .*access to exchange 'amq\.default' in vhost .* refused for user 'user-\w+'/,
      );
      expect(code).toBe(77);
      expect(await channel.checkQueue('worker.noop')).toMatchObject({ messageCount: 1 });
    },
  );

  test.runIf(broker.private)('F31 it may not consume its queue: exit 77 at once', async () => {
    await prepare();
    const { code, stderr } = await run(await user({ ...checks, read: '^$' }));
    expect(stderr).toMatch(
      /^needful: ACCESS_REFUSED: .*access to queue 'worker\.noop' in vhost .* refused for user 'user-\w+'/,
    );
    expect(code).toBe(77);
  });

  test.runIf(broker.private)('F31 it may not declare its queue: exit 77 at once', async () => {
    const channel = await prepare();
    await channel.deleteQueue('worker.noop');
    const { code, stderr } = await run(await user(checks), '--declare');
    expect(stderr).toMatch(
      /^needful: ACCESS_REFUSED: Declaring .* was refused: .*refused for user 'user-\w+'/,
    );
    expect(code).toBe(77);
  });

  test('F28 its queue is missing at the start: exit 78, the queue and --declare are named', async () => {
    const channel = await prepare();
    await channel.deleteQueue('worker.noop');
    const { code, stderr } = await run(broker.url);
    expect(stderr).toMatch(/^needful: QUEUE_MISSING: queue worker\.noop does not exist on amqp:.*--declare/);
    expect(code).toBe(78);
  });

  test("F28 its queue is another connection's alone: exit 78, in the broker's words", async () => {
    const channel = await prepare();
    await channel.deleteQueue('worker.noop');
    await channel.assertQueue('worker.noop', { exclusive: true });
    const { code, stderr } = await run(broker.url);
    expect(stderr).toMatch(
      /^needful: \w+: .*RESOURCE_LOCKED - cannot obtain exclusive access to locked queue/,
    );
    expect(code).toBe(78);
    await channel.deleteQueue('worker.noop');
  });

  test("F29 its queue exists with other arguments: exit 78, in the broker's words", async () => {
    await prepare({ durable: false });
    const { code, stderr } = await run(broker.url, '--declare');
    expect(stderr).toMatch(
      /^needful: TOPOLOGY_DIFFERENT: Declaring queue 'worker\.noop' was refused: .*inequivalent arg 'durable'/,
    );
    expect(code).toBe(78);
  });
});

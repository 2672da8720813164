// Section 1.3 of the catalogue, second part: queues, exchanges and permissions that are not there, or not as they must be.
import { expect } from 'vitest';
import { releaseEngine } from '../../src/contract/release-engine.js';
import { type HeldWorker, loss, running, sameChannel } from './ground.js';
import type { RabbitMQGround } from './rabbitmq-ground.js';
import { onBoth, onRabbitMQ, type Story } from './stories.js';

/** What a worker asks for, without its queue's properties. */
const otherQueue = (name: string) => ({
  exchanges: [],
  queues: [{ name, durable: false, arguments: { 'x-expires': 3_600_000 } }],
  bindings: [],
});

const standardTopology = (queueName: string) => releaseEngine.topology(queueName.replace(/^worker\./, ''));

/** The error of a worker that cannot start. */
async function startError(worker: HeldWorker): Promise<unknown> {
  const error = await worker.start().catch((reason: unknown) => reason);
  expect(await worker.ended).toMatchObject({ state: 'faulted', ready: false, error });
  return error;
}

/** RabbitMQ's own words about who may do what, per queue of this ground. */
async function user(
  ground: RabbitMQGround,
  rights: readonly [configure: string, write: string, read: string],
) {
  const name = `user-${ground.queueName}`;
  const bin = (text: string) => `<<"${text.replaceAll('\\', '\\\\')}">>`;
  await ground.evaluate(`rabbit_auth_backend_internal:add_user(${bin(name)}, <<"secret">>, <<"test">>)`);
  const permit = (given: typeof rights) =>
    ground.evaluate(
      `rabbit_auth_backend_internal:set_permissions(${bin(name)}, <<"/">>, ${given.map(bin).join(', ')}, <<"test">>)`,
    );
  await permit(rights);
  const url = new URL(ground.node.broker.url);
  url.username = name;
  url.password = 'secret';
  return { name, permit, amqp: { url: url.href } };
}

export const queueStories: readonly Story[] = [
  onBoth(
    'F27',
    'where it may not be declared: not ready until somebody makes it again, jobs in hand are answered',
    async (ground) => {
      await ground.declare(standardTopology(ground.queueName));
      const worker = await ground.play({}, { topology: 'check' });
      const { job, step } = await running(worker);
      await ground.deleteQueue(worker.queueName);
      await worker.reached('reconnecting', 2);
      await ground.logged('error', /does not listen/, ({ code }) => code === 'QUEUE_MISSING');
      expect(worker.status().ready).toBe(false);
      step.end('meanwhile');
      expect(await job.final()).toMatchObject({ data: 'meanwhile' });
      await ground.declare(standardTopology(ground.queueName));
      await ground.over(worker);
    },
  ),

  onBoth('F28', 'missing at start: faulted, with what to do', async (ground) => {
    await ground.declare({ ...standardTopology('x'), queues: [], bindings: [] });
    expect(await startError(ground.worker({}, { topology: 'check' }))).toMatchObject({
      code: 'QUEUE_MISSING',
      exit: 78,
      message: expect.stringMatching(new RegExp(`${ground.queueName}.*--declare`)),
    });
    expect(await startError(ground.worker({}, { topology: 'none' }))).toMatchObject({
      code: 'QUEUE_MISSING',
      exit: 78,
    });
  }),
  onBoth(
    'F28',
    "another's own or in exclusive use at start: faulted, in the broker's words",
    async (ground) => {
      const topology = standardTopology(ground.queueName);
      await ground.declare({ ...topology, queues: [], bindings: [] });
      const owner = ground.connect('owner');
      await owner.open();
      await owner.declare({
        ...otherQueue(ground.queueName),
        queues: [{ name: ground.queueName, durable: false, exclusive: true }],
      });
      expect(await startError(ground.worker({}, { topology: 'check' }))).toMatchObject({
        code: 'TOPOLOGY_DIFFERENT',
        exit: 78,
        message: expect.stringContaining('RESOURCE_LOCKED'),
      });
      await owner.close();
      await ground.declare(topology);
      await owner.open();
      await owner.consume(ground.queueName, { exclusive: true, onDelivery: () => {} });
      expect(await startError(ground.worker())).toMatchObject({
        code: 'ACCESS_REFUSED',
        exit: 77,
        message: expect.stringContaining('in exclusive use'),
      });
      await owner.close();
    },
  ),

  onBoth('F29', "at start: faulted, in the broker's words, and the queue stays as it is", async (ground) => {
    await ground.declare({ ...standardTopology('x'), queues: [], bindings: [] });
    await ground.declare(otherQueue(ground.queueName));
    expect(await startError(ground.worker())).toMatchObject({
      code: 'TOPOLOGY_DIFFERENT',
      exit: 78,
      message: expect.stringMatching(/inequivalent arg 'durable'/),
    });
    expect(await ground.queue(ground.queueName)).toMatchObject({ consumerCount: 0 });
  }),
  onBoth('F29', 'later: not ready, tried again until somebody puts it right', async (ground) => {
    const worker = await ground.play();
    const lost = loss(worker);
    await ground.deleteQueue(worker.queueName);
    await ground.declare(otherQueue(worker.queueName));
    await lost;
    await ground.logged('error', /does not listen/, ({ code }) => code === 'TOPOLOGY_DIFFERENT');
    expect(worker.status()).toMatchObject({ ready: false });
    await ground.deleteQueue(worker.queueName);
    await ground.over(worker);
  }),

  onBoth(
    'F30',
    'lines and notifications on a channel of their own are lost, and the log says so',
    async (ground) => {
      const worker = await ground.play({}, { notificationExchange: 'no-such-exchange' });
      const { job, step } = await running(worker, { notify: { soon: { irc: ['#ops'] } } });
      step.context.notify('soon', { slug: 'soon', message: 'soon' });
      await ground.logged('warn', /output lines are lost/, ({ why }) => /no exchange/.test(String(why)));
      step.context.output.info('still here');
      step.end('done');
      expect(await job.final()).toMatchObject({ data: 'done' });
      expect(job.statuses).toEqual(['started', 'completed']);
      expect(worker.route('worker').at(-1)).toBe('listening.flowing');
      sameChannel(worker);
      await ground.over(worker);
    },
  ),

  onRabbitMQ('F31', 'at start: faulted, with user and operation', async (ground) => {
    await ground.declare(standardTopology(ground.queueName));
    const { amqp, name, permit } = await user(ground, ['^$', '.*', '^$']);
    const refused = (words: string) => ({
      code: 'ACCESS_REFUSED',
      exit: 77,
      message: expect.stringMatching(new RegExp(`${words}.*${name}`)),
    });
    expect(await startError(ground.worker({}, { topology: 'check', amqp }))).toMatchObject(
      refused(`access to queue '${ground.queueName}'`),
    );
    expect(await startError(ground.worker({}, { amqp }))).toMatchObject(refused('access to'));
    await permit(['^$', '^$', '.*']);
    expect(await startError(ground.worker({}, { topology: 'check', amqp }))).toMatchObject(
      refused("access to exchange 'amq.default'"),
    );
  }),
  onRabbitMQ('F31', 'later: not ready, tried again until it is given back', async (ground) => {
    await ground.declare(standardTopology(ground.queueName));
    const { amqp, permit } = await user(ground, ['^$', '.*', '.*']);
    const worker = await ground.play({}, { topology: 'check', amqp });
    await permit(['^$', '.*', '^$']);
    await ground.cut(worker.name);
    await ground.logged('error', /does not listen/, ({ code }) => code === 'ACCESS_REFUSED');
    expect(worker.status().ready).toBe(false);
    await permit(['^$', '.*', '.*']);
    await ground.over(worker);
  }),
  onRabbitMQ('F31', 'a password that is changed and changed back is waited for', async (ground) => {
    const { amqp, name } = await user(ground, ['.*', '.*', '.*']);
    const worker = await ground.play({}, { amqp });
    const password = (secret: string) =>
      ground.evaluate(
        `rabbit_auth_backend_internal:change_password(<<"${name}">>, <<"${secret}">>, <<"test">>)`,
      );
    await password('another');
    await ground.cut(worker.name);
    await ground.logged('error', /does not listen/, ({ why }) => /wrong user or password/.test(String(why)));
    expect(worker.status().ready).toBe(false);
    await password('secret');
    await ground.over(worker);
  }),
];

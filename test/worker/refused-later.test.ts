// What was permitted and is no longer: a password that was changed, a right that was withdrawn, while the worker runs. Only
// somebody else can mend it, and may; so the worker tries again, is not ready meanwhile, and logs errors.
import { connect } from 'amqplib';
import { afterEach, expect, test } from 'vitest';
import { createAmqpTransport } from '../../adapters/amqp/index.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { proxy } from '../adapters/amqp/peer.js';
import { Trace } from '../adapters/bus.js';
import { describeRabbitMQ } from '../rabbitmq.js';
import { createUser } from '../rabbitmq-user.js';
import { holdingWorker, loggerThat } from './stage.js';

const rights = { configure: '^worker\\.held$', write: '^(re|amq\\.default|worker\\.held)$', read: '.*' };

describeRabbitMQ('a worker that was permitted once', (broker) => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function listening() {
    const admin = await connect(broker.url);
    ends.push(() => admin.close());
    await (await admin.createChannel()).assertExchange('re', 'topic');
    const user = await createUser(broker, rights);
    ends.push(user.remove);
    const cable = await proxy(new URL(user.url));
    ends.push(cable.close);
    const address = new URL(user.url);
    address.port = String(cable.port);
    const errors = new Trace<unknown>();
    const worker = createWorker(holdingWorker().definition, {
      transport: createAmqpTransport({ url: address.href }),
      topology: 'declare',
      logger: loggerThat((_, { code }) => code !== undefined && errors.add(code)),
      // It does not wait long between its attempts.
      random: () => 0.001,
    });
    ends.push(() => worker.stop());
    const states = new Trace<string>();
    worker.subscribe(({ machine, to }) => machine === 'worker' && states.add(to));
    await worker.start();
    return { worker, user, cable, errors, states };
  }

  const isListening = (state: string) => state === 'listening.flowing';

  test.runIf(broker.private)(
    'F6 a password that was changed: it tries again until the old one is back',
    async () => {
      const { worker, user, cable, errors, states } = await listening();
      await user.changePassword('second');
      cable.reset();
      await errors.first(2, (code) => code === 'ACCESS_REFUSED');
      expect(worker.status()).toMatchObject({ ready: false });
      await user.changePassword('first');
      await states.first(2, isListening);
      expect(worker.status()).toMatchObject({ ready: true });
    },
  );

  test.runIf(broker.private)(
    'F31 a right to reply that was withdrawn: it takes no job until it is back',
    async () => {
      const { worker, user, cable, errors, states } = await listening();
      await user.permit({ ...rights, write: '^(re|worker\\.held)$' });
      cable.reset();
      await errors.first(2, (code) => code === 'ACCESS_REFUSED');
      expect(worker.status()).toMatchObject({ ready: false });
      expect(states.all.filter(isListening)).toHaveLength(1);
      await user.permit(rights);
      await states.first(2, isListening);
      expect(worker.status()).toMatchObject({ ready: true });
    },
  );
});

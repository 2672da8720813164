// Two workers on one queue, on both adapters.
import { connect } from 'amqplib';
import { afterAll, describe, test } from 'vitest';
import { createAmqpTransport } from '../../adapters/amqp/index.js';
import { createMemoryBroker } from '../../adapters/memory/index.js';
import { longJobBesideIdleWorker } from '../adapters/two-consumers.js';
import { describeRabbitMQ } from '../rabbitmq.js';

const sentence =
  'a delivery that waits behind a long job goes back, an idle worker does it, the consumer comes back';

describe('two consumers on the embedded broker', () => {
  test(sentence, async () => {
    const broker = createMemoryBroker();
    await longJobBesideIdleWorker({ connect: () => broker.connect(), unique: (prefix) => prefix });
  });
});

describeRabbitMQ('two consumers on RabbitMQ', ({ url }) => {
  const name = `held-${process.pid}`;

  afterAll(async () => {
    const connection = await connect(url);
    const channel = await connection.createChannel();
    await channel.deleteQueue(`worker.${name}`);
    await connection.close();
  });

  test(sentence, async () => {
    await longJobBesideIdleWorker({ connect: () => createAmqpTransport({ url }), unique: () => name });
  });
});

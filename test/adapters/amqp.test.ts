// The AMQP adapter against the port's promises, on a real RabbitMQ.
import { describePrivateRabbitMQ } from '../private-rabbitmq.js';
import { conformance } from './conformance.js';
import { createRabbitMQHarness } from './rabbitmq-harness.js';

describePrivateRabbitMQ('adapters/amqp', (start) => {
  conformance('RabbitMQ', async () => createRabbitMQHarness(await start()));
});

// Two suites that need a RabbitMQ; see vitest.config.ts beside it.
import { expect, it } from 'vitest';
import { describePrivateRabbitMQ } from '../../private-rabbitmq.js';
import { describeRabbitMQ } from '../../rabbitmq.js';

describeRabbitMQ('a suite on the shared broker', (broker) => {
  it('has a broker', () => expect(broker.available).toBe(true));
});

describePrivateRabbitMQ('a suite that harms its broker', (start) => {
  it('has a way to start one', () => expect(start).toBeTypeOf('function'));
});

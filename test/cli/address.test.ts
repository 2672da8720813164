import { expect, test } from 'vitest';
import { rabbitBus } from '../../src/cli/bus.js';
import { findAddress } from '../../src/cli/settings/address.js';

const all = { NEEDFUL_AMQP_URL: 'amqp://one', AMQP_URL: 'amqp://two', RABBITMQ_URL: 'amqp://three' };

test('a flag wins over the environment', () => {
  expect(findAddress({ amqp: 'amqp://flag' }, { env: all })).toEqual({ url: 'amqp://flag', from: '--amqp' });
  expect(findAddress({ mqConfig: 'mq.json' }, { env: all })).toEqual({
    file: 'mq.json',
    from: '--mq-config',
  });
});

test('the variables are looked at in order; an empty one is none', () => {
  expect(findAddress({}, { env: all })).toEqual({ url: 'amqp://one', from: 'NEEDFUL_AMQP_URL' });
  expect(findAddress({}, { env: { ...all, NEEDFUL_AMQP_URL: '' } })).toEqual({
    url: 'amqp://two',
    from: 'AMQP_URL',
  });
  expect(findAddress({}, { env: { RABBITMQ_URL: 'amqp://three' } })).toEqual({
    url: 'amqp://three',
    from: 'RABBITMQ_URL',
  });
});

test('without any it is amqp://localhost', async () => {
  const bus = await rabbitBus(findAddress({}, { env: {} }));
  expect(bus.isDefault).toBe(true);
  expect(bus.connect('x').status.address).toBe('amqp://guest@localhost:5672/');
});

test('two flags are one too many', () => {
  expect(() => findAddress({ amqp: 'amqp://flag', mqConfig: 'mq.json' }, { env: {} })).toThrow(
    /give one of them/,
  );
});

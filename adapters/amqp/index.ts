// The door of the AMQP adapter: 'needful-worker/amqp'.
export { type BrokerAddress, parseAmqpUrl, printAddress } from './address.js';
export { readMqConfig } from './mq-config.js';
export type { AmqpOptions, TlsOptions } from './options.js';
export { type AmqpTransport, createAmqpTransport } from './transport.js';

export type { MemoryBroker, QueueStatus } from './broker.js';
export { createMemoryBroker } from './broker.js';
export type { BrokerClock } from './clock.js';
export type { BrokerEvent, BrokerObserver, ChannelPurpose } from './tap.js';

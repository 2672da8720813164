export type { MemoryBroker, QueueStatus } from './broker.js';
export { createMemoryBroker } from './broker.js';
export type { BrokerClock } from './clock.js';
export type { Link, LinkWay, SimulatedBroker } from './simulated-broker.js';
export { createSimulatedBroker } from './simulated-broker.js';
export type { BrokerEvent, BrokerObserver, ChannelPurpose, LinkEvent, LinkObserver } from './tap.js';
export type { Scheduler } from './turns.js';

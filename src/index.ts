// The public door: what a program that has workers, or sends them jobs, needs.
export type {
  Client,
  ClientOptions,
  FinalReply,
  JobEvent,
  JobRun,
  OutputLine,
  SendOptions,
} from './client/client.js';
export { createClient } from './client/create-client.js';
export type { Clock } from './clock.js';
export { type ErrorCode, type Issue, NeedfulError, type Problem } from './contract/errors.js';
export type { Job, MessageFormat, Notify, Reply } from './contract/message-format.js';
export { numeric } from './contract/numeric.js';
export { releaseEngine } from './contract/release-engine.js';
export type { Delivery, Transport, TransportEvent, TransportStatus } from './transport.js';
export { defineConfig, type NeedfulConfig } from './worker/config.js';
export { type ConfigurableWorker, configure } from './worker/configure.js';
export { createWorker } from './worker/create-worker.js';
export { defineWorker, step } from './worker/define-worker.js';
export { type Failed, failed, type Output, type StepContext, type Worker } from './worker/definition.js';
export { type Logger, silentLogger } from './worker/logger.js';
export type {
  LaneStatus,
  OutputLevel,
  RunningWorker,
  TransitionRecord,
  WorkerCounts,
  WorkerOptions,
  WorkerStatus,
} from './worker/running-worker.js';

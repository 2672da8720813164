// The public door: what a program that has workers, or sends them jobs, needs.
export { defineFlow } from '../machines/define-flow.js';
export { createJobFlow, type JobFlow, type JobState, jobFlow } from '../machines/job.js';
export type { Acknowledge, JobPolicy } from '../machines/job-policy.js';
export type {
  JobAction,
  JobActor,
  JobDeadline,
  JobEvent as FlowEvent,
  JobGuard,
} from '../machines/job-vocabulary.js';
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
export { outputLines } from './contract/output-lines.js';
export { releaseEngine } from './contract/release-engine.js';
export { redact, rememberSecret } from './contract/secrets.js';
export { checkFlow, flowDefects } from './statechart/check-flow.js';
export { extendFlow } from './statechart/extend-flow.js';
export type { Action, Actor, AnyFlow, Flow, Guard } from './statechart/flow.js';
export type { FlowDefect, FlowDefectCode } from './statechart/flow-defect.js';
export type { LaneView } from './statechart/lane-view.js';
export type { Delivery, Transport, TransportEvent, TransportStatus } from './transport.js';
export { defineConfig, type NeedfulConfig } from './worker/config.js';
export { type ConfigurableWorker, configure } from './worker/configure.js';
export { createWorker } from './worker/create-worker.js';
export type { DeadLetter } from './worker/dead-letter.js';
export { defineWorker, step } from './worker/define-worker.js';
export {
  type Failed,
  failed,
  type Output,
  type Retry,
  type StepContext,
  type Worker,
} from './worker/definition.js';
export { type Logger, silentLogger } from './worker/logger.js';
export { secret } from './worker/marked-secrets.js';
export type {
  EndedWorker,
  LaneStatus,
  OutputLevel,
  RunningWorker,
  TransitionRecord,
  WorkerCounts,
  WorkerOptions,
  WorkerStatus,
} from './worker/running-worker.js';
export type { StepMachine } from './worker/step-machine.js';
export { workerGraph } from './worker/worker-graph.js';

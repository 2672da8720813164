// The machines that Needful runs, as data and as XState machines.
export { defineFlow } from './define-flow.js';
export { createJobFlow, type JobFlow, type JobState, jobFlow } from './job.js';
export { createJobMachine, type JobRuntime } from './job-machine.js';
export { type JobContext, type JobHistory, noJob, type ParsedJob } from './job-outcome.js';
export type { Acknowledge, JobPolicy } from './job-policy.js';
export {
  type JobAction,
  type JobActor,
  type JobDeadline,
  type JobEvent,
  type JobGuard,
  jobVocabulary,
} from './job-vocabulary.js';
export { laneSetup } from './lane-setup.js';
export {
  type ReleaseContext,
  type ReleaseDeadline,
  type ReleaseEngineEvent,
  type ReleaseOutcome,
  releaseMachine,
} from './release.js';
export { type WorkerContext, type WorkerEvent, workerMachine } from './worker.js';

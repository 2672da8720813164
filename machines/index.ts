// The machines that Needful runs, as data and as XState machines.
export {
  createJobMachine,
  type JobAction,
  type JobActor,
  type JobContext,
  type JobDeadline,
  type JobEvent,
  type JobFlow,
  type JobGuard,
  type JobRuntime,
  type JobState,
  jobFlow,
  type ParsedJob,
} from './job.js';
export {
  type ReleaseContext,
  type ReleaseDeadline,
  type ReleaseEngineEvent,
  type ReleaseOutcome,
  releaseMachine,
} from './release.js';
export { type WorkerContext, type WorkerEvent, workerMachine } from './worker.js';

// The door `needful-worker/testing`.
export { type Check, type CheckGroup, type Checks, type ChecksOptions, checksOf } from './checks.js';
export {
  type Coverage,
  type CoverItem,
  type CoverPath,
  type CoverStatus,
  coverage,
  coverageText,
  coverFlow,
} from './cover/index.js';
export { type FaultName, faultNames } from './paths/faults.js';
export {
  type CheckedRecording,
  checkRecording,
  type Divergence,
  type RecordedLine,
  type Recording,
  readRecording,
  recordingLines,
} from './recording/index.js';
export { runStep, type StepGiven, type StepOutcome } from './run-step.js';
export { createSimulatedClock, type SimulatedClock } from './simulated-clock.js';
export { type RegisterTest, replayWalk, type TestWorkerOptions, testWorker } from './test-worker.js';
export {
  type JobValues,
  type SchemaValues,
  type StepExamples,
  stepValues,
  type ValuesOptions,
  valuesOf,
} from './values/index.js';

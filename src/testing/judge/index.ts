// The door of the judge: for needful-worker/testing and the command line.
export type { CaseOptions } from './cases.js';
export { type Finding, type JudgeCode, judgeCodes, type Severity } from './codes.js';
export {
  type Check,
  type Judgement,
  type JudgeOptions,
  judgeWorker,
  type QueueLook,
} from './judge-worker.js';

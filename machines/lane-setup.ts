// For those who draw a flow with XState itself: the names of the runtime as XState's `setup` wants them. The functions are
// stand-ins; the runtime puts its own in their place.
import type { JobContext } from './job-outcome.js';
import type { JobAction, JobEvent, JobGuard } from './job-vocabulary.js';

type Stand = (args: unknown, params?: { readonly data?: unknown }) => void;

const stand: Stand = () => {};
const actions: Readonly<Record<JobAction, Stand>> = {
  take: stand,
  parse: stand,
  keepOutcome: stand,
  keepUnknown: stand,
  keepProblem: stand,
  refuse: stand,
  complete: stand,
  forget: stand,
  rest: stand,
  acknowledge: stand,
  reportStarted: stand,
  reportInvalid: stand,
  reportCompleted: stand,
  reportFailed: stand,
  recordUnknown: stand,
  recordUnanswered: stand,
  recordLost: stand,
  giveBack: stand,
};
const guards: Readonly<Record<JobGuard, () => boolean>> = {
  isValid: () => true,
  isInvalid: () => false,
  hasCompleted: () => true,
};

/** `setup({ ...laneSetup, actions: { ...laneSetup.actions, mine } }).createMachine({ context: noJob, … })`. */
export const laneSetup = { types: {} as { context: JobContext; events: JobEvent }, actions, guards };

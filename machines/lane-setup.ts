// For those who draw a flow with XState itself: the names of the runtime as XState's `setup` wants them. The functions are
// stand-ins; the runtime puts its own in their place.
import type { JobContext } from './job-outcome.js';
import { type JobAction, type JobEvent, type JobGuard, jobVocabulary } from './job-vocabulary.js';

type Stand = (args: unknown, params?: { readonly data?: unknown }) => void;

const stand: Stand = () => {};
const actions = Object.fromEntries(
  Object.keys(jobVocabulary.actions).map((name) => [name, stand]),
) as Readonly<Record<JobAction, Stand>>;
const guards = Object.fromEntries(
  Object.keys(jobVocabulary.guards).map((name) => [name, () => true]),
) as Readonly<Record<JobGuard, () => boolean>>;

/** `setup({ ...laneSetup, actions: { ...laneSetup.actions, mine } }).createMachine({ context: noJob, … })`. */
export const laneSetup = { types: {} as { context: JobContext; events: JobEvent }, actions, guards };

// What a lane has to know of the flow that its worker runs, whatever that was given as.
import type { AnyStateMachine } from 'xstate';
import { createJobMachine, type JobRuntime } from '../../machines/job-machine.js';
import { jobVocabulary } from '../../machines/job-vocabulary.js';
import { NeedfulError } from '../contract/errors.js';
import { nearest } from '../contract/nearest.js';
import { type AnyMachine, eventsOf, isMachine, machineStates } from '../statechart/embed-machine.js';
import { type Actor, type AnyFlow, type AnyState, type Flow, isIdle } from '../statechart/flow.js';
import type { StepJob } from './parse-job.js';

export interface LaneFlow {
  /** Where a lane begins: the state in which it waits for jobs. */
  readonly initial: string;
  /** The lane can be given a job in this state. */
  isIdle(state: string): boolean;
  /** By name or in milliseconds. */
  deadlineOf(state: string): string | number | undefined;
  /** Events beyond those of the runtime. */
  readonly events: readonly string[];
  /** false: no job is ever answered. */
  readonly replies: boolean;
  readonly actors: Readonly<Record<string, Actor | undefined>>;
  /** Functions that the flow brings along, not yet wrapped. */
  readonly functions: Pick<Flow, 'actions' | 'guards'>;
  machine(runtime: JobRuntime<StepJob>): AnyStateMachine;
}

export function laneFlow(given: AnyFlow | AnyMachine): LaneFlow {
  const flow: Partial<Flow> = isMachine(given) ? { events: eventsOf(given) } : (given as Flow);
  const states = isMachine(given)
    ? machineStates(given)
    : new Map(Object.entries<AnyState>((given as Flow).states));
  const idle = new Set([...states].flatMap(([name, state]) => (isIdle(state) ? [name] : [])));
  return {
    initial: flow.initial ?? [...idle][0] ?? '',
    isIdle: (state) => idle.has(state),
    deadlineOf: (state) => states.get(state)?.deadline,
    events: flow.events ?? [],
    replies: flow.replies !== 'none',
    actors: flow.actors ?? {},
    functions: flow,
    machine: (runtime) => createJobMachine(runtime, given),
  };
}

/** An event that comes from outside the runtime: one of the flow's own, or `cancel`. Throws OPTION_INVALID. */
export function checkOwnEvent(flow: LaneFlow, event: { readonly type: string }): void {
  const type: unknown = event?.type;
  const known = [...flow.events.filter((name) => !jobVocabulary.events.includes(name)), 'cancel'];
  if (typeof type === 'string' && known.includes(type)) return;
  const near = nearest(String(type), known);
  const text = near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`;
  throw new NeedfulError(
    'OPTION_INVALID',
    `"${String(type)}" is no event that the flow has of its own, ${text}`,
  );
}

const finalReplies = ['completed', 'failed', 'invalid'] as const;

/** Jobs that end in a state of this name are counted by it. In a flow that replies it sends the final reply. */
export const isFinalReply = (state: string): state is (typeof finalReplies)[number] =>
  finalReplies.includes(state as never);

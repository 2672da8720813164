// What a lane has to know of the flow that its worker runs, whatever that was given as.
import type { AnyStateMachine } from 'xstate';
import { createJobMachine, type JobRuntime } from '../../machines/job-machine.js';
import { NeedfulError } from '../contract/errors.js';
import { nearest } from '../contract/nearest.js';
import { type Actor, type AnyFlow, type Flow, isIdle } from '../statechart/flow.js';
import type { StepJob } from './parse-job.js';

export interface LaneFlow {
  readonly initial: string;
  /** The lane can be given a job in this state. */
  isIdle(state: string): boolean;
  /** By name or in milliseconds. */
  deadlineOf(state: string): string | number | undefined;
  /** Events beyond those of the runtime. */
  readonly events: readonly string[];
  readonly actors: Readonly<Record<string, Actor | undefined>>;
  /** Functions that the flow brings along, not yet wrapped. */
  readonly functions: Pick<Flow, 'actions' | 'guards'>;
  machine(runtime: JobRuntime<StepJob>): AnyStateMachine;
}

export function laneFlow(given: AnyFlow): LaneFlow {
  const flow = given as Flow;
  const idle = new Set(
    Object.keys(flow.states).filter((name) => isIdle(flow.states[name] ?? { description: '' })),
  );
  return {
    initial: flow.initial,
    isIdle: (state) => idle.has(state),
    deadlineOf: (state) => flow.states[state]?.deadline,
    events: flow.events ?? [],
    actors: flow.actors ?? {},
    functions: flow,
    machine: (runtime) => createJobMachine(runtime, flow),
  };
}

/** An event that comes from outside the runtime: one of the flow's own, or `cancel`. Throws OPTION_INVALID. */
export function checkOwnEvent(flow: LaneFlow, event: { readonly type: string }): void {
  const type: unknown = event?.type;
  const known = [...flow.events, 'cancel'];
  if (typeof type === 'string' && known.includes(type)) return;
  const near = nearest(String(type), known);
  const text = near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`;
  throw new NeedfulError(
    'OPTION_INVALID',
    `"${String(type)}" is no event that the flow has of its own, ${text}`,
  );
}

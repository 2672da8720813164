// The flow of a worker as a model: the very machine, but without any runtime. It is told what a lane is told and says which
// states a lane must come to. Pure.
import {
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  initialTransition,
  transition,
} from 'xstate';
import type { JobContext } from '../../../machines/job-outcome.js';
import { internal } from '../../statechart/machine.js';
import type { Worker } from '../../worker/definition.js';
import { laneFlow } from '../../worker/lane-flow.js';
import { laneView } from '../../worker/lane-view.js';
import { silentLogger } from '../../worker/logger.js';
import { wrapOwnCode } from '../../worker/own-code.js';
import type { StepJob } from '../../worker/parse-job.js';

/** Where a lane is, and what it has on its way. */
export interface Situation {
  readonly state: string;
  readonly context: JobContext;
  /** What awaits a confirm. */
  readonly awaits: 'reply' | 'letter' | null;
  /** A step, or another actor of the flow, runs. */
  readonly runs: boolean;
  /** The delivery in hand belongs to the broker still. */
  readonly unsettled: boolean;
  /** It can be given a job. */
  readonly idle: boolean;
  readonly ended: boolean;
  readonly snapshot: AnyMachineSnapshot;
}

export interface Move {
  readonly from: string;
  readonly to: string;
  readonly event: string;
}

export interface Model {
  readonly begin: Situation;
  /** Events that the flow answers in this situation. */
  answers(situation: Situation, event: AnyEventObject): boolean;
  /** What the event leads to, and every state that is come to on the way. */
  next(
    situation: Situation,
    event: AnyEventObject,
  ): { readonly situation: Situation; readonly moves: readonly Move[] };
}

export type Parse = (delivery: never) => StepJob;

const entering = `${internal}enter.`;

export function createModel(worker: Worker, parse: Parse): Model {
  const flow = laneFlow(worker.flow);
  const { guards } = wrapOwnCode(flow, {
    view: (context) => {
      const facts = {
        lane: 0,
        worker: worker.name,
        state: '',
        correlationId: null,
        step: context.parsed?.step ?? null,
      };
      return laneView(facts, { context, output: null, logger: silentLogger });
    },
    delivery: () => null,
    onThrow: () => {},
  });
  const nothing = () => {};
  const machine: AnyStateMachine = flow.machine({
    parse: parse as never,
    effects: {},
    entered: nothing,
    start: nothing,
    abort: nothing,
    own: { actions: {}, guards },
  });
  const situate = (
    snapshot: AnyMachineSnapshot,
    awaits: Situation['awaits'],
    unsettled: boolean,
  ): Situation => {
    const state = String(snapshot.value);
    const node = machine.root.states[state];
    return {
      state,
      context: snapshot.context as JobContext,
      awaits,
      runs: node?.meta?.run !== undefined,
      unsettled,
      idle: flow.isIdle(state),
      ended: snapshot.status !== 'active',
      snapshot,
    };
  };
  return {
    begin: situate(initialTransition(machine)[0] as AnyMachineSnapshot, null, false),
    answers: ({ snapshot }, event) => snapshot.can(event),
    next(before, event) {
      const [after, actions] = transition(machine, before.snapshot as never, event) as unknown as [
        AnyMachineSnapshot,
        readonly { readonly type: string }[],
      ];
      const moves: Move[] = [];
      let { awaits, unsettled, state } = before;
      for (const { type } of actions) {
        if (type.startsWith(entering)) {
          const to = type.slice(entering.length);
          moves.push({ from: state, to, event: event.type });
          state = to;
          awaits = null;
        } else if (/^report[A-Z]/.test(type)) awaits = 'reply';
        else if (type === 'deadLetter') awaits = 'letter';
        else if (type === 'acknowledge' || type === 'reject' || type === 'giveBack') unsettled = false;
      }
      if (event.type === 'delivery.received' && before.idle) unsettled = !actions.some(isSettling);
      if (event.type === 'delivery.lost' || flow.isIdle(state)) unsettled = false;
      return { situation: situate(after, awaits, unsettled), moves };
    },
  };
}

const isSettling = ({ type }: { readonly type: string }) => type === 'acknowledge' || type === 'reject';

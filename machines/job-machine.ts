// The machine of one lane: any flow of a job, with the functions behind its names. What a user's flow brings along comes
// wrapped by the runtime; under a name of the runtime a guard narrows and an action comes behind what the runtime does.
import type { AnyEventObject, AnyStateMachine } from 'xstate';
import type { Received } from '../src/contract/message.js';
import { type AnyMachine, embedMachine, isMachine, machineStates } from '../src/statechart/embed-machine.js';
import type { AnyFlow, Flow } from '../src/statechart/flow.js';
import {
  createFlowMachine,
  type EffectScope,
  type Implementations,
  lowered,
} from '../src/statechart/machine.js';
import { jobFlow } from './job.js';
import { type JobContext, jobGuards, jobUpdates, noJob, type ParsedJob } from './job-outcome.js';

type Effects<P extends ParsedJob> = Implementations<JobContext<P>, string, string, string>;

/** What a runtime gives: the pure `parse`, and the effects by name. */
export interface JobRuntime<P extends ParsedJob>
  extends Pick<Effects<P>, 'effects' | 'entered' | 'start' | 'abort' | 'threw'> {
  readonly parse: (delivery: Received) => P;
  /** Functions of the flow's own, ready to be called. */
  readonly own?: {
    readonly actions: Readonly<Record<string, (scope: EffectScope<JobContext<P>>) => void>>;
    readonly guards: Readonly<Record<string, (context: JobContext<P>, event: AnyEventObject) => boolean>>;
  };
}

/** The machine of one lane. */
export function createJobMachine<P extends ParsedJob>(
  runtime: JobRuntime<P>,
  flow: AnyFlow | AnyMachine = jobFlow,
): AnyStateMachine {
  const { parse, own, effects, ...rest } = runtime;
  const implementations: Effects<P> = {
    updates: {
      ...(jobUpdates as unknown as Effects<P>['updates']),
      parse: ({ delivery }) => (delivery === null ? {} : { parsed: parse(delivery) }),
    },
    guards: { ...jobGuards, ...narrowing(own?.guards) },
    effects: { ...effects, ...behind(effects, own?.actions) },
    ...rest,
  };
  if (!isMachine(flow)) return createFlowMachine(flow as Flow, noJob as JobContext<P>, implementations);
  return embedMachine(flow, noJob).provide(lowered(implementations, machineStates(flow)) as never);
}

type Holds<P extends ParsedJob> = (context: JobContext<P>, event: AnyEventObject) => boolean;

/** Own guards; one that has a name of the runtime holds only where the runtime's does, which the promises rest on. */
function narrowing<P extends ParsedJob>(own: Readonly<Record<string, Holds<P>>> = {}): typeof own {
  const entries = Object.entries(own).map(([name, guard]): [string, Holds<P>] => {
    const given = (jobGuards as Readonly<Record<string, Holds<P> | undefined>>)[name];
    return [
      name,
      given === undefined ? guard : (context, event) => given(context, event) && guard(context, event),
    ];
  });
  return Object.fromEntries(entries);
}

type Effect<P extends ParsedJob> = (scope: EffectScope<JobContext<P>>) => void;

/** Own actions; one that has a name of the runtime comes after what the runtime does. */
function behind<P extends ParsedJob>(
  effects: Effects<P>['effects'],
  own: Readonly<Record<string, Effect<P>>> = {},
): Record<string, Effect<P>> {
  return Object.fromEntries(
    Object.entries(own).map(([name, action]) => {
      const effect = effects[name];
      const both: Effect<P> = (scope) => {
        effect?.(scope);
        action(scope);
      };
      return [name, effect === undefined ? action : both];
    }),
  );
}

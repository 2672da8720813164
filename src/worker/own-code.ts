// Functions that a flow brings along never run bare inside its machine: a throwing action would end the lane, a throwing
// guard too. What they throw is logged; an action's throw is `step.failed`, a guard's is false.

import type { JobRuntime } from '../../machines/job-machine.js';
import type { JobContext } from '../../machines/job-outcome.js';
import { problem, wordsOf } from '../contract/problem.js';
import type { LaneView } from '../statechart/lane-view.js';
import { checkOwnEvent, type LaneFlow } from './lane-flow.js';
import type { StepJob } from './parse-job.js';

type Context = JobContext<StepJob>;

export interface OwnCodeHost {
  readonly view: (context: Context) => LaneView;
  /** The delivery in hand: what an action of an earlier job sends late is dropped. */
  readonly delivery: () => unknown;
  readonly onThrow: (error: unknown, what: string) => void;
}

export function wrapOwnCode(flow: LaneFlow, host: OwnCodeHost): NonNullable<JobRuntime<StepJob>['own']> {
  const { view, onThrow } = host;
  const actions: Record<string, NonNullable<JobRuntime<StepJob>['own']>['actions'][string]> = {};
  const guards: Record<string, NonNullable<JobRuntime<StepJob>['own']>['guards'][string]> = {};
  for (const [name, action] of Object.entries(flow.functions.actions ?? {})) {
    if (action === undefined) continue;
    const what = `the action ${name}`;
    actions[name] = (scope) => {
      const { context, event, params } = scope;
      const send = (sent: { readonly type: string }) => {
        checkOwnEvent(flow, sent);
        if (host.delivery() === context.delivery) scope.send(sent);
      };
      try {
        const result = action({ ...view(context), event, params, send });
        // Nobody waits for it, but a rejection that nobody hears ends the process.
        if (result instanceof Promise) result.catch((error: unknown) => onThrow(error, what));
      } catch (error) {
        onThrow(error, what);
        scope.send({
          type: 'step.failed',
          problem: problem('STEP_THREW', `${what} threw ${wordsOf(error)}`),
        } as never);
      }
    };
  }
  for (const [name, guard] of Object.entries(flow.functions.guards ?? {})) {
    if (guard === undefined) continue;
    guards[name] = (context, event) => {
      try {
        return guard({ ...view(context), event }) === true;
      } catch (error) {
        onThrow(error, `the guard ${name}`);
        return false;
      }
    };
  }
  return { actions, guards };
}

// A whole flow of a user's own, with the names of the runtime declared, so that the compiler holds it against them.
import { checkFlow } from '../src/statechart/check-flow.js';
import type { Action, Actor, Flow, Guard } from '../src/statechart/flow.js';
import {
  type JobAction,
  type JobActor,
  type JobDeadline,
  type JobEvent,
  type JobGuard,
  jobVocabulary,
} from './job-vocabulary.js';

type Names<S extends string, E extends string, A extends string, G extends string, U extends string> = Flow<
  S,
  JobEvent['type'] | E,
  JobAction | A,
  JobGuard | G,
  JobActor | U,
  JobDeadline
>;

/** Defines a flow from nothing. Throws FLOW_INVALID with all its defects. */
export function defineFlow<
  S extends string,
  const E extends string = never,
  A extends string = never,
  G extends string = never,
  U extends string = never,
>(flow: {
  /** Default `job`. */
  readonly id?: string;
  readonly initial: NoInfer<S>;
  readonly on?: Names<NoInfer<S>, NoInfer<E>, NoInfer<A>, NoInfer<G>, NoInfer<U>>['on'];
  readonly states: {
    readonly [K in S]: Names<
      NoInfer<S>,
      NoInfer<E>,
      NoInfer<A>,
      NoInfer<G>,
      NoInfer<U>
    >['states'][NoInfer<S>];
  };
  /** Names of events of one's own; `worker.send` raises them. */
  readonly events?: readonly E[];
  readonly actions?: { readonly [K in A]: Action };
  readonly guards?: { readonly [K in G]: Guard };
  readonly actors?: { readonly [K in U]: Actor };
  /** `none`: no job is ever answered. */
  readonly replies?: 'none';
}): Names<S, E, A, G, U> {
  // Without a compiler it may be anything.
  if (typeof flow !== 'object' || flow === null) checkFlow(flow);
  const whole = { id: 'job', ...flow, kind: 'flow', vocabulary: jobVocabulary } as unknown as Names<
    S,
    E,
    A,
    G,
    U
  >;
  checkFlow(whole);
  return whole;
}

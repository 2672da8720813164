// What an event does in a state that waits: whether it is certain to lead on. A way that is there and never taken, or taken
// and leads nowhere, answers nothing.
import { type AnyBranch, type AnyState, type Flow, list } from './flow.js';

interface At {
  readonly state: string;
  readonly event: string;
}

/** The ways of the state itself, then those of the flow: as XState does, which tries these where no guard of those holds. */
export function waysOn(flow: Flow, { state, event }: At): readonly AnyBranch[] {
  const own = (flow.states[state] as AnyState | undefined)?.on?.[event];
  // A way of the flow leads in from outside, so that it enters anew the state in which it is taken.
  const shared = list<AnyBranch>(flow.on?.[event]).map((way) => ({ ...way, reenter: true as const }));
  return [...list<AnyBranch>(own), ...shared];
}

/** Where only a way out of the state will do. */
const outOf = ['deadline.passed', 'cancel', 'stop', 'delivery.received'];

/** What is missing to an answer, to be read behind the name of the state; null: nothing. */
export function missing(flow: Flow, at: At): string | null {
  const { state, event } = at;
  const ways = waysOn(flow, at);
  if (ways.length === 0) return `does not answer "${event}"`;
  const certain = ways.findIndex(({ guard }) => guard === undefined);
  if (certain < 0) return `answers "${event}" only where a guard holds, and its last way must have none`;
  // The deadline is not armed again: whichever way is taken then must lead on.
  const first = event === 'deadline.passed' ? 0 : certain;
  for (const way of ways.slice(first, certain + 1)) {
    const { target, actions, reenter } = way;
    if (target === state && event === 'deadline.passed' && !reenter)
      return `leads to itself on "${event}", where no deadline is armed again without \`reenter: true\``;
    if (target === state && (event === 'cancel' || event === 'stop')) return `leads to itself on "${event}"`;
    const leads = target !== undefined && (target !== state || reenter);
    if (leads || (!outOf.includes(event) && list(actions).length > 0)) continue;
    return `answers "${event}" and stays as it is`;
  }
  return null;
}

// Hears of every microstep of one machine among the actors of a system, by what XState tells its observers.
import type { ActorRefLike, InspectionEvent, StateValue } from 'xstate';

export interface MachineTransition {
  /** '' where the machine begins. */
  readonly from: string;
  readonly to: string;
  readonly event: string;
}

/** An observer that tells the transitions of the first machine whose actor has this id. */
export function watchMachine(
  id: string,
  onTransition: (transition: MachineTransition) => void,
): (event: InspectionEvent) => void {
  let watched: ActorRefLike | undefined;
  let state = '';
  return (event) => {
    if (event.type === '@xstate.actor') {
      if ('id' in event.actorRef && event.actorRef.id === id) watched ??= event.actorRef;
      return;
    }
    if (event.actorRef !== watched) return;
    // The first state is told by a snapshot alone.
    const begins = event.type === '@xstate.snapshot' && state === '';
    if (event.type !== '@xstate.microstep' && !begins) return;
    const { value } = event.snapshot as { readonly value?: StateValue };
    if (value === undefined) return;
    const from = state;
    state = stateName(value);
    // A state that leads to itself, and begins anew.
    const again = event.type === '@xstate.microstep' && event._transitions.some(({ reenter }) => reenter);
    if (from !== state || again) onTransition({ from, to: state, event: event.event.type });
  };
}

/** `{ listening: 'flowing' }` -> `listening.flowing`; regions side by side are joined by a bar. */
export function stateName(value: StateValue): string {
  if (typeof value === 'string') return value;
  const regions = Object.entries(value).map(([key, inner = {}]) => [key, stateName(inner)]);
  return regions.map((path) => path.filter(Boolean).join('.')).join('|');
}

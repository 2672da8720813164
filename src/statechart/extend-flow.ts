// Makes a flow of a flow: names replaced, states added or patched. Neither is checked here, since one extension may need
// the next; a worker's definition checks what it is given in the end.
import {
  type Action,
  type Actor,
  type AnyBranch,
  type AnyState,
  type Branch,
  type Flow,
  type FlowState,
  type Guard,
  list,
  nameOf,
  type OneOrMany,
} from './flow.js';
import type { Vocabulary } from './vocabulary.js';

type Patch<T> = {
  readonly [K in keyof T]?:
    | (K extends 'on' ? { readonly [E in keyof NonNullable<T[K]>]?: NonNullable<T[K]>[E] | null } : T[K])
    | null;
};

export interface FlowExtension<
  S extends string,
  E extends string,
  A extends string,
  G extends string,
  U extends string,
  D extends string,
  S2 extends string,
  E2 extends string,
  A2 extends string,
  G2 extends string,
  U2 extends string,
> {
  /** Names of events of one's own; `worker.send` raises them. */
  readonly events?: readonly E2[];
  readonly actions?: { readonly [K in A2]: Action };
  readonly guards?: { readonly [K in G2]: Guard };
  readonly actors?: { readonly [K in U2]: Actor };
  /** What is answered in every state that does not answer it itself; null removes. */
  readonly on?: {
    readonly [K in NoInfer<E | E2>]?: OneOrMany<
      Branch<NoInfer<S | S2>, NoInfer<A | A2>, NoInfer<G | G2>>
    > | null;
  };
  /** A state that is new is given whole, a known one as a patch: what is given replaces, null removes, `on` event by event. */
  readonly states?: {
    readonly [K in S2]: K extends S
      ? Patch<
          FlowState<
            NoInfer<S | S2>,
            NoInfer<E | E2>,
            NoInfer<A | A2>,
            NoInfer<G | G2>,
            NoInfer<U | U2>,
            NoInfer<D>
          >
        >
      : FlowState<
          NoInfer<S | S2>,
          NoInfer<E | E2>,
          NoInfer<A | A2>,
          NoInfer<G | G2>,
          NoInfer<U | U2>,
          NoInfer<D>
        >;
  };
}

/**
 * Returns a new flow; the one given stays as it is. A new state that waits and names no `cancel` or `delivery.lost` gets
 * them, and `keepOutcome` on its ways into a state that sends a final reply.
 */
export function extendFlow<
  S extends string,
  E extends string,
  A extends string,
  G extends string,
  U extends string,
  D extends string,
  S2 extends string = never,
  const E2 extends string = never,
  A2 extends string = never,
  G2 extends string = never,
  U2 extends string = never,
>(
  flow: Flow<S, E, A, G, U, D>,
  extension: FlowExtension<S, E, A, G, U, D, S2, E2, A2, G2, U2>,
): Flow<S | S2, E | E2, A | A2, G | G2, U | U2, D> {
  const base = flow as unknown as Flow;
  const given = extension as unknown as Loose;
  const states: Record<string, AnyState> = { ...base.states };
  for (const [name, change] of Object.entries(given.states ?? {})) {
    const known = base.states[name];
    states[name] = known === undefined ? (change as unknown as AnyState) : patched(known, change);
  }
  for (const name of Object.keys(given.states ?? {})) {
    const state = states[name];
    if (base.states[name] === undefined && state !== undefined && base.vocabulary)
      states[name] = completed(state, { states, vocabulary: base.vocabulary });
  }
  const extended: Flow = {
    ...base,
    on: without({ ...base.on, ...given.on }) as AnyOn,
    states,
    events: [...(base.events ?? []), ...(given.events ?? [])],
    actions: { ...base.actions, ...given.actions },
    guards: { ...base.guards, ...given.guards },
    actors: { ...base.actors, ...given.actors },
  };
  return extended as unknown as Flow<S | S2, E | E2, A | A2, G | G2, U | U2, D>;
}

type AnyOn = Readonly<Record<string, OneOrMany<AnyBranch> | undefined>>;
interface Loose extends Partial<Pick<Flow, 'events' | 'actions' | 'guards' | 'actors'>> {
  readonly on?: object;
  readonly states?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function patched(state: AnyState, patch: Readonly<Record<string, unknown>>): AnyState {
  const on = patch.on === null ? undefined : without({ ...state.on, ...(patch.on as object | undefined) });
  return without({ ...state, ...patch, on }) as unknown as AnyState;
}

function without(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== null && value !== undefined),
  );
}

/** A new state with what it left to the standard. */
function completed(
  state: AnyState,
  of: { readonly states: Readonly<Record<string, AnyState>>; readonly vocabulary: Vocabulary },
): AnyState {
  const { actions, standard } = of.vocabulary;
  const meaning = (ref: Parameters<typeof nameOf>[0]) => actions[nameOf(ref)];
  const replies = (target: string | undefined) =>
    list(of.states[target ?? '']?.entry).some((ref) => (meaning(ref)?.replies ?? 'started') !== 'started');
  const keeping = (branch: AnyBranch): AnyBranch => {
    const given = list(branch.actions);
    if (!replies(branch.target) || given.some((ref) => meaning(ref)?.keeps)) return branch;
    return { ...branch, actions: [...given, standard.keep] };
  };
  const waits = state.always === undefined && state.type !== 'final' && !state.tags?.includes('idle');
  const sends = list(state.entry).some((ref) => meaning(ref)?.replies !== undefined);
  const usual = Object.entries(standard.on).filter(([, { target }]) => Object.hasOwn(of.states, target));
  const on: AnyOn = { ...(waits && !sends && Object.fromEntries(usual)), ...state.on };
  return {
    ...state,
    on: Object.fromEntries(
      Object.entries(on).map(([event, branches]) => [event, list(branches).map(keeping)]),
    ),
  };
}

// Makes a flow of a flow: names replaced, states added or patched. Neither is checked here, since one extension may need
// the next; a worker's definition checks what it is given in the end.
import { instead } from '../contract/nearest.js';
import { throwDefects } from './check-flow.js';
import { formDefects, isObject } from './check-form.js';
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
import type { FlowDefect, FlowDefectCode } from './flow-defect.js';
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
  /**
   * A state that is new is given whole, a known one as a patch: what is given replaces, null removes, `on` event by event;
   * null for the whole takes the state away.
   */
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
        > | null
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
  checkGiven(flow, extension);
  const base = flow as unknown as Flow;
  const given = extension as Loose;
  const drawn = {
    ...base,
    ...merged(base, given),
    ...(given.states !== undefined && { states: statesOf(base, given) }),
  };
  // What has not the form of a flow is not read any further; the check of the whole says what is wrong.
  const extended = formDefects(drawn).length > 0 ? drawn : completedFlow(drawn as Flow, base);
  return extended as unknown as Flow<S | S2, E | E2, A | A2, G | G2, U | U2, D>;
}

type Loose = Readonly<Record<string, unknown>>;
type AnyOn = Readonly<Record<string, OneOrMany<AnyBranch> | undefined>>;

/** Both must be there to be read at all. */
function checkGiven(flow: unknown, extension: unknown): void {
  throwDefects('the flow to extend', formDefects(flow));
  const defects: FlowDefect[] = [];
  const found = (code: FlowDefectCode, message: string) => defects.push({ code, state: null, message });
  if (!isObject(extension)) found('SHAPE_INVALID', 'it must be an object, as `{ states: { … } }`');
  else
    for (const key of Object.keys(extension))
      if (!extensionKeys.includes(key))
        found('KEY_UNKNOWN', `it has \`${key}\`, ${instead(key, extensionKeys)}`);
  throwDefects('the extension of a flow', defects);
}

const records = ['actions', 'guards', 'actors'] as const;
const extensionKeys: readonly string[] = ['events', ...records, 'on', 'states'];

function merged(base: Flow, { on, events, ...given }: Loose): Loose {
  const both = (known: object | undefined, more: unknown) =>
    more === undefined || isObject(more) ? { ...known, ...more } : more;
  const ways = both(base.on, on);
  return {
    on: isObject(ways) ? without(ways) : ways,
    events:
      events === undefined || Array.isArray(events) ? [...(base.events ?? []), ...(events ?? [])] : events,
    ...Object.fromEntries(records.map((key) => [key, both(base[key], given[key])])),
  };
}

function statesOf(base: Flow, { states: changes }: Loose): unknown {
  if (!isObject(changes)) return changes;
  const states: Record<string, unknown> = { ...base.states };
  for (const [name, change] of Object.entries(changes)) {
    const known = Object.hasOwn(base.states, name) ? base.states[name] : undefined;
    if (known !== undefined && change === undefined) continue;
    if (known !== undefined && change === null) delete states[name];
    else states[name] = known !== undefined && isObject(change) ? patched(known, change) : change;
  }
  return states;
}

function patched(state: AnyState, patch: Loose): Loose {
  const { on = {} } = patch;
  const ways = isObject(on) ? without({ ...state.on, ...on }) : (on ?? undefined);
  return without({ ...state, ...patch, on: ways });
}

function without(record: Loose): Loose {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== null && value !== undefined),
  );
}

function completedFlow(flow: Flow, base: Flow): Flow {
  const { vocabulary } = base;
  if (vocabulary === undefined) return flow;
  const { states } = flow;
  const all = Object.entries<AnyState>(states).map(([name, state]) => [
    name,
    Object.hasOwn(base.states, name) ? state : completed(state, { states, vocabulary }),
  ]);
  return { ...flow, states: Object.fromEntries(all) };
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

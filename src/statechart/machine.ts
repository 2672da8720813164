// Makes an XState machine of a flow. XState's assign and its string targets stay in here: flows know neither.
import {
  type AnyEventObject,
  type AnyStateMachine,
  assign,
  createMachine,
  type EventObject,
  type MachineContext,
} from 'xstate';
import { type AnyBranch, type Flow, list, type OneOrMany } from './flow.js';

/** What the names of a flow do. */
export interface Implementations<
  C extends MachineContext,
  A extends string,
  G extends string,
  U extends string,
> {
  /** Actions that change the context and nothing else: pure, they return what changes. */
  readonly updates: { readonly [K in A]?: Update<C> };
  /** Actions that reach out of the machine. `send` puts an event behind those that wait. */
  readonly effects: { readonly [K in A]?: (scope: EffectScope<C>) => void };
  readonly guards: { readonly [K in G]: (context: C, event: AnyEventObject) => boolean };
  /** Called first on entering a state, so that a runtime can arm its deadline and tell its observers. */
  readonly entered?: (state: string, scope: EffectScope<C>) => void;
  /** Starts the actor of a state's `run`. */
  readonly start?: (actor: U, scope: EffectScope<C>) => void;
  /** The state with `run` is left: what still runs is no longer wanted. */
  readonly abort?: (actor: U, scope: EffectScope<C>) => void;
  /** An effect threw. The machine lives on and is sent what this returns. */
  readonly threw?: (error: unknown, action: string) => EventObject;
}

/** `params`: what the flow gives with the action's name. */
export type Update<C> = (context: C, event: AnyEventObject, params?: unknown) => Partial<C>;

export interface EffectScope<C> {
  readonly context: C;
  readonly event: AnyEventObject;
  /** What the flow gives with the action's name. */
  readonly params: unknown;
  send(event: EventObject): void;
}

/** Names that the machine adds to a flow begin with this; diagrams leave them out. */
export const internal = '$';

interface XStateScope<C> {
  context: C;
  event: AnyEventObject;
  self: { send(event: EventObject): void };
}

/** Bounds a chain of `always`: a flow that never rests ends in an error instead of a blocked process. */
const maxIterations = 1000;

export function createFlowMachine<
  C extends MachineContext,
  S extends string,
  E extends string,
  A extends string,
  G extends string,
  U extends string,
  D extends string,
>(flow: Flow<S, E, A, G, U, D>, context: C, implementations: Implementations<C, A, G, U>): AnyStateMachine {
  const config = machineConfig(flow as unknown as Flow, implementations.entered !== undefined);
  return createMachine(
    { ...config, context } as never,
    lowered(implementations, Object.entries((flow as unknown as Flow).states)) as never,
  );
}

/** What XState calls by name for these states, `$enter` and the like included. */
export function lowered<C extends MachineContext, A extends string, G extends string, U extends string>(
  implementations: Implementations<C, A, G, U>,
  states: Iterable<readonly [name: string, state: { readonly run?: string }]>,
): {
  readonly actions: Readonly<Record<string, unknown>>;
  readonly guards: Readonly<Record<string, unknown>>;
} {
  const { updates, effects, guards, entered, start, abort } = implementations;
  const perform =
    (name: string, effect: (scope: EffectScope<C>) => void) => (args: XStateScope<C>, params?: unknown) => {
      const send = (event: EventObject) => args.self.send(event);
      try {
        effect({ context: args.context, event: args.event, params, send });
      } catch (error) {
        if (implementations.threw) send(implementations.threw(error, name));
      }
    };
  const actions: Record<string, unknown> = {};
  for (const [name, update] of Object.entries(updates) as [string, Update<C>][]) {
    actions[name] = assign(
      ({ context: before, event }: XStateScope<C>, params: unknown) => update(before, event, params) as C,
    );
  }
  for (const [name, effect] of Object.entries(effects) as [string, (scope: EffectScope<C>) => void][]) {
    actions[name] = perform(name, effect);
  }
  for (const [name, state] of states) {
    if (entered) actions[`${internal}enter.${name}`] = perform(name, (scope) => entered(name, scope));
    const actor = state.run as U | undefined;
    if (actor === undefined) continue;
    actions[`${internal}start.${actor}`] = perform(actor, (scope) => start?.(actor, scope));
    actions[`${internal}abort.${actor}`] = perform(actor, (scope) => abort?.(actor, scope));
  }
  type Holds = (context: C, event: AnyEventObject) => boolean;
  const check = (guard: Holds) => (args: XStateScope<C>) => guard(args.context, args.event);
  return {
    actions,
    guards: Object.fromEntries(
      Object.entries(guards as Record<string, Holds>).map(([name, guard]) => [name, check(guard)]),
    ),
  };
}

/** XState's configuration of a flow: names only, no functions. */
export function machineConfig(flow: Flow, watched = false): object {
  const states: Record<string, object> = {};
  for (const [name, state] of Object.entries(flow.states)) {
    const run = state.run === undefined ? [] : [state.run];
    states[name] = {
      description: state.description,
      ...(state.type && { type: state.type }),
      tags: state.tags ?? [],
      meta: { deadline: state.deadline, run: state.run },
      entry: [
        ...(watched ? [`${internal}enter.${name}`] : []),
        ...list(state.entry),
        ...run.map((actor) => `${internal}start.${actor}`),
      ],
      exit: [...run.map((actor) => `${internal}abort.${actor}`), ...list(state.exit)],
      on: transitions(state.on, (target) => target),
      always: list(state.always).map((branch) => transition(branch, (target) => target)),
    };
  }
  return {
    id: flow.id,
    initial: flow.initial,
    on: transitions(flow.on, (target) => `.${target}`),
    states,
    options: { maxIterations },
  };
}

function transitions(
  on: { readonly [event: string]: OneOrMany<AnyBranch> | undefined } | undefined,
  address: (target: string) => string,
): Record<string, object[]> {
  const all = Object.entries(on ?? {}).map(([event, branches]) => [
    event,
    list(branches).map((branch) => transition(branch, address)),
  ]);
  return Object.fromEntries(all) as Record<string, object[]>;
}

function transition(branch: AnyBranch, address: (target: string) => string): object {
  const { target, guard, actions, reenter } = branch;
  return {
    ...(target !== undefined && { target: address(target) }),
    ...(reenter && { reenter }),
    ...(guard !== undefined && { guard }),
    actions: list(actions),
  };
}

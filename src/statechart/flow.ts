// A flow: the states of a job as plain data, with every guard, action and actor by name. What the names of the runtime do
// is given apart from it; a flow of a user's own brings functions for its own names along. So it can be drawn, checked,
// covered and changed without running anything.
import type { AnyEventObject } from 'xstate';
import type { LaneView } from './lane-view.js';
import type { Vocabulary } from './vocabulary.js';

export type OneOrMany<T> = T | readonly T[];

/** A name, or a name with parameters for what it does. */
export type Ref<N extends string> =
  | N
  | { readonly type: N; readonly params?: Readonly<Record<string, unknown>> };

/** One way out of a state. Without a target the state is kept. */
export interface Branch<S extends string, A extends string, G extends string> {
  readonly target?: S;
  readonly guard?: G;
  readonly actions?: OneOrMany<Ref<A>>;
  /** The target is the state itself: it is left and entered again. */
  readonly reenter?: true;
}

export interface FlowState<
  S extends string,
  E extends string,
  A extends string,
  G extends string,
  U extends string,
  D extends string,
> {
  /** One sentence for diagrams and the inspector. */
  readonly description: string;
  readonly entry?: OneOrMany<Ref<A>>;
  readonly exit?: OneOrMany<Ref<A>>;
  /** Actor that is started on entry and aborted on exit; it answers `step.completed` or `step.failed`. */
  readonly run?: U;
  readonly on?: { readonly [K in E]?: OneOrMany<Branch<S, A, G>> };
  /** Taken at once, the first whose guard holds. */
  readonly always?: OneOrMany<Branch<S, A, G>>;
  /** Longest stay, by name or in milliseconds; then comes `deadline.passed`. The runtime arms it. */
  readonly deadline?: D | number;
  readonly tags?: readonly string[];
  readonly type?: 'final';
}

/** An action of a user's own. What it throws is logged, and the lane is sent `step.failed`. */
export type Action = (
  lane: LaneView & {
    readonly event: AnyEventObject;
    readonly params: unknown;
    /** Puts an event behind those that wait. */
    readonly send: (event: AnyEventObject) => void;
  },
) => unknown;

/** A guard of a user's own: pure and quick. What it throws is logged and counts as false. */
export type Guard = (lane: LaneView & { readonly event: AnyEventObject }) => boolean;

/** An actor of a user's own: what it returns comes as `step.completed`, `failed(data)` and what it throws as `step.failed`. */
export type Actor = (lane: LaneView & { readonly signal: AbortSignal }) => unknown;

/** Any flow, where its names do not matter. A slot of this type leaves the names of a flow written in it alone. */
export interface AnyFlow {
  readonly kind: 'flow';
}

export interface Flow<
  S extends string = string,
  E extends string = string,
  A extends string = string,
  G extends string = string,
  U extends string = string,
  D extends string = string,
> extends AnyFlow {
  readonly id: string;
  readonly initial: S;
  /** Answered in every state that does not answer the event itself. */
  readonly on?: { readonly [K in E]?: OneOrMany<Branch<S, A, G>> };
  readonly states: { readonly [K in S]: FlowState<S, E, A, G, U, D> };
  /** `none`: no job is ever answered; each must only be settled. Default: each gets one final reply or a named end. */
  readonly replies?: 'none';
  /** Names of events beyond those of the runtime. */
  readonly events?: readonly E[];
  readonly actions?: { readonly [K in A]?: Action };
  readonly guards?: { readonly [K in G]?: Guard };
  readonly actors?: { readonly [K in U]?: Actor };
  /** What the names mean that the runtime knows; without it only the shape of the flow can be checked. */
  readonly vocabulary?: Vocabulary;
}

export function list<T>(value: OneOrMany<T> | undefined): readonly T[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value as T];
}

export const nameOf = (ref: Ref<string>): string => (typeof ref === 'string' ? ref : ref.type);

export type AnyState = FlowState<string, string, string, string, string, string>;
export type AnyBranch = Branch<string, string, string>;

/** The state is left by events alone. */
export const waits = (state: AnyState): boolean =>
  state.type !== 'final' && !list(state.always).some(({ guard, target }) => !guard && target !== undefined);

export const isIdle = (state: AnyState): boolean => state.tags?.includes('idle') ?? false;

// A flow: the states of a job as plain data, with every guard, action and actor by name. What the names do is given
// apart from it, so that a flow can be drawn, checked, covered and changed without running anything.

export type OneOrMany<T> = T | readonly T[];

/** One way out of a state. Without a target the state is kept. */
export interface Branch<S extends string, A extends string, G extends string> {
  readonly target?: S;
  readonly guard?: G;
  readonly actions?: OneOrMany<A>;
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
  readonly entry?: OneOrMany<A>;
  readonly exit?: OneOrMany<A>;
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

export interface Flow<
  S extends string = string,
  E extends string = string,
  A extends string = string,
  G extends string = string,
  U extends string = string,
  D extends string = string,
> {
  readonly id: string;
  readonly initial: S;
  /** Answered in every state that does not answer the event itself. */
  readonly on?: { readonly [K in E]?: OneOrMany<Branch<S, A, G>> };
  readonly states: { readonly [K in S]: FlowState<S, E, A, G, U, D> };
}

export function list<T>(value: OneOrMany<T> | undefined): readonly T[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value as T];
}

// What a user writes when a step is a state machine of its own: named states whose work is plain async functions. What is
// wrong with one is said in check-step-machine.ts; step-machine-logic.ts makes an XState machine of it.
import type { OneOrMany } from '../statechart/flow.js';

/** Where a state leads. The first way whose guard holds is taken; the last has no guard. */
export interface Way<N extends string, G extends string> {
  readonly target: N;
  readonly guard?: G;
}

interface Described {
  /** Shown in diagrams. */
  readonly description?: string;
}

/** Does something. */
export interface WorkingState<I, X, N extends string, G extends string> extends Described {
  /**
   * What it returns is added to the context. `signal` is aborted too when the state's deadline passes; `error` is what
   * guards are told.
   */
  readonly run: (
    input: I & { readonly context: X; readonly error: unknown },
    // biome-ignore lint/suspicious/noConfusingVoidType: also a function that returns nothing
  ) => Partial<X> | void | Promise<Partial<X> | void>;
  readonly done: OneOrMany<Way<N, G>>;
  /** Taken when `run` throws or the deadline passes. Without it the step fails with STEP_THREW. */
  readonly failed?: OneOrMany<Way<N, G>>;
  /** Longest time in the state, in milliseconds; needs `failed`. Default: as long as the step may run. */
  readonly deadlineMs?: number;
}

/** Lets time pass, by the worker's clock. */
export interface WaitingState<X, N extends string, G extends string> extends Described {
  /** In milliseconds. */
  readonly waitMs: number | ((context: X) => number);
  readonly done: OneOrMany<Way<N, G>>;
}

/** The step ends as completed; what the function returns is the `data` of the reply. */
export interface CompletedState<X, R> extends Described {
  readonly completed: (context: X, error: unknown) => R;
}

/** The step ends as failed, on purpose; what the function returns is the `data` of the reply. */
export interface RefusedState<X> extends Described {
  readonly refused: (context: X, error: unknown) => unknown;
}

/**
 * A step as a state machine: `I` its input, `X` its context, `N` its states, `G` its guards, `R` its result. `error` is what
 * the last `run` to fail threw, or a NeedfulError DEADLINE_PASSED; undefined as long as none failed.
 */
export interface StepMachine<I, X extends object, N extends string, G extends string, R> {
  /** A plain object; it is copied with every change. */
  readonly context: (input: I) => X extends PromiseLike<unknown> ? never : X;
  readonly guards?: { readonly [K in G]: (context: X, error: unknown) => boolean };
  readonly initial: NoInfer<N>;
  readonly states: {
    readonly [S in N]:
      | WorkingState<I, NoInfer<X>, NoInfer<N>, NoInfer<G>>
      | WaitingState<NoInfer<X>, NoInfer<N>, NoInfer<G>>
      | CompletedState<NoInfer<X>, R>
      | RefusedState<NoInfer<X>>;
  };
}

export type AnyState =
  | WorkingState<object, object, string, string>
  | WaitingState<object, string, string>
  | CompletedState<object, unknown>
  | RefusedState<object>;
export type AnyStepMachine = StepMachine<object, object, string, string, unknown>;

/** What there can be in a state, by the key that says its kind. */
export const stateKeys = {
  run: ['run', 'done', 'failed', 'deadlineMs', 'description'],
  waitMs: ['waitMs', 'done', 'description'],
  completed: ['completed', 'description'],
  refused: ['refused', 'description'],
} as const;

// Makes an XState machine of a step's machine: one invoked actor per working state, `after` for what time does. The machine
// of a definition is made once; what belongs to one job is in its context.
import { type AnyStateMachine, assign, createMachine, fromPromise } from 'xstate';
import { deadlineText } from '../../machines/job-outcome.js';
import { NeedfulError } from '../contract/errors.js';
import { kindOf } from '../contract/problem.js';
import { list } from '../statechart/flow.js';
import { internal } from '../statechart/machine.js';
import { failed, isFailed } from './definition.js';
import type { AnyState, AnyStepMachine, Way, WorkingState } from './step-machine.js';

interface Input {
  readonly signal: AbortSignal;
}

// Under a symbol: a viewer of the context sees the user's own keys only.
const held: unique symbol = Symbol('held');

/** The user's context, and what we keep beside it. */
interface Context {
  readonly [held]: { readonly input: Input; readonly error: unknown };
}

interface Scope {
  readonly context: Context;
  readonly event: {
    readonly type: string;
    readonly error?: unknown;
    readonly output?: unknown;
    readonly input?: Input;
  };
}

/** Said with a way that a deadline opens. */
interface Late {
  readonly late?: string;
}

const maxIterations = 1000;

/** Of a checked machine. `name`: the step's. */
export function stepMachineLogic(name: string, machine: AnyStepMachine): AnyStateMachine {
  /** What ends the work of a state whose deadline passes, by the input of its job. */
  const running = new WeakMap<Input, AbortController>();
  const states = Object.entries<AnyState>(machine.states);
  const working = states.flatMap(([key, state]) => ('run' in state ? [[key, state] as const] : []));
  const delays = states.flatMap(([key, state]) =>
    'waitMs' in state && typeof state.waitMs === 'function' ? [[key, state.waitMs] as const] : [],
  );
  return createMachine(
    {
      id: name,
      initial: machine.initial,
      context: ({ input }: { readonly input: Input }) => ({
        ...contextOf(machine, input),
        [held]: { input, error: undefined },
      }),
      states: Object.fromEntries(states.map(([key, state]) => [key, stateConfig(key, state)])),
      output: ({ event }: Scope) => event.output,
      options: { maxIterations },
    } as never,
    {
      actors: Object.fromEntries(working.map(([key, state]) => [key, worker(key, { state, running })])),
      guards: Object.fromEntries(
        Object.entries(machine.guards ?? {}).map(([key, holds]) => [
          key,
          (scope: Scope, params?: Late) => holds(contextToCome(scope), errorOf(scope, params)),
        ]),
      ),
      delays: Object.fromEntries(
        delays.map(([key, waitMs]) => [
          `wait.${key}`,
          ({ context }: Scope) => pause(key, waitMs(own(context))),
        ]),
      ),
      actions: {
        [`${internal}keep`]: assign(({ event }: Scope) => (event.output ?? {}) as object),
        [`${internal}blame`]: assign((scope: Scope, params?: Late) => ({
          [held]: { ...scope.context[held], error: errorOf(scope, params) },
        })),
        [`${internal}abort`]: ({ context }: Scope, { late }: Required<Late>) =>
          running.get(context[held].input)?.abort(tooLate(late)),
      },
    } as never,
  );
}

/** XState's configuration of a state: names only, no functions but those that give the output. */
function stateConfig(key: string, state: AnyState): object {
  const { description } = state;
  const output = (
    data: (context: object, error: unknown) => unknown,
    end: (value: unknown) => unknown = (value) => value,
  ) => ({
    type: 'final',
    description,
    output: ({ context }: Scope) => {
      const value = data(own(context), context[held].error);
      if (!(value instanceof Promise)) return end(value);
      throw new TypeError(`state ${key} ends with a promise: do the work in a state with \`run\``);
    },
  });
  if ('completed' in state) return output(state.completed);
  if ('refused' in state) return output(state.refused, failed);
  if ('waitMs' in state) {
    const delay = typeof state.waitMs === 'number' ? state.waitMs : `wait.${key}`;
    return { description, after: { [delay]: ways(state.done) } };
  }
  const { deadlineMs } = state;
  const late = { late: key };
  return {
    description,
    invoke: {
      src: key,
      id: key,
      input: ({ context }: Scope) => context,
      onDone: ways(state.done, [`${internal}keep`]),
      ...(state.failed && { onError: ways(state.failed, [`${internal}blame`]) }),
    },
    ...(deadlineMs !== undefined && {
      after: {
        [deadlineMs]: list(state.failed).map(({ target, guard }) => ({
          target,
          reenter: true,
          ...(guard !== undefined && { guard: { type: guard, params: late } }),
          actions: [
            { type: `${internal}abort`, params: late },
            { type: `${internal}blame`, params: late },
          ],
        })),
      },
    }),
  };
}

const ways = (given: Way<string, string> | readonly Way<string, string>[], actions: string[] = []) =>
  // A state that leads to itself begins anew.
  list(given).map(({ target, guard }) => ({
    target,
    reenter: true,
    ...(guard !== undefined && { guard }),
    actions,
  }));

interface Worked {
  readonly state: WorkingState<object, object, string, string>;
  readonly running: WeakMap<Input, AbortController>;
}

const worker = (key: string, { state, running }: Worked) =>
  fromPromise<object | undefined, Context>(async ({ input: context }) => {
    const { input, error } = context[held];
    const controller = new AbortController();
    running.set(input, controller);
    const signal = AbortSignal.any([input.signal, controller.signal]);
    const given = { ...input, signal, context: own(context), error };
    const added: unknown = await state.run(given);
    if (isFailed(added))
      throw new TypeError(
        `state ${key} returned failed(…); to fail on purpose, lead to a state with \`refused\``,
      );
    if (added === undefined || added === null) return undefined;
    if (kindOf(added) === 'an object') return added as object;
    throw new TypeError(`state ${key} returned ${kindOf(added)}, expected an object to add to the context`);
  });

function contextOf(machine: AnyStepMachine, input: Input): object {
  const context: unknown = machine.context(input);
  if (isPlain(context)) return context;
  throw new TypeError(`\`context\` returned ${whatOf(context)}, expected a plain object`);
}

/** An instance of a class would lose its methods: the context is copied with every change. */
function isPlain(value: unknown): value is object {
  if (kindOf(value) !== 'an object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

const whatOf = (value: unknown) => {
  if (value instanceof Promise) return 'a promise';
  return kindOf(value) === 'an object' ? 'an instance of a class' : kindOf(value);
};

/** Milliseconds, if they are any: what is none would be no pause at all. */
function pause(key: string, waitMs: number): number {
  if (waitMs >= 0 && waitMs < 2 ** 31) return waitMs;
  throw new TypeError(`\`waitMs\` of state ${key} returned ${waitMs}, expected milliseconds`);
}

function own(context: Context): object {
  const { [held]: _, ...rest } = context;
  return rest;
}

/** What the context will be: a guard is asked before the transition is made. */
function contextToCome({ context, event }: Scope): object {
  const added = event.type.startsWith('xstate.done.actor.') ? (event.output as object | undefined) : {};
  return { ...own(context), ...added };
}

const tooLate = (state: string) => new NeedfulError('DEADLINE_PASSED', deadlineText(state));

/** What the last `run` to fail threw: this one, if it has just failed. */
function errorOf({ context, event }: Scope, { late }: Late = {}): unknown {
  if (late !== undefined) return tooLate(late);
  return event.type.startsWith('xstate.error.') ? event.error : context[held].error;
}

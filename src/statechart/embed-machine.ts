// Takes an XState machine of a user's own where a flow is expected: what the runtime has to hear of its states is put into
// its configuration, as if its author had written it. All else runs as XState runs it.
import { type AnyStateMachine, createMachine } from 'xstate';
import { type AnyState, type Flow, list, type OneOrMany } from './flow.js';
import { internal } from './machine.js';
import type { Vocabulary } from './vocabulary.js';

/** Any XState machine, also those that XState's own `AnyStateMachine` refuses under exact optional property types. */
export interface AnyMachine {
  readonly id: string;
  readonly config: unknown;
  readonly implementations: unknown;
  readonly root: unknown;
}

interface Config {
  readonly states?: Readonly<Record<string, Config>>;
  readonly type?: string;
  readonly entry?: OneOrMany<unknown>;
  readonly exit?: OneOrMany<unknown>;
  readonly meta?: { readonly run?: string; readonly deadline?: string | number };
  readonly [key: string]: unknown;
}

export function isMachine(value: unknown): value is AnyMachine {
  return typeof value === 'object' && value !== null && 'root' in value && 'provide' in value;
}

const configOf = (machine: AnyMachine) => machine.config as unknown as Config;

/** The states by name, nested ones joined by a dot, as far as a runtime asks about them. */
export function machineStates(machine: AnyMachine): ReadonlyMap<string, AnyState> {
  const all = new Map<string, AnyState>();
  const walk = (config: Config, path: string) => {
    for (const [key, state] of Object.entries(config.states ?? {})) {
      const name = path === '' ? key : `${path}.${key}`;
      const tags = list(state.tags as OneOrMany<string> | undefined);
      const description = String(state.description ?? '');
      const { run, deadline } = state.meta ?? {};
      all.set(name, { description, tags, ...(run && { run }), ...(deadline !== undefined && { deadline }) });
      walk(state, name);
    }
  };
  walk(configOf(machine), '');
  return all;
}

/** The machine with `$enter`, `$start` and `$abort` where a flow's machine has them; `context` beneath its own. */
export function embedMachine(machine: AnyMachine, context: object): AnyStateMachine {
  const heard = (config: Config, path: string): Config => {
    const run = config.meta?.run;
    const states = Object.entries(config.states ?? {}).map(([key, state]) => [
      key,
      heard(state, path === '' ? key : `${path}.${key}`),
    ]);
    return {
      ...config,
      ...(path !== '' && {
        entry: [
          `${internal}enter.${path}`,
          ...list(config.entry),
          ...(run === undefined ? [] : [`${internal}start.${run}`]),
        ],
        exit: [...(run === undefined ? [] : [`${internal}abort.${run}`]), ...list(config.exit)],
      }),
      ...(config.states && { states: Object.fromEntries(states) as Record<string, Config> }),
    };
  };
  const given = configOf(machine).context;
  const beneath =
    typeof given === 'function'
      ? (args: unknown) => ({ ...context, ...(given(args) as object) })
      : { ...context, ...(given as object | undefined) };
  const config = { ...heard(configOf(machine), ''), context: beneath };
  return createMachine(config as never, machine.implementations as never);
}

/**
 * The machine as a flow, to be checked; null where it has what no flow has (nested states, `invoke`, `after`, parallel
 * states, history, functions without a name): then only its names can be checked.
 */
export function flowOfMachine(machine: AnyMachine, vocabulary: Vocabulary): Flow | null {
  const { states = {}, ...root } = configOf(machine);
  const beyond = ['states', 'invoke', 'after', 'history', 'onDone'];
  const isFlat = Object.values(states).every(
    (state) =>
      beyond.every((key) => state[key] === undefined) && !['parallel', 'history'].includes(state.type ?? ''),
  );
  if (!isFlat || beyond.slice(1).some((key) => root[key] !== undefined)) return null;
  const own = (names: object, known: readonly string[]) =>
    Object.fromEntries(
      Object.keys(names).flatMap((name) => (known.includes(name) ? [] : [[name, () => false]])),
    );
  const { actions, guards } = (machine as AnyStateMachine).implementations;
  try {
    return {
      kind: 'flow',
      id: machine.id,
      initial: String(root.initial),
      on: waysOf(root.on),
      states: Object.fromEntries(Object.entries(states).map(([name, state]) => [name, flowState(state)])),
      events: eventsOf(machine).filter((event) => !vocabulary.events.includes(event)),
      actions: own(actions, Object.keys(vocabulary.actions)),
      guards: own(guards, Object.keys(vocabulary.guards)),
      vocabulary,
    } as Flow;
  } catch (error) {
    if (error === nameless) return null;
    throw error;
  }
}

/** Every event that some state answers, but XState's own. */
export function eventsOf(machine: AnyMachine): readonly string[] {
  return (machine as AnyStateMachine).events
    .filter((event) => !String(event).startsWith('xstate.'))
    .map(String);
}

const nameless = new Error('a function without a name');

function flowState(state: Config): AnyState {
  const tags = list(state.tags as OneOrMany<string> | undefined);
  const always = list(state.always as OneOrMany<unknown> | undefined).map(wayOf);
  return {
    description: String(state.description ?? ''),
    tags,
    entry: list(state.entry).map(refOf) as string[],
    exit: list(state.exit).map(refOf) as string[],
    on: waysOf(state.on),
    ...(always.length > 0 && { always }),
    ...(state.type === 'final' && { type: 'final' as const }),
    ...(state.meta?.run && { run: state.meta.run }),
    ...(state.meta?.deadline !== undefined && { deadline: state.meta.deadline }),
  };
}

const waysOf = (on: unknown) =>
  Object.fromEntries(
    Object.entries((on ?? {}) as object).map(([event, ways]) => [
      event,
      list(ways as OneOrMany<unknown>).map(wayOf),
    ]),
  );

function wayOf(given: unknown) {
  const way = (typeof given === 'string' ? { target: given } : given) as Record<string, unknown>;
  const [first] = list(way.target as OneOrMany<unknown> | undefined);
  const target = typeof first === 'string' ? first.replace(/^(#[^.]*)?\./, '') : undefined;
  const actions = list(way.actions as OneOrMany<unknown> | undefined).map(refOf) as string[];
  return {
    ...(target !== undefined && { target }),
    ...(way.reenter === true && { reenter: true as const }),
    ...(way.guard !== undefined && { guard: refOf(way.guard) as string }),
    actions,
  };
}

function refOf(ref: unknown): unknown {
  if (typeof ref === 'function' || ref === undefined) throw nameless;
  return typeof ref === 'object' && ref !== null && 'type' in ref ? ref.type : ref;
}

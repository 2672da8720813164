// A machine's configuration as a viewer draws it: states, ways, names. Built of what is known to be shape; static context,
// inputs and parameters of a machine never get into it, since they may be anything.
import { redactText } from '../contract/redact-json.js';
import { redact } from '../contract/secrets.js';
import { list, type OneOrMany } from '../statechart/flow.js';
import { internal } from '../statechart/machine.js';

type Loose = Readonly<Record<string, unknown>>;

/** Deepest nesting of states and longest text: what lies beyond is left out. */
const limits = { depth: 20, characters: 1000 };

/** JSON of the machine's states; of logic that is no machine only its name. */
export function definitionOf(logic: unknown, name: string): string {
  const config = isObject(logic) && isObject(logic.config) ? logic.config : {};
  try {
    return redactText(JSON.stringify({ id: name, ...stateOf(config, limits.depth) }));
  } catch {
    // A configuration with getters that throw is drawn as a name.
    return redactText(JSON.stringify({ id: name }));
  }
}

const isObject = (value: unknown): value is Loose => typeof value === 'object' && value !== null;
const text = (value: unknown) =>
  typeof value === 'string' ? redact(value).slice(0, limits.characters) : undefined;

function stateOf(state: Loose, depth: number): object {
  const { states } = state;
  return {
    id: text(state.id),
    type: text(state.type),
    initial: text(state.initial),
    description: text(state.description),
    tags: list(state.tags as OneOrMany<unknown>).map(text),
    entry: names(state.entry),
    exit: names(state.exit),
    on: waysByEvent(state.on),
    after: waysByEvent(state.after),
    always: ways(state.always),
    onDone: ways(state.onDone),
    invoke: list(state.invoke as OneOrMany<unknown>)
      .filter(isObject)
      .map(({ src, id, onDone, onError }) => ({
        src: nameOf(src),
        id: text(id),
        onDone: ways(onDone),
        onError: ways(onError),
      })),
    ...(isObject(states) && depth > 0
      ? { states: mapped(states, (inner) => (isObject(inner) ? stateOf(inner, depth - 1) : {})) }
      : {}),
  };
}

function ways(given: unknown): object[] {
  return list(given as OneOrMany<unknown>).map((way) => {
    if (!isObject(way)) return { target: text(way) };
    const { target, guard, actions, reenter, description } = way;
    return {
      target: Array.isArray(target) ? target.map(text) : text(target),
      ...(guard === undefined ? {} : { guard: nameOf(guard) }),
      actions: names(actions),
      ...(reenter === true ? { reenter } : {}),
      description: text(description),
    };
  });
}

const waysByEvent = (given: unknown) => (isObject(given) ? mapped(given, ways) : {});

const names = (given: unknown): string[] =>
  list(given as OneOrMany<unknown>)
    .map(nameOf)
    .filter((name) => !name.startsWith(internal));

function nameOf(ref: unknown): string {
  if (isObject(ref)) return text(ref.type) ?? text(ref.id) ?? '(inline)';
  return text(ref) ?? '(inline)';
}

const mapped = (record: Loose, change: (value: unknown) => unknown) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

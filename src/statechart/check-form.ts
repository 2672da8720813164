// Holds a flow against the form that its types describe, for those who write without a compiler: all that comes after it may
// trust the form.
import { instead } from '../contract/nearest.js';
import { list } from './flow.js';
import type { FlowDefect, Found } from './flow-defect.js';

type Loose = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';

const own = ['actions', 'guards', 'actors'] as const;
const keysOf = {
  flow: ['kind', 'id', 'initial', 'on', 'states', 'replies', 'events', ...own, 'vocabulary'],
  state: ['description', 'entry', 'exit', 'run', 'on', 'always', 'deadline', 'tags', 'type'],
  way: ['target', 'guard', 'actions', 'reenter'],
  action: ['type', 'params'],
} as const;

/** Why it cannot be the name of a state; null: it can. XState reads `a.b` and `#a` as addresses. */
export function nameDefect(name: string): string | null {
  if (name === '') return 'a state has the name "", and must have one';
  if (name.includes('.') || name.startsWith('#'))
    return `the name of state ${name} must be without "." and not begin with "#"`;
  return null;
}

/** What hinders anybody from reading it as a flow. */
export function formDefects(flow: unknown): readonly FlowDefect[] {
  const defects: FlowDefect[] = [];
  checkForm(flow, (code, state, message) => {
    if (code === 'SHAPE_INVALID') defects.push({ code, state, message });
  });
  return defects;
}

export function checkForm(flow: unknown, found: Found): void {
  if (!isObject(flow)) {
    found(
      'SHAPE_INVALID',
      null,
      `a flow must be an object with \`initial\` and \`states\`, got ${got(flow)}`,
    );
    return;
  }
  const check = createCheck(found);
  const of = { where: 'the flow', state: null };
  const { id, initial, states, on, events, replies } = flow;
  check.keys(flow, 'flow', of);
  if (id !== undefined && (!isText(id) || id === '')) check.shape('`id`', 'be text', { given: id, ...of });
  if (!isText(initial)) check.shape('`initial`', 'name a state', { given: initial, ...of });
  if (replies !== undefined && replies !== 'none')
    check.shape('`replies`', "be 'none', or be left out", { given: replies, ...of });
  if (events !== undefined && !(isList(events) && events.every(isText)))
    check.shape('`events`', 'be a list of names', { given: events, ...of });
  for (const kind of own) {
    const functions = flow[kind];
    if (functions === undefined) continue;
    if (!isObject(functions)) check.shape(`\`${kind}\``, 'be functions by name', { given: functions, ...of });
    else
      for (const [name, given] of Object.entries(functions))
        if (typeof given !== 'function')
          check.shape(`"${name}" of \`${kind}\``, 'be a function', { given, ...of });
  }
  check.answers(on, of);
  if (!isObject(states) || Object.keys(states).length === 0)
    check.shape('`states`', 'name at least one state', { given: states, ...of });
  else for (const [name, state] of Object.entries(states)) checkState(name, { given: state, check, found });
}

interface Of {
  readonly where: string;
  readonly state: string | null;
}

function checkState(
  name: string,
  of: { readonly given: unknown; readonly check: ReturnType<typeof createCheck>; readonly found: Found },
): void {
  const { given, check, found } = of;
  const at = { where: `state ${name}`, state: name };
  const wrongName = nameDefect(name);
  if (wrongName !== null) found('NAME_INVALID', name, wrongName);
  if (!isObject(given)) {
    check.shape(at.where, 'be an object with a `description`', { given, ...at });
    return;
  }
  check.keys(given, 'state', at);
  const { description, run, deadline, tags, type, always } = given;
  const must = (key: string, isRight: boolean, text: string) => {
    if (!isRight) check.shape(`\`${key}\` of state ${name}`, text, { given: given[key], ...at });
  };
  must('description', description === undefined || isText(description), 'be a sentence');
  must('run', run === undefined || isText(run), 'name an actor');
  must('tags', tags === undefined || (isList(tags) && tags.every(isText)), "be a list, as ['idle']");
  must('type', type === undefined || type === 'final', "be 'final'; for any other draw an XState machine");
  must(
    'deadline',
    deadline === undefined || isText(deadline) || (Number.isFinite(deadline) && Number(deadline) >= 0),
    'be a name, or milliseconds from 0 on',
  );
  for (const key of ['entry', 'exit'])
    check.actions(given[key], { where: `\`${key}\` of state ${name}`, state: name });
  check.answers(given.on, at);
  if (always !== undefined) check.ways(always, { where: `state ${name} always`, state: name });
}

function createCheck(found: Found) {
  const shape = (
    what: string,
    must: string,
    of: { readonly given: unknown; readonly state: string | null },
  ) => found('SHAPE_INVALID', of.state, `${what} must ${must}, got ${got(of.given)}`);
  const keys = (given: Loose, kind: keyof typeof keysOf, { where, state }: Of) => {
    const known: readonly string[] = keysOf[kind];
    for (const key of Object.keys(given))
      if (!known.includes(key))
        found('KEY_UNKNOWN', state, `${where} has \`${key}\`, ${instead(key, known)}`);
  };
  const actions = (all: unknown, of: Of) => {
    for (const given of list(all)) {
      if (isText(given)) continue;
      if (isObject(given) && isText(given.type)) keys(given, 'action', of);
      else shape(`each action in ${of.where}`, 'be a name, or `{ type, params? }`', { given, ...of });
    }
  };
  const ways = (given: unknown, of: Of) => {
    const { where, state } = of;
    let open: string | null = null;
    for (const way of list(given)) {
      if (!isObject(way)) {
        const hint = isText(way)
          ? `\`{ target: '${way}' }\``
          : '`{ target, guard?, actions? }`, or a list of them';
        shape(where, `be ${hint}`, { given: way, state });
        continue;
      }
      keys(way, 'way', of);
      const { target, guard, reenter } = way;
      if (target !== undefined && !isText(target))
        shape(`the target of ${where}`, 'name a state', { given: target, state });
      if (guard !== undefined && !isText(guard))
        shape(`the guard of ${where}`, 'be a name; its function stands in `guards`', { given: guard, state });
      if (reenter !== undefined && typeof reenter !== 'boolean')
        shape(`\`reenter\` of ${where}`, 'be true', { given: reenter, state });
      actions(way.actions, of);
      if (open !== null)
        found('BRANCH_UNREACHABLE', state, `${where} never gets beyond its way ${open}, which has no guard`);
      else if (guard === undefined) open = isText(target) ? `to ${target}` : 'without a target';
    }
  };
  const answers = (on: unknown, { where, state }: Of) => {
    if (on === undefined) return;
    if (!isObject(on)) shape(`\`on\` of ${where}`, 'be ways by event', { given: on, state });
    else
      for (const [event, given] of Object.entries(on))
        if (given !== undefined) ways(given, { where: `${where} on ${event}`, state });
  };
  return { shape, keys, actions, ways, answers };
}

function got(value: unknown): string {
  if (isText(value)) return JSON.stringify(value.slice(0, 60));
  if (isList(value)) return 'a list';
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

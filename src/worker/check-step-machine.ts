// Says everything that is wrong with a step's machine, before a worker runs it.
import { instead } from '../contract/nearest.js';
import { nameDefect } from '../statechart/check-form.js';
import { list } from '../statechart/flow.js';
import { stateKeys } from './step-machine.js';

type Loose = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const kinds = Object.keys(stateKeys) as (keyof typeof stateKeys)[];

/** Each defect in one phrase; empty: nothing is wrong. */
export function stepMachineDefects(machine: Loose): readonly string[] {
  const { context, initial, states, guards = {} } = machine;
  if (typeof context !== 'function') return ['`context` must be a function that returns an object'];
  if (!isObject(states) || Object.keys(states).length === 0) return ['`states` must name at least one state'];
  if (!isObject(guards)) return ['`guards` must be an object of functions'];
  const check = createCheck({ states: Object.keys(states), guards: Object.keys(guards) });
  check.keys('a step machine', machine, ['context', 'guards', 'initial', 'states']);
  for (const [name, guard] of Object.entries(guards)) {
    if (typeof guard !== 'function') check.found(`guard ${name} must be a function`);
  }
  if (typeof initial !== 'string') check.found('`initial` must name a state');
  else check.target('`initial`', initial);
  for (const name of Object.keys(states)) {
    const wrongName = nameDefect(name);
    if (wrongName !== null) check.found(wrongName);
  }
  for (const [name, state] of Object.entries(states)) checkState(`state ${name}`, state, check);
  check.use(String(initial), states);
  return check.defects;
}

type Check = ReturnType<typeof createCheck>;

function createCheck(names: { readonly states: readonly string[]; readonly guards: readonly string[] }) {
  const defects: string[] = [];
  const used = new Set<string>();
  const found = (text: string) => {
    defects.push(text);
  };
  const target = (where: string, name: string) => {
    if (!names.states.includes(name)) found(`${where} goes to "${name}", ${instead(name, names.states)}`);
  };
  return {
    defects,
    found,
    target,
    keys(where: string, value: Loose, known: readonly string[]) {
      for (const key of Object.keys(value))
        if (!known.includes(key)) found(`${where} has \`${key}\`, ${instead(key, known)}`);
    },
    guard(where: string, name: string) {
      used.add(name);
      if (names.guards.includes(name)) return;
      found(`${where} names the guard "${name}", ${instead(name, names.guards)}`);
    },
    /** What is there and never met: a state or a guard. */
    use(initial: string, states: Loose) {
      const unused = names.guards.filter((name) => !used.has(name));
      for (const name of unused) found(`no way names the guard "${name}"`);
      // Of ways to states that are not there nothing follows.
      if (defects.length > 0) return;
      const met = reachable(initial, states);
      for (const name of names.states) if (!met.has(name)) found(`no way leads to state ${name}`);
      const ends = [...met].some((name) => 'completed' in at(states, name) || 'refused' in at(states, name));
      if (!ends) found('no state ends the step: one with `completed` or `refused` must be reached');
    },
  };
}

function checkState(where: string, state: unknown, check: Check): void {
  const { found } = check;
  const [kind, second] = kinds.filter((key) => isObject(state) && key in state);
  if (!isObject(state) || kind === undefined) {
    found(`${where} must have one of \`run\`, \`waitMs\`, \`completed\`, \`refused\``);
    return;
  }
  if (second !== undefined) {
    found(`${where} has both \`${kind}\` and \`${second}\`: split it in two`);
    return;
  }
  check.keys(where, state, stateKeys[kind]);
  const { description, deadlineMs } = state;
  if (description !== undefined && typeof description !== 'string')
    found(`the description of ${where} must be text`);
  const work = state[kind];
  if (kind === 'waitMs') {
    if (typeof work !== 'function' && !isDuration(work))
      found(`\`waitMs\` of ${where} must be milliseconds, or a function that returns them`);
  } else if (typeof work !== 'function') found(`\`${kind}\` of ${where} must be a function`);
  if (kind === 'completed' || kind === 'refused') return;
  checkWays(`${where} done`, state.done, check);
  if (state.failed !== undefined) checkWays(`${where} failed`, state.failed, check);
  if (deadlineMs === undefined) return;
  if (!isDuration(deadlineMs)) found(`\`deadlineMs\` of ${where} must be milliseconds`);
  if (state.failed === undefined)
    found(`${where} has a deadline and no \`failed\`: say where it leads when that passes`);
}

/** As long as a timer of Node can be. */
const isDuration = (value: unknown) => typeof value === 'number' && value >= 0 && value < 2 ** 31;

function checkWays(where: string, given: unknown, check: Check): void {
  const ways = list(given);
  if (ways.length === 0) check.found(`${where} must say where it leads`);
  for (const [index, way] of ways.entries()) {
    if (!isObject(way) || typeof way.target !== 'string') {
      check.found(`${where} must be \`{ target, guard? }\`, or a list of them`);
      continue;
    }
    check.keys(where, way, ['target', 'guard']);
    check.target(where, way.target);
    const isLast = index === ways.length - 1;
    if (way.guard !== undefined) check.guard(where, String(way.guard));
    if (isLast && way.guard !== undefined)
      check.found(`${where} leads nowhere when no guard holds: its last way must have none`);
    if (!isLast && way.guard === undefined)
      check.found(`${where} never gets beyond its way to ${way.target}, which has no guard`);
  }
}

const at = (states: Loose, name: string): Loose => (isObject(states[name]) ? states[name] : {});

function reachable(initial: string, states: Loose): ReadonlySet<string> {
  const met = new Set<string>();
  const waiting = Object.hasOwn(states, initial) ? [initial] : [];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (met.has(name)) continue;
    met.add(name);
    const { done, failed } = at(states, name);
    for (const way of [...list(done), ...list(failed)])
      if (isObject(way) && typeof way.target === 'string' && Object.hasOwn(states, way.target))
        waiting.push(way.target);
  }
  return met;
}

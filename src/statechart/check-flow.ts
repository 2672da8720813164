// Says everything that is wrong with a flow, before a worker runs it: its names and shape here, the promises of a job on
// every way through it in check-promises.ts.
import { NeedfulError } from '../contract/errors.js';
import { instead, nearest } from '../contract/nearest.js';
import { missing } from './answers.js';
import { checkForm } from './check-form.js';
import { checkPromises } from './check-promises.js';
import {
  type AnyBranch,
  type AnyFlow,
  type AnyState,
  type Flow,
  isIdle,
  list,
  nameOf,
  type Ref,
  waits,
} from './flow.js';
import type { FlowDefect, Found } from './flow-defect.js';

/** Throws FLOW_INVALID with all defects in one line. */
export function checkFlow(flow: AnyFlow): void {
  const defects = flowDefects(flow);
  if (defects.length > 0)
    throwDefects(`flow ${(flow as Partial<Flow> | null)?.id ?? 'without a name'}`, defects);
}

export function throwDefects(where: string, defects: readonly FlowDefect[]): void {
  if (defects.length === 0) return;
  const count = defects.length === 1 ? 'one defect' : `${defects.length} defects`;
  const lines = defects.map(({ code, message }) => `${code}: ${message}`);
  throw new NeedfulError('FLOW_INVALID', `${where} has ${count}: ${lines.join('; ')}`);
}

/** All that is wrong, in the order of the states; empty: nothing. */
export function flowDefects(given: AnyFlow): readonly FlowDefect[] {
  const flow = given as Flow;
  const defects: FlowDefect[] = [];
  const found: Found = (code, state, message) => {
    if (defects.some((defect) => defect.code === code && defect.message === message)) return;
    defects.push({ code, state, message });
  };
  checkForm(given, found);
  // What has not the form of a flow has nothing else to be asked for.
  if (defects.some(({ code }) => code === 'SHAPE_INVALID' || code === 'KEY_UNKNOWN')) return defects;
  checkNames(flow, found);
  checkUse(flow, found);
  checkShape(flow, found);
  checkWaiting(flow, found);
  // A way through states that are not there says nothing.
  if (defects.length === 0 && flow.vocabulary) checkPromises(flow, { vocabulary: flow.vocabulary, found });
  return defects;
}

function checkNames(flow: Flow, found: Found): void {
  const { vocabulary } = flow;
  const stateNames = Object.keys(flow.states);
  const keys = (own: object | undefined, known: readonly string[] = []) => [
    ...known,
    ...Object.keys(own ?? {}),
  ];
  const events = [...(vocabulary?.events ?? []), ...(flow.events ?? [])];
  const actions = keys(flow.actions, Object.keys(vocabulary?.actions ?? {}));
  const guards = keys(flow.guards, Object.keys(vocabulary?.guards ?? {}));
  const actors = keys(flow.actors, vocabulary?.actors);
  const target = (name: string | undefined, where: string, state: string | null) => {
    if (name === undefined || stateNames.includes(name)) return;
    found('TARGET_UNKNOWN', state, `${where} goes to "${name}", ${instead(name, stateNames)}`);
  };
  const actionRefs = (
    refs: Ref<string> | readonly Ref<string>[] | undefined,
    where: string,
    state: string | null,
  ) => {
    for (const name of list(refs).map(nameOf)) {
      if (vocabulary && !actions.includes(name))
        found('ACTION_UNKNOWN', state, `${where} names the action "${name}", ${instead(name, actions)}`);
    }
  };
  const branches = (all: readonly AnyBranch[], where: string, state: string | null) => {
    for (const branch of all) {
      target(branch.target, where, state);
      actionRefs(branch.actions, where, state);
      if (vocabulary && branch.guard !== undefined && !guards.includes(branch.guard))
        found(
          'GUARD_UNKNOWN',
          state,
          `${where} names the guard "${branch.guard}", ${instead(branch.guard, guards)}`,
        );
    }
  };
  const answers = (on: AnyState['on'], where: string, state: string | null) => {
    for (const [event, given] of Object.entries(on ?? {})) {
      branches(list(given), `${where} on ${event}`, state);
      if (vocabulary && !events.includes(event))
        found(
          'EVENT_UNKNOWN',
          state,
          `${where} answers "${event}", ${instead(event, events)} (\`events\` names your own)`,
        );
    }
  };
  target(flow.initial, '`initial`', null);
  answers(flow.on, 'the flow', null);
  for (const [name, state] of Object.entries(flow.states)) {
    const where = `state ${name}`;
    answers(state.on, where, name);
    branches(list(state.always), `${where} always`, name);
    actionRefs(state.entry, where, name);
    actionRefs(state.exit, where, name);
    if (vocabulary && state.run !== undefined && !actors.includes(state.run))
      found('ACTOR_UNKNOWN', name, `${where} runs "${state.run}", ${instead(state.run, actors)}`);
    if (vocabulary && typeof state.deadline === 'string' && !vocabulary.deadlines.includes(state.deadline)) {
      const known = instead(state.deadline, vocabulary.deadlines);
      found(
        'DEADLINE_UNKNOWN',
        name,
        `${where} has the deadline "${state.deadline}", ${known}${known.endsWith('?') ? ' Or' : '; or'} give milliseconds`,
      );
    }
  }
}

/** What was brought along must be used, and not stand in the way of the runtime. */
function checkUse(flow: Flow, found: Found): void {
  const used = usedNames(flow);
  for (const kind of ['actions', 'guards', 'actors'] as const) {
    for (const name of Object.keys(flow[kind] ?? {})) {
      if (used[kind].has(name)) continue;
      const near = instead(name, [...used[kind]]);
      found('IMPLEMENTATION_UNUSED', null, `\`${kind}\` has "${name}", which no state uses, ${near}`);
    }
  }
  for (const name of flow.events ?? []) {
    if (flow.vocabulary?.events.includes(name))
      found('EVENT_RESERVED', null, `\`events\` names "${name}", which is the runtime's own; leave it out`);
    else if (!used.events.has(name)) {
      const near = nearest(name, used.events);
      const hint = near === undefined ? '; leave it out' : `, did you mean "${near}"?`;
      found('EVENT_UNUSED', null, `\`events\` names "${name}", which no state answers${hint}`);
    }
  }
  for (const name of Object.keys(flow.actions ?? {})) {
    const meaning = flow.vocabulary?.actions[name];
    if (meaning === undefined || meaning.ends || meaning.doubts) continue;
    const text = `the action "${name}" is the runtime's own; give yours another name and list it beside it`;
    found('ACTION_RESERVED', null, text);
  }
}

function usedNames(flow: Flow) {
  const states = Object.values<AnyState>(flow.states);
  const ways = [flow.on, ...states.map(({ on }) => on)].flatMap((on) =>
    Object.values(on ?? {}).flatMap(list),
  );
  const all = [...(ways as AnyBranch[]), ...states.flatMap(({ always }) => list(always))];
  const refs = states.flatMap(({ entry, exit }) => [...list(entry), ...list(exit)]);
  const names = [...refs, ...all.flatMap(({ actions }) => list(actions))].map(nameOf);
  const present = (values: (string | undefined)[]) => new Set(values.filter((value) => value !== undefined));
  return {
    actions: new Set(names),
    guards: present(all.map(({ guard }) => guard)),
    actors: present(states.map(({ run }) => run)),
    events: new Set([flow.on, ...states.map(({ on }) => on)].flatMap((on) => Object.keys(on ?? {}))),
  };
}

function checkShape(flow: Flow, found: Found): void {
  const reached = new Set<string>();
  const stateNames = Object.keys(flow.states);
  const visit = (given: string) => {
    // A misspelt target is told as such; the state that was meant is not out of reach.
    const name = Object.hasOwn(flow.states, given) ? given : (nearest(given, stateNames) ?? given);
    const state = flow.states[name];
    if (state === undefined || reached.has(name)) return;
    reached.add(name);
    const ways = [...Object.values(state.on ?? {}), ...Object.values(flow.on ?? {}), state.always];
    for (const { target } of ways.flatMap((branches) => list(branches))) if (target) visit(target);
  };
  visit(flow.initial);
  for (const [name, state] of Object.entries(flow.states)) {
    if (!state.description) {
      found(
        'DESCRIPTION_MISSING',
        name,
        `state ${name} has no \`description\`; say in one sentence what it is`,
      );
    }
    if (!reached.has(name)) {
      found(
        'STATE_UNREACHABLE',
        name,
        `no way leads to state ${name}; give one its name as \`target\`, or leave it out`,
      );
    }
    const circle = endless(flow, name);
    if (circle) {
      const text = `${circle.join(' -> ')} goes on for ever; give an \`always\` of it a \`guard\``;
      found('ALWAYS_CYCLE', name, text);
    }
  }
}

/** States that are passed for ever, beginning and ending with the smallest name, so that a circle is found once. */
function endless(flow: Flow, from: string): readonly string[] | undefined {
  const way = [from];
  for (let at = from; ; ) {
    const next = list(flow.states[at]?.always).find(({ guard, target }) => !guard && target !== undefined);
    if (next?.target === undefined) return undefined;
    at = next.target;
    if (at === from) return [...way].sort()[0] === from ? [...way, from] : undefined;
    if (way.includes(at)) return undefined;
    way.push(at);
  }
}

function checkWaiting(flow: Flow, found: Found): void {
  for (const [name, state] of Object.entries<AnyState>(flow.states)) {
    if (!waits(state)) continue;
    const gap = (event: string) => missing(flow, { state: name, event });
    const stopGap = flow.vocabulary ? gap('stop') : null;
    if (stopGap !== null)
      found(
        'STOP_UNANSWERED',
        name,
        `state ${name} ${stopGap}; give the flow \`on: { stop: { target: … } }\``,
      );
    if (isIdle(state)) continue;
    if (state.deadline === undefined)
      found(
        'DEADLINE_MISSING',
        name,
        `state ${name} waits without \`deadline\`; name one, or give milliseconds`,
      );
    const expected = [
      'deadline.passed',
      ...(state.run === undefined ? [] : ['step.completed', 'step.failed']),
      ...(sendsReply(flow, state) ? ['reply.confirmed', 'reply.undeliverable', 'reply.lost'] : []),
    ];
    for (const event of expected) {
      const text = gap(event);
      if (text === null) continue;
      found('EVENT_UNANSWERED', name, `state ${name} ${text}; give it \`on: { '${event}': { target: … } }\``);
    }
  }
}

function sendsReply(flow: Flow, state: AnyState): boolean {
  return list(state.entry).some((ref) => flow.vocabulary?.actions[nameOf(ref)]?.replies !== undefined);
}

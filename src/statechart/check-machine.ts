// Says what is wrong with an XState machine that is given as a flow. One that has only what flows have is checked as a flow;
// of any other only the names can be held against the runtime's.
import type { AnyStateMachine } from 'xstate';
import { instead } from '../contract/nearest.js';
import { flowDefects, throwDefects } from './check-flow.js';
import { type AnyMachine, eventsOf, flowOfMachine } from './embed-machine.js';
import type { FlowDefect, Found } from './flow-defect.js';
import { machineGraph } from './graph.js';
import type { Vocabulary } from './vocabulary.js';

/** Throws FLOW_INVALID with all defects in one line. */
export function checkMachine(machine: AnyMachine, vocabulary: Vocabulary): void {
  throwDefects(`machine ${machine.id}`, machineDefects(machine, vocabulary));
}

export function machineDefects(machine: AnyMachine, vocabulary: Vocabulary): readonly FlowDefect[] {
  const flow = flowOfMachine(machine, vocabulary);
  if (flow !== null) return flowDefects(flow);
  const defects: FlowDefect[] = [];
  const found: Found = (code, state, message) => void defects.push({ code, state, message });
  const answered = eventsOf(machine);
  for (const event of ['delivery.received', 'delivery.lost', 'reply.lost', 'cancel', 'stop']) {
    if (!answered.includes(event))
      found('EVENT_UNANSWERED', null, `no state answers "${event}"; give one \`on: { '${event}': … }\``);
  }
  const { nodes, edges } = machineGraph(machine as AnyStateMachine);
  const own = (machine as AnyStateMachine).implementations;
  const actions = [...Object.keys(vocabulary.actions), ...Object.keys(own.actions)];
  const guards = [...Object.keys(vocabulary.guards), ...Object.keys(own.guards)];
  const isNamed = (name: string) => !name.startsWith('(') && !name.startsWith('xstate.');
  const checkAll = (names: readonly string[], state: string) => {
    for (const name of names.filter((each) => isNamed(each) && !actions.includes(each)))
      found('ACTION_UNKNOWN', state, `state ${state} names the action "${name}", ${instead(name, actions)}`);
  };
  for (const { key, entry, exit } of nodes) checkAll([...entry, ...exit], key);
  for (const edge of edges) {
    const state = edge.source.slice(machine.id.length + 1) || machine.id;
    checkAll(edge.actions, state);
    for (const name of (edge.guard === null ? [] : [edge.guard]).filter(
      (each) => isNamed(each) && !guards.includes(each),
    ))
      found('GUARD_UNKNOWN', state, `state ${state} names the guard "${name}", ${instead(name, guards)}`);
  }
  const entered = nodes.flatMap(({ entry }) => entry);
  if (!entered.some((name) => vocabulary.actions[name]?.rests))
    found('REST_MISSING', null, "no state has `entry: ['forget', 'rest']`, so the lane is never given a job");
  return defects;
}

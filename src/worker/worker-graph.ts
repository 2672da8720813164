// The graph of a worker: the machine that every one of its lanes runs, and in the state that does the needful a box for each
// step that is a machine itself.
import type { AnyStateMachine } from 'xstate';
import type { JobRuntime } from '../../machines/job-machine.js';
import { isMachine } from '../statechart/embed-machine.js';
import { type Graph, machineGraph } from '../statechart/graph.js';
import { nest } from '../statechart/nest.js';
import type { Step, Worker } from './definition.js';
import { laneFlow } from './lane-flow.js';
import type { StepJob } from './parse-job.js';

const needful = 'needful';

/** For a machine that is drawn and never runs. */
export const onlyDrawn: JobRuntime<StepJob> = {
  parse: () => {
    throw new Error('a machine that is drawn takes no job');
  },
  effects: {},
};

/** What `needful graph` draws of a worker. Steps that are functions have no states, so there is nothing of them to draw. */
export function workerGraph(worker: Worker): Graph {
  const flow = laneFlow(worker.flow);
  const lane = machineGraph(flow.machine(onlyDrawn));
  const running = lane.nodes.find(({ invoke }) => invoke.includes(needful));
  // A flow that has an actor of that name runs it in place of the steps.
  if (running === undefined || flow.actors[needful] !== undefined) return lane;
  return [...worker.steps.values()].reduce((whole, step) => {
    const graph = stepGraph(step);
    return graph === null ? whole : nest(whole, { into: running.id, name: step.name, graph });
  }, lane);
}

/** The states of a step that is a machine; null of one that is a function. */
export function stepGraph({ run, deadlineMs }: Step): Graph | null {
  if (!isMachine(run)) return null;
  const graph = machineGraph(run as unknown as AnyStateMachine);
  const nodes = graph.nodes.map((node) =>
    node.parent === null ? { ...node, deadline: node.deadline ?? deadlineMs ?? null } : node,
  );
  return { ...graph, nodes };
}

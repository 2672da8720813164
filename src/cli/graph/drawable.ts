// What can be drawn: one of Needful's own machines, a ready-made worker, or what a file exports: worker, flow or machine.
import { inspect } from 'node:util';
import type { AnyStateMachine } from 'xstate';
import { createJobMachine, releaseMachine, workerMachine } from '../../../machines/index.js';
import { NeedfulError } from '../../contract/errors.js';
import { nearest } from '../../contract/nearest.js';
import { oneLine } from '../../contract/problem.js';
import { isMachine } from '../../statechart/embed-machine.js';
import type { AnyFlow } from '../../statechart/flow.js';
import { type Graph, machineGraph } from '../../statechart/graph.js';
import type { ConfigurableWorker } from '../../worker/configure.js';
import type { Worker } from '../../worker/definition.js';
import { onlyDrawn, stepGraph, workerGraph } from '../../worker/worker-graph.js';
import { isWorker, loadFile, type OwnConfig } from '../load-worker.js';
import { readyMade, readyMadeNames } from '../ready-made.js';
import { sampleOf } from './sample.js';

const machines: Readonly<Record<string, () => AnyStateMachine>> = {
  job: () => createJobMachine(onlyDrawn),
  worker: () => workerMachine as unknown as AnyStateMachine,
  release: () => releaseMachine as unknown as AnyStateMachine,
};

export interface DrawableOptions {
  /** Of a worker that takes one. Without it a made-up one that fits is taken where there is one. */
  readonly config?: OwnConfig | undefined;
  /** Of a worker this step alone, which must be a machine. */
  readonly step?: string | undefined;
}

/** Rejects with the codes of `loadWorker`, FLOW_INVALID or, for the step, USAGE. */
export async function graphOf(given: string, { config, step }: DrawableOptions = {}): Promise<Graph> {
  const drawn = await drawable(given, config);
  if (isWorker(drawn)) return step === undefined ? workerGraph(drawn) : stepOf(drawn, step);
  if (step === undefined) return drawn;
  throw new NeedfulError('USAGE', `${given} is no worker: it has no step ${step}`);
}

async function drawable(given: string, config: OwnConfig | undefined): Promise<Worker | Graph> {
  const machine = Object.hasOwn(machines, given) ? machines[given]?.() : undefined;
  if (machine !== undefined) return machineGraph(machine);
  const ready = await readyMade(given);
  const exported = ready ?? (await loadFile(given, unknownDrawing)).exported;
  if (isWorker(exported)) return exported;
  if (isMachine(exported)) return machineGraph(exported as unknown as AnyStateMachine);
  if (isFlow(exported)) return flowGraph(exported, given);
  if (typeof exported === 'function') {
    const worker: unknown = defined(exported as ConfigurableWorker, { given, config });
    if (isWorker(worker)) return worker;
  }
  throw new NeedfulError(
    'WORKER_EXPORT_MISSING',
    `expected the default export of ${given} to be a worker, a flow or an XState machine`,
  );
}

function stepOf(worker: Worker, name: string): Graph {
  const step = worker.steps.get(name);
  const graph = step === undefined ? null : stepGraph(step);
  if (graph !== null) return graph;
  const drawn = [...worker.steps.values()]
    .filter((each) => stepGraph(each) !== null)
    .map((each) => each.name);
  const near = nearest(name, drawn);
  const hint = near === undefined || near === name ? '' : ` Did you mean ${near}?`;
  const what = step === undefined ? 'is not there' : 'is a function and has no states';
  throw new NeedfulError(
    'USAGE',
    `step ${name} of worker ${worker.name} ${what}; steps that are machines: ${drawn.join(', ') || 'none'}.${hint}`,
  );
}

function unknownDrawing(name: string): NeedfulError {
  const known = [...readyMadeNames, ...Object.keys(machines)];
  const near = nearest(name, known);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  return new NeedfulError(
    'WORKER_UNKNOWN',
    `expected a file, a ready-made worker (${readyMadeNames.join(', ')}) or a machine (${Object.keys(machines).join(', ')}), got ${JSON.stringify(name)}.${hint}`,
  );
}

function isFlow(value: unknown): value is AnyFlow {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'flow';
}

/** A flow that was not checked may lead to states that are not there. */
function flowGraph(flow: AnyFlow, given: string): Graph {
  try {
    return machineGraph(createJobMachine(onlyDrawn, flow));
  } catch (error) {
    const words = error instanceof Error ? error.message.split('\n').at(-1) : String(error);
    throw new NeedfulError('FLOW_INVALID', `the flow in ${given} cannot be drawn: ${words}`, {
      cause: error,
    });
  }
}

interface Given {
  readonly given: string;
  readonly config: OwnConfig | undefined;
}

function defined(worker: ConfigurableWorker, { given, config }: Given): Worker {
  try {
    return worker(config?.values ?? {});
  } catch (error) {
    if (error instanceof NeedfulError && error.code !== 'CONFIG_INVALID') throw error;
    const sample = config === undefined && worker.schema !== undefined ? sampleOf(worker.schema) : undefined;
    try {
      if (sample !== undefined) return worker(sample);
    } catch {
      // What the real configuration lacks says more than what a made-up one does.
    }
    throw undefinable(error, { given, config });
  }
}

function undefinable(error: unknown, { given, config }: Given): NeedfulError {
  // By its code: the file may have a copy of Needful of its own.
  if (error instanceof Error && 'code' in error && error.code === 'CONFIG_INVALID') {
    const where =
      config?.from ?? `worker ${given} cannot be drawn without a configuration, --worker-config FILE`;
    return new NeedfulError('CONFIG_INVALID', `${where}: ${error.message}`, { cause: error });
  }
  const thrown = oneLine(error instanceof Error ? `${error.name}: ${error.message}` : inspect(error));
  const how =
    config === undefined ? 'called without a configuration (--worker-config FILE)' : `given ${config.from}`;
  return new NeedfulError(
    'WORKER_FILE_BROKEN',
    `expected the function that ${given} exports to return a worker; ${how}, it threw ${thrown}`,
    { cause: error },
  );
}

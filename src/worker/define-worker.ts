// Checks a worker's definition once, when it is made, and turns it into what the runtime works with.

import type { z } from 'zod';
import { jobFlow } from '../../machines/job.js';
import { jobVocabulary } from '../../machines/job-vocabulary.js';
import { NeedfulError } from '../contract/errors.js';
import { nearest } from '../contract/nearest.js';
import { flowDefects, throwDefects } from '../statechart/check-flow.js';
import { machineDefects } from '../statechart/check-machine.js';
import { type AnyMachine, isMachine } from '../statechart/embed-machine.js';
import type { AnyFlow, Flow } from '../statechart/flow.js';
import { stepMachineDefects } from './check-step-machine.js';
import type {
  Input,
  Run,
  Step,
  StepContext,
  StepLogic,
  StepPolicy,
  Worker,
  WorkerDefinition,
} from './definition.js';
import type { AnyStepMachine, StepMachine } from './step-machine.js';
import { stepMachineLogic } from './step-machine-logic.js';

const workerKeys = [
  'name',
  'appId',
  'outputName',
  'parameters',
  'hosts',
  'replyTo',
  'format',
  'flow',
  'steps',
];
const stepKeys = ['parameters', 'dynamic', 'result', 'deadlineMs', 'hosts', 'run'];

/**
 * Defines a worker. Parameters, dynamic values and results of each step are inferred from its zod schemas.
 * Throws DEFINITION_INVALID.
 */
export function defineWorker<N extends string, C, P, D, R>(
  definition: WorkerDefinition<N, C, P, D, R>,
): Worker<N, C, P, D, R> {
  if (typeof definition !== 'object' || definition === null) {
    throw new NeedfulError('DEFINITION_INVALID', 'a worker must be an object with `name` and `steps`');
  }
  const { name, appId, outputName, parameters, hosts, replyTo, format, steps } = definition;
  if (typeof name !== 'string' || !/^[\w.-]{1,200}$/.test(name)) {
    throw wrong('a worker', '`name` must be of letters, digits, "_", "-" and "."');
  }
  const where = `worker ${name}`;
  checkKeys(where, definition, workerKeys);
  checkText(where, 'appId', appId);
  checkText(where, 'outputName', outputName);
  checkChoice(where, 'hosts', hosts, ['required', 'optional']);
  checkChoice(where, 'replyTo', replyTo, ['required', 'optional']);
  if (format !== undefined && typeof format?.decodeJob !== 'function') {
    throw wrong(where, '`format` must be a message format, such as `releaseEngine`');
  }
  checkSchema(where, 'parameters', parameters);
  if (typeof steps !== 'object' || steps === null || Object.keys(steps).length === 0) {
    throw wrong(where, '`steps` must name at least one step');
  }
  const common = parameters === undefined ? [] : [parameters as z.ZodType];
  const checked = new Map<string, Step>();
  for (const [key, step] of Object.entries<AnyStep>(steps as Record<string, AnyStep>)) {
    checked.set(
      key,
      checkStep(`step ${key} of ${where}`, { name: key, step, common, hosts: hosts ?? 'optional' }),
    );
  }
  const flow = checkedFlow(where, definition.flow);
  const isSilent = (flow as Partial<Flow>).replies === 'none';
  if (isSilent && replyTo === 'required') {
    throw wrong(
      where,
      "`replyTo: 'required'` asks for an address that its flow never replies to; leave it out",
    );
  }
  return {
    name,
    appId: appId ?? `${name}worker`,
    outputName: outputName ?? `${camelCase(name)}Worker`,
    replyTo: isSilent ? 'optional' : (replyTo ?? 'required'),
    ...(format && { format }),
    flow,
    steps: checked,
  };
}

/** The schemas and policies of one step, without its `run`. */
export interface StepSchemas<P, D, R> extends StepPolicy {
  readonly parameters?: z.ZodType<P, object>;
  readonly dynamic?: z.ZodType<D, object>;
  readonly result?: z.ZodType<unknown, R>;
}

/**
 * Types a step on its own, where a literal inside `defineWorker` cannot be inferred: `step({ parameters }).run(logic)`, or
 * `step({ parameters }).machine({ context, initial, states })` for one that is a state machine.
 */
export function step<P, D, R>(schemas: StepSchemas<P, D, R>) {
  return {
    run: (
      run: Run<Input<unknown, P, D>, R> | StepLogic<Input<unknown, P, D>>,
    ): StepSchemas<P, D, R> & { run: typeof run } => ({ ...schemas, run }),
    machine: <X extends object, N extends string, G extends string = never>(
      machine: StepMachine<Input<unknown, P, D>, X, N, G, R>,
    ): StepSchemas<P, D, R> & { run: StepLogic<Input<unknown, P, D>> } => ({
      ...schemas,
      // Made into logic by defineWorker, which knows what the step is called.
      run: machine as unknown as StepLogic<Input<unknown, P, D>>,
    }),
  };
}

function checkedFlow(
  where: string,
  given: WorkerDefinition<string, unknown, unknown, unknown, unknown>['flow'],
) {
  if (given === undefined) return jobFlow;
  const flow: unknown = typeof given === 'function' ? given(jobFlow) : given;
  if (isMachine(flow)) {
    throwDefects(`the flow of ${where}`, machineDefects(flow, jobVocabulary));
    return flow;
  }
  if (typeof flow !== 'object' || flow === null || !('kind' in flow) || flow.kind !== 'flow')
    throw wrong(where, '`flow` must be a flow, as `extendFlow` and `defineFlow` return');
  throwDefects(`the flow of ${where}`, flowDefects(flow as AnyFlow));
  return flow as AnyFlow;
}

interface AnyStep extends StepPolicy {
  readonly parameters?: unknown;
  readonly dynamic?: unknown;
  readonly result?: unknown;
  readonly run?: unknown;
}

function checkStep(
  where: string,
  given: { name: string; step: AnyStep; common: readonly z.ZodType[]; hosts: 'required' | 'optional' },
): Step {
  const { name, step: definition, common } = given;
  if (typeof definition !== 'object' || definition === null)
    throw wrong(where, 'it must be an object with `run`');
  checkKeys(where, definition, stepKeys);
  const { deadlineMs, hosts } = definition;
  const run = isStepMachine(definition.run) ? machineOf(where, name, definition.run) : definition.run;
  if (typeof run !== 'function' && !isLogic(run)) {
    throw wrong(where, '`run` must be a function, a step machine or XState actor logic');
  }
  if (deadlineMs !== undefined && !(typeof deadlineMs === 'number' && deadlineMs > 0)) {
    throw wrong(where, '`deadlineMs` must be a number of milliseconds above 0');
  }
  checkChoice(where, 'hosts', hosts, ['required', 'optional']);
  const parameters = checkSchema(where, 'parameters', definition.parameters);
  return {
    name,
    parameters: parameters === undefined ? common : [...common, parameters],
    dynamic: checkSchema(where, 'dynamic', definition.dynamic),
    result: checkSchema(where, 'result', definition.result),
    hosts: hosts ?? given.hosts,
    deadlineMs,
    run: run as Run<StepContext<unknown, unknown>, unknown>,
  };
}

const isStepMachine = (run: unknown): run is AnyStepMachine =>
  typeof run === 'object' && run !== null && 'states' in run && !isLogic(run);

function machineOf(where: string, name: string, machine: AnyStepMachine): AnyMachine {
  const defects = stepMachineDefects({ ...machine });
  if (defects.length > 0) throw wrong(where, defects.join('; '));
  return stepMachineLogic(name, machine);
}

export function isLogic(value: unknown): value is StepLogic<StepContext<unknown, unknown>> {
  return (
    typeof value === 'object' && value !== null && 'transition' in value && 'getInitialSnapshot' in value
  );
}

function checkKeys(where: string, value: object, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    throw wrong(
      where,
      `\`${key}\` is not known${near ? `; did you mean \`${near}\`?` : `; known are ${known.join(', ')}`}`,
    );
  }
}

function checkText(where: string, key: string, value: unknown): void {
  if (value === undefined || (typeof value === 'string' && value !== '')) return;
  throw wrong(where, `\`${key}\` must be text`);
}

function checkChoice(where: string, key: string, value: unknown, choices: readonly string[]): void {
  if (value === undefined || choices.includes(value as string)) return;
  throw wrong(where, `\`${key}\` must be one of ${choices.join(', ')}`);
}

function checkSchema(where: string, key: string, value: unknown): z.ZodType | undefined {
  if (value === undefined || typeof (value as z.ZodType | null)?.safeParse === 'function') {
    return value as z.ZodType | undefined;
  }
  throw wrong(where, `\`${key}\` must be a zod schema`);
}

const wrong = (where: string, what: string) => new NeedfulError('DEFINITION_INVALID', `${where}: ${what}`);

/** `git-merge` -> `GitMerge`. */
const camelCase = (name: string) =>
  name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

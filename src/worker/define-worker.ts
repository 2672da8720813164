// Checks a worker's definition once, when it is made, and turns it into what the runtime works with.

import type { z } from 'zod';
import { createJobFlow, type JobFlow } from '../../machines/job.js';
import type { Acknowledge, JobPolicy } from '../../machines/job-policy.js';
import { jobVocabulary } from '../../machines/job-vocabulary.js';
import { NeedfulError } from '../contract/errors.js';
import { flowDefects, throwDefects } from '../statechart/check-flow.js';
import { machineDefects } from '../statechart/check-machine.js';
import { type AnyMachine, isMachine } from '../statechart/embed-machine.js';
import type { AnyFlow, Flow } from '../statechart/flow.js';
import { checkChoice, checkKeys, checkRetry, checkSchema, checkText, wrong } from './check-member.js';
import { type AnyStep, checkStep } from './check-step.js';
import type {
  EventsOf,
  Input,
  Run,
  Step,
  StepLogic,
  StepPolicy,
  Worker,
  WorkerDefinition,
} from './definition.js';
import type { StepMachine } from './step-machine.js';

const choices = {
  hosts: ['required', 'optional'],
  replyTo: ['required', 'optional'],
  acknowledge: ['received', 'verified', 'settled'],
  unknownReply: ['resend', 'giveUp'],
  deliveryLost: ['abort', 'finish'],
  redelivered: ['run', 'fail'],
} as const;
const workerKeys = [
  'name',
  'appId',
  'outputName',
  'parameters',
  'format',
  'retry',
  'flow',
  'steps',
  ...Object.keys(choices),
];

/**
 * Defines a worker. Parameters, dynamic values and results of each step are inferred from its zod schemas.
 * Throws DEFINITION_INVALID.
 */
export function defineWorker<
  N extends string,
  C,
  P,
  D,
  R,
  const K extends Acknowledge = 'received',
  F extends AnyFlow | AnyMachine = JobFlow<K>,
>(definition: WorkerDefinition<N, C, P, D, R, K, F>): Worker<N, C, P, D, R, EventsOf<F>> {
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
  for (const key of Object.keys(choices) as (keyof typeof choices)[])
    checkChoice(where, key, definition[key], choices[key]);
  if (format !== undefined && typeof format?.decodeJob !== 'function') {
    throw wrong(where, '`format` must be a message format, such as `releaseEngine`');
  }
  checkSchema(where, 'parameters', parameters);
  if (typeof steps !== 'object' || steps === null || Object.keys(steps).length === 0) {
    throw wrong(where, '`steps` must name at least one step');
  }
  const worker = {
    parameters: parameters === undefined ? [] : [parameters as z.ZodType],
    hosts: hosts ?? 'optional',
    retry: checkRetry(where, definition.retry),
  } as const;
  const checked = new Map<string, Step>();
  for (const [key, step] of Object.entries<AnyStep>(steps as Record<string, AnyStep>)) {
    checked.set(key, checkStep(`step ${key} of ${where}`, { name: key, step, worker }));
  }
  const flow = checkedFlow(where, definition);
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
    redelivered: definition.redelivered ?? 'run',
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

/** Policies that are drawn: a flow of one's own has none of them but what it draws itself. */
const drawn = ['acknowledge', 'unknownReply', 'deliveryLost'] as const;

function checkedFlow(where: string, definition: JobPolicy & { readonly flow?: unknown }) {
  const { flow: given, deliveryLost, acknowledge = 'received' } = definition;
  if (deliveryLost !== undefined && acknowledge !== 'settled')
    throw wrong(
      where,
      "`deliveryLost` wants `acknowledge: 'settled'`: only then is a delivery there to be lost",
    );
  const base: AnyFlow = createJobFlow(definition);
  if (given === undefined) return base;
  const named = drawn.find((key) => definition[key] !== undefined);
  if (typeof given !== 'function' && named !== undefined)
    throw wrong(
      where,
      `\`${named}\` means nothing to a whole flow; draw it there, or change the default one: \`flow: (base) => extendFlow(base, …)\``,
    );
  const flow: unknown = typeof given === 'function' ? given(base) : given;
  if (isMachine(flow)) {
    throwDefects(`the flow of ${where}`, machineDefects(flow, jobVocabulary));
    return flow;
  }
  if (typeof flow !== 'object' || flow === null || !('kind' in flow) || flow.kind !== 'flow')
    throw wrong(where, '`flow` must be a flow, as `extendFlow` and `defineFlow` return');
  throwDefects(`the flow of ${where}`, flowDefects(flow as AnyFlow));
  return flow as AnyFlow;
}

/** `git-merge` -> `GitMerge`. */
const camelCase = (name: string) =>
  name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

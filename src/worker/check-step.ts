// Checks one step of a worker's definition, and turns it into what the runtime works with.
import type { AnyMachine } from '../statechart/embed-machine.js';
import { checkChoice, checkKeys, checkRetry, checkSchema, wrong } from './check-member.js';
import { stepMachineDefects } from './check-step-machine.js';
import type { Run, Step, StepContext, StepLogic, StepPolicy } from './definition.js';
import type { AnyStepMachine } from './step-machine.js';
import { stepMachineLogic } from './step-machine-logic.js';

const stepKeys = ['parameters', 'dynamic', 'result', 'deadlineMs', 'retry', 'hosts', 'run'];

/** What a step takes over from its worker. */
export type WorkersOwn = Pick<Step, 'parameters' | 'hosts' | 'retry'>;

export interface AnyStep extends StepPolicy {
  readonly parameters?: unknown;
  readonly dynamic?: unknown;
  readonly result?: unknown;
  readonly run?: unknown;
}

/** Throws DEFINITION_INVALID. */
export function checkStep(
  where: string,
  given: { readonly name: string; readonly step: AnyStep; readonly worker: WorkersOwn },
): Step {
  const { name, step: definition, worker } = given;
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
    parameters: parameters === undefined ? worker.parameters : [...worker.parameters, parameters],
    dynamic: checkSchema(where, 'dynamic', definition.dynamic),
    result: checkSchema(where, 'result', definition.result),
    hosts: hosts ?? worker.hosts,
    deadlineMs,
    retry: checkRetry(where, definition.retry) ?? worker.retry,
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

// The jobs of a worker's step, from the schemas that its definition has.
import { NeedfulError } from '../../contract/errors.js';
import { instead } from '../../contract/nearest.js';
import type { Step, Worker } from '../../worker/definition.js';
import { type SchemaValues, type ValuesOptions, valuesOf } from './values-of.js';

/** Whole parameters, and whole dynamic values, that fit. */
export interface StepExamples {
  readonly parameters?: ValuesOptions['examples'];
  readonly dynamic?: ValuesOptions['examples'];
}

/** Parameters and dynamic values for a step. Throws what `valuesOf` throws, and STEP_UNKNOWN. */
export function stepValues(
  worker: Pick<Worker, 'name' | 'steps'>,
  { step: name, examples = {} }: { readonly step: string; readonly examples?: StepExamples },
): { readonly parameters: SchemaValues; readonly dynamic: SchemaValues } {
  const step = stepOf(worker, name);
  const { parameters, dynamic } = examples;
  return {
    parameters: valuesOf(step.parameters, {
      of: `${worker.name}:${name}`,
      beside: { command: worker.name, subcommand: name },
      ...(parameters && { examples: parameters }),
    }),
    dynamic: valuesOf(step.dynamic ?? [], {
      of: `the dynamic values of ${worker.name}:${name}`,
      ...(dynamic && { examples: dynamic }),
    }),
  };
}

/** The step that does a job of that name. Throws STEP_UNKNOWN. */
export function stepOf({ name, steps }: Pick<Worker, 'name' | 'steps'>, step: string): Step {
  const found = steps.get(step) ?? steps.get('*');
  if (found !== undefined) return found;
  throw new NeedfulError(
    'STEP_UNKNOWN',
    `${name} has no step "${step}"; ${instead(step, [...steps.keys()])}`,
  );
}

// Everything that is checked of a worker, made of its definition alone: its schemas, every path of its flow, every fault in
// every state, and random walks. Each check is run on its own and says what was broken.
import { NeedfulError, type Problem } from '../contract/errors.js';
import type { Worker } from '../worker/definition.js';
import { type Coverage, coverage, type RecordedTransition } from './cover/index.js';
import { checkJob } from './paths/check-job.js';
import { checkPath } from './paths/check-path.js';
import { checkFault, type FaultName, faultCases, faultNames } from './paths/faults.js';
import { createSubject, type Subject, type SubjectJob } from './paths/subject.js';
import { type StepExamples, stepValues } from './values/index.js';
import { checkWalk } from './walks.js';

export interface ChecksOptions {
  /** By step: whole parameters and dynamic values that fit, where a schema has refinements or conversions. */
  readonly examples?: Readonly<Record<string, StepExamples>>;
  /** Default: all of them. `[]`: none. */
  readonly faults?: readonly FaultName[];
  /** How many random walks. Default 20. */
  readonly walks?: number;
  /** Of the first walk. Default 1. */
  readonly seed?: number;
}

export type CheckGroup = 'jobs' | 'paths' | 'faults' | 'walks';

export interface Check {
  readonly group: CheckGroup;
  readonly name: string;
  /** What was broken, a sentence each; none: it holds. */
  run(): Promise<readonly string[]>;
}

export interface Checks {
  readonly all: readonly Check[];
  /** What is wrong with the definition, though it can be run: a schema that takes everything. */
  readonly defects: readonly Problem[];
  /** What the checks that were run have covered of the flow. */
  coverage(): Coverage;
}

/** Throws EXAMPLE_NEEDED, NO_VALID_JOB and OPTION_INVALID. */
export function checksOf(worker: Worker, options: ChecksOptions = {}): Checks {
  const { examples = {}, faults = faultNames, walks = 20, seed = 1 } = options;
  checkNames(worker, options);
  const values = valuesFor(worker, examples);
  const subject = subjectOf(worker, values);
  const records: RecordedTransition[] = [];
  let walkedCount = 0;
  const seen = (moves: readonly { readonly from: string; readonly to: string; readonly event: string }[]) => {
    walkedCount += 1;
    const lane = walkedCount;
    records.push(...moves.map((move) => ({ ...move, lane })));
  };
  const all: Check[] = [];
  for (const [step, { parameters }] of values) {
    for (const wanted of ['valid', 'invalid'] as const) {
      if (parameters[wanted].length === 0) continue;
      all.push({
        group: 'jobs',
        name: `${worker.name}:${step} ${wanted === 'valid' ? 'takes' : 'refuses'} ${parameters[wanted].length} kinds of ${wanted} parameters`,
        async run() {
          const broken: string[] = [];
          for (const { value, path, why } of parameters[wanted]) {
            const job = { step, parameters: value, ...dynamicOf(values.get(step)) };
            const found = await checkJob(subject, { job, wanted });
            broken.push(...found.map((sentence) => `${[...path, why].join(': ')}: ${sentence}`));
          }
          return broken;
        },
      });
    }
  }
  for (const path of subject.paths) {
    all.push({
      group: 'paths',
      name: path.steps.map(({ stimulus }) => stimulus.name).join('; '),
      async run() {
        const { broken, moves } = await checkPath(path, subject);
        seen(moves);
        return broken;
      },
    });
  }
  for (const one of faultCases(subject, faults)) {
    all.push({
      group: 'faults',
      name: `${one.fault} in ${one.state}`,
      run: async () => (await checkFault(one, subject)).broken,
    });
  }
  for (let count = 0; count < walks; count++) {
    const of = seed + count;
    all.push({ group: 'walks', name: `walk ${of}`, run: () => checkWalk(subject, of) });
  }
  return {
    all,
    defects: [...values.values()].flatMap(({ parameters: { defect } }) => (defect === null ? [] : [defect])),
    coverage: () => coverage(worker.flow as never, records),
  };
}

/** The worker as paths and walks need it. Throws what `checksOf` throws. */
export const subjectFor = (worker: Worker, { examples = {} }: ChecksOptions): Subject =>
  subjectOf(worker, valuesFor(worker, examples));

type Values = ReturnType<typeof stepValues>;

const valuesFor = (worker: Worker, examples: NonNullable<ChecksOptions['examples']>) =>
  new Map(
    [...worker.steps.keys()].map((step) => {
      const given = examples[step];
      return [step, stepValues(worker, { step, ...(given && { examples: given }) })] as const;
    }),
  );

const dynamicOf = (values: Values | undefined) =>
  values === undefined ? {} : { dynamic: values.dynamic.valid[0].value };

/** The step that shows most of the flow: one that is tried again, and one that refuses something. */
function subjectOf(worker: Worker, values: ReadonlyMap<string, Values>): Subject {
  const steps = [...values].map(([name, given]) => {
    const attempts = worker.steps.get(name)?.retry?.attempts ?? 1;
    return { name, given, worth: (attempts > 1 ? 2 : 0) + (given.parameters.invalid.length > 0 ? 1 : 0) };
  });
  const [best] = steps.toSorted((a, b) => b.worth - a.worth);
  if (best === undefined) throw new NeedfulError('NO_VALID_JOB', `${worker.name} has no step`);
  const of = (parameters: Readonly<Record<string, unknown>>): SubjectJob => ({
    step: best.name,
    parameters,
    ...dynamicOf(best.given),
  });
  const wrong = best.given.parameters.invalid[0];
  const unknown = worker.steps.has('*') ? undefined : { ...of({}), step: 'NoSuchStep' };
  const invalid = wrong ? of(wrong.value) : unknown;
  return createSubject(worker, {
    valid: of(best.given.parameters.valid[0].value),
    ...(invalid && { invalid }),
  });
}

function checkNames(worker: Worker, { examples = {}, faults = [] }: ChecksOptions): void {
  for (const step of Object.keys(examples)) {
    if (worker.steps.has(step)) continue;
    const known = [...worker.steps.keys()].join(', ');
    throw new NeedfulError(
      'OPTION_INVALID',
      `examples: ${worker.name} has no step "${step}"; known are ${known}`,
    );
  }
  for (const fault of faults) {
    if (faultNames.includes(fault)) continue;
    throw new NeedfulError('OPTION_INVALID', `no fault "${fault}"; known are ${faultNames.join(', ')}`);
  }
}

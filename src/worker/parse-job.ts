// Holds a delivery against the worker's steps: what the state `parsing` does. Pure but for the user's own schemas.

import type { z } from 'zod';
import type { ParsedJob } from '../../machines/job-outcome.js';
import type { ErrorCode, Problem } from '../contract/errors.js';
import type { Received } from '../contract/message.js';
import type { Job, MessageFormat } from '../contract/message-format.js';
import { nearest } from '../contract/nearest.js';
import { problem, wordsOf } from '../contract/problem.js';
import { redact } from '../contract/secrets.js';
import type { Step, Worker } from './definition.js';
import { issuesOf } from './issues.js';

/** A job as its step is given it. Everything but the address is null when the job is invalid. */
export interface StepJob extends ParsedJob {
  readonly job: Job | null;
  readonly definition: Step | null;
  readonly parameters: unknown;
  readonly dynamic: unknown;
}

export interface ParseOptions {
  readonly format: MessageFormat;
  readonly bodyLimitBytes: number;
  readonly depthLimit: number;
  readonly valueLimit: number;
}

type Check = { readonly value: unknown } | { readonly problem: Problem };

/** What the parser is told of the delivery itself. */
type Arrived = Received & { readonly redelivered?: boolean };

export function createParser(worker: Worker, options: ParseOptions): (received: Arrived) => StepJob {
  const stepNames = [...worker.steps.keys()].filter((name) => name !== '*');
  return (received) => {
    const { address, job } = decode(received, options);
    const refuse = (problem: Problem, step: string | null = null): StepJob => ({
      address,
      step,
      problem,
      job: job.ok ? job.value : null,
      definition: null,
      parameters: null,
      dynamic: null,
    });
    if (!job.ok) return refuse(job.problem);
    if (received.redelivered && worker.redelivered === 'fail')
      return refuse(
        problem('REDELIVERED', 'the job was delivered before: it may have been begun'),
        job.value.subcommand,
      );
    const { subcommand, hosts } = job.value;
    const definition = worker.steps.get(subcommand ?? '') ?? worker.steps.get('*');
    if (definition === undefined) return refuse(unknownStep(subcommand, stepNames));
    const step = subcommand ?? definition.name;
    if (address.replyTo === null && worker.replyTo === 'required') {
      return refuse(
        problem('REPLY_ADDRESS_MISSING', 'the job has no reply_to, so nobody waits for it'),
        step,
      );
    }
    if (definition.hosts === 'required' && hosts.length === 0) {
      return refuse(problem('HOSTS_REQUIRED', `${worker.name}:${step} needs hosts and got none`), step);
    }
    const parameters = checkParameters(definition, job.value.parameters);
    if ('problem' in parameters) return refuse(parameters.problem, step);
    const dynamic = check('DYNAMIC_INVALID', 'dynamic values', definition.dynamic, job.value.dynamic);
    if ('problem' in dynamic) return refuse(dynamic.problem, step);
    return {
      address,
      step,
      problem: null,
      attemptLimit: definition.retry?.attempts ?? 1,
      job: job.value,
      definition,
      parameters: parameters.value,
      dynamic: dynamic.value,
    };
  };
}

/** A format that breaks its word and throws costs one job, not a lane. */
function decode(
  received: Received,
  { format, ...limits }: ParseOptions,
): ReturnType<MessageFormat['decodeJob']> {
  try {
    return format.decodeJob(received, limits);
  } catch {
    const { replyTo, correlationId } = received.properties;
    return {
      address: { replyTo: replyTo || null, correlationId: correlationId ?? null },
      job: {
        ok: false,
        problem: problem('FORMAT_THREW', `the message format ${format.name} threw on this job`),
      },
    };
  }
}

function unknownStep(subcommand: string | null, known: readonly string[]): Problem {
  if (subcommand === null || subcommand === '') {
    return problem('STEP_UNKNOWN', `the job names no step; known are ${known.join(', ')}`);
  }
  const near = nearest(subcommand, known);
  return problem(
    'STEP_UNKNOWN',
    `no step of that name; known are ${known.join(', ')}${near ? `; ${near} is close` : ''}`,
  );
}

function checkParameters(step: Step, given: Readonly<Record<string, unknown>>): Check {
  const [only] = step.parameters;
  if (only === undefined) return { value: {} };
  if (step.parameters.length === 1) return check('PARAMETERS_INVALID', 'parameters', only, given);
  let merged: object = {};
  for (const schema of step.parameters) {
    const one = check('PARAMETERS_INVALID', 'parameters', schema, given);
    if ('problem' in one) return one;
    merged = { ...merged, ...(one.value as object) };
  }
  return { value: merged };
}

function check(code: ErrorCode, what: string, schema: z.ZodType | undefined, value: unknown): Check {
  if (schema === undefined) return { value: {} };
  try {
    const result = schema.safeParse(value);
    if (result.success) return { value: result.data };
    const issues = issuesOf(result.error, { schema, value });
    const all = issues.map(({ path, message }) =>
      path.length > 0 ? `${redact(path.join('.')).slice(0, 300)}: ${message}` : message,
    );
    return { problem: problem(code, `${what} do not fit: ${all.join('; ')}`, issues) };
  } catch (error) {
    // Its name alone: the message may quote the value.
    const [name] = wordsOf(error).split(':', 1);
    return { problem: problem(code, `${what} could not be checked: the schema threw ${name}`) };
  }
}

// What a client is asked to send, held against its form before anything goes out.
import { NeedfulError } from '../contract/errors.js';
import type { JobRequest } from '../contract/message-format.js';
import { instead } from '../contract/nearest.js';
import { kindOf } from '../contract/problem.js';
import type { Worker } from '../worker/definition.js';
import type { SendOptions } from './client.js';

type Request = JobRequest & SendOptions;
type Expected = readonly [what: string, fits: (value: unknown) => boolean];

const isObject = (value: unknown): value is object => kindOf(value) === 'an object';
const isText = (value: unknown): value is string => typeof value === 'string';
const text: Expected = ['a string', isText];
const object: Expected = ['an object', isObject];

const members: { readonly [K in keyof Required<Request>]: Expected } = {
  step: text,
  group: text,
  parameters: object,
  hosts: ['an array of strings', (value) => Array.isArray(value) && value.every(isText)],
  dynamic: object,
  notify: object,
  correlationId: text,
  deadlineMs: ['a number above 0', (value) => typeof value === 'number' && value > 0],
  onEvent: ['a function', (value) => typeof value === 'function'],
};
const keys = Object.keys(members) as (keyof Request)[];

/** The one job that the arguments of `send` name: `(job)` or `(worker, job)`. Throws OPTION_INVALID. */
export function requestOf(first: Request | Worker, second: Request | undefined): Request {
  if (!isObject(first))
    throw invalid(
      `\`send\` takes one job, such as { step: 'sleep:Seconds', parameters: { seconds: 1 } }, got ${kindOf(first)}`,
    );
  if (!('steps' in first)) return checked(first, 'sleep:Seconds');
  if (!isObject(second))
    throw invalid(
      `\`send\` takes a job behind the worker, such as { step: 'Seconds', parameters: { seconds: 1 } }, got ${kindOf(second)}`,
    );
  const { step, ...job } = checked(second, 'Seconds');
  return { ...job, step: `${first.name}:${step}` };
}

function checked(job: Request, example: string): Request {
  for (const key of Object.keys(job)) {
    if (!Object.hasOwn(members, key)) throw invalid(`a job has no \`${key}\`, ${instead(key, keys)}`);
  }
  if (job.step === undefined)
    throw invalid(`\`step\` of a job: expected '${example}' or the like, got nothing`);
  for (const key of keys) {
    const [what, fits] = members[key];
    const value = job[key];
    if (value !== undefined && !fits(value))
      throw invalid(
        `\`${key}\` of a job: expected ${what}, got ${typeof value === 'number' ? value : kindOf(value)}`,
      );
  }
  return job;
}

const invalid = (message: string) => new NeedfulError('OPTION_INVALID', message);

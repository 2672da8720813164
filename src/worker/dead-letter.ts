// A job that nobody can be told about, or that is invalid, as it goes where dead letters are kept: the message as it came,
// with what is known of it in bounded headers.
import { historyOf, type JobContext } from '../../machines/job-outcome.js';
import { wellFormed } from '../contract/problem.js';
import type { Message, Received } from '../transport.js';

/** Where dead letters go. */
export interface DeadLetter {
  /** '' is the default exchange: the routing key is then a queue's name. */
  readonly exchange: string;
  /** Default: the name of the worker's queue. */
  readonly routingKey?: string;
}

/** Characters of one header; a broker takes all headers together in one frame of 128 KiB. */
const headerLimit = 4000;

export interface Facts {
  readonly queue: string;
  readonly worker: string;
  /** States that the job went through. */
  readonly path: readonly string[];
}

/** The headers begin with `x-needful-`; those that the message had are kept. */
export function deadLetter(
  to: DeadLetter,
  { context, facts }: { context: JobContext; facts: Facts },
): Message {
  const { exchange, routingKey, body, properties } = context.delivery as Received;
  const { parsed, outcome } = context;
  const problem = parsed?.problem ?? outcome?.problem;
  const said = {
    reason: problem?.code ?? (outcome === null ? 'UNANSWERED' : `UNANSWERED_${outcome.status.toUpperCase()}`),
    message: problem?.message,
    issues: problem?.issues && JSON.stringify(problem.issues),
    worker: facts.worker,
    step: parsed?.step ?? undefined,
    queue: facts.queue,
    exchange,
    'routing-key': routingKey,
    state: facts.path.join(' '),
    attempt: historyOf(context).retryCount + 1,
  };
  const headers = Object.entries(said).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [
      [`x-needful-${key}`, typeof value === 'string' ? wellFormed(value.slice(0, headerLimit)) : value],
    ];
  });
  return {
    exchange: to.exchange,
    routingKey: to.routingKey ?? facts.queue,
    body,
    mandatory: true,
    properties: {
      ...properties,
      persistent: true,
      headers: { ...properties.headers, ...Object.fromEntries(headers) },
    },
  };
}

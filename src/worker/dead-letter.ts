// A job that nobody can be told about, or that is invalid, as it goes where dead letters are kept: the message as it came,
// with what is known of it in bounded headers.
import { historyOf, type JobContext } from '../../machines/job-outcome.js';
import type { Issue } from '../contract/errors.js';
import { wellFormed } from '../contract/problem.js';
import { redactIn } from '../contract/redact-value.js';
import { redact } from '../contract/secrets.js';
import type { Message, Received } from '../transport.js';
import { sendableHeaders, sendableProperties } from './sendable.js';

/** Where dead letters go. */
export interface DeadLetter {
  /** '' is the default exchange: the routing key is then a queue's name. */
  readonly exchange: string;
  /** Default: the name of the worker's queue. */
  readonly routingKey?: string;
}

/** Characters of one header: all that are added stay below 32 KiB, beside as many of the message's own. */
const headerLimit = 4000;
const stepLimit = 200;

export interface Facts {
  readonly queue: string;
  readonly worker: string;
  /** States that the job went through. */
  readonly path: readonly string[];
}

/**
 * The headers begin with `x-needful-`, and tell no secret; body and headers that the message had are kept, as far as they can
 * be sent again: what came over the bus goes back to it as it came.
 */
export function deadLetter(
  to: DeadLetter,
  { context, facts }: { context: JobContext; facts: Facts },
): Message {
  const { exchange, routingKey, body, properties } = context.delivery as Received;
  const { parsed, outcome } = context;
  const own = sendableHeaders(properties.headers);
  const problem = parsed?.problem ?? outcome?.problem;
  const said = {
    reason: problem?.code ?? (outcome === null ? 'UNANSWERED' : `UNANSWERED_${outcome.status.toUpperCase()}`),
    message: problem?.message,
    issues: problem?.issues && issuesText(redactIn(problem.issues)),
    worker: facts.worker,
    step: redactIn(parsed?.step)?.slice(0, stepLimit),
    queue: facts.queue,
    exchange,
    'routing-key': routingKey,
    state: facts.path.join(' '),
    attempt: historyOf(context).retryCount + 1,
    'dropped-headers': own.droppedCount || undefined,
  };
  const headers = Object.entries(said).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [
      [
        `x-needful-${key}`,
        typeof value === 'string' ? wellFormed(redact(value).slice(0, headerLimit)) : value,
      ],
    ];
  });
  return {
    exchange: to.exchange,
    routingKey: to.routingKey ?? facts.queue,
    body,
    mandatory: true,
    properties: {
      ...sendableProperties(properties),
      persistent: true,
      headers: { ...own.headers, ...Object.fromEntries(headers) },
    },
  };
}

/** As many as have room, as JSON. */
function issuesText(issues: readonly Issue[]): string {
  let [count, text] = [issues.length, JSON.stringify(issues)];
  while (text.length > headerLimit) text = JSON.stringify(issues.slice(0, --count));
  return text;
}

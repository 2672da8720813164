// The format of those who take output lines instead of jobs: each line is a job for the one step there is. Nobody is
// answered and nothing is said about it on the bus: a line about a line would come back as the next line.
import { decodeObject } from './json-body.js';
import type { MessageFormat } from './message-format.js';
import { engineExchange, outputKey, queueName } from './names.js';
import { refused } from './problem.js';
import { releaseEngine } from './release-engine.js';

/**
 * Output lines as jobs, with the line in `parameters.message`. The queue `worker.<queue>` is bound to the key `output`.
 * No reply address is ever found, so it wants a flow with `replies: 'none'`.
 */
export const outputLines: MessageFormat = Object.freeze({
  ...releaseEngine,
  name: 'output-lines',
  topology(queue: string) {
    const name = queueName(queue);
    return {
      exchanges: [{ name: engineExchange, type: 'topic', durable: true }],
      queues: [{ name, durable: true }],
      bindings: [{ exchange: engineExchange, queue: name, routingKey: outputKey }],
    } as const;
  },
  decodeJob(received, limits) {
    const address = { replyTo: null, correlationId: received.properties.correlationId ?? null };
    const body = decodeObject(received, limits);
    if (!body.ok) return { address, job: body };
    const { message } = body.value;
    if (message === undefined) {
      return { address, job: refused('OUTPUT_MALFORMED', 'expected a message, got nothing') };
    }
    const job = {
      group: null,
      command: outputKey,
      subcommand: null,
      hosts: [],
      parameters: { message },
      dynamic: {},
      notify: {},
      body: body.value,
    };
    return { address, job: { ok: true, value: job } };
  },
  encodeOutput: () => null,
} satisfies MessageFormat);

// Names on the bus: exchange, queues and routing keys of the Release Engine. The prefixes are everybody's, also the original's.
import type { Topology } from './topology.js';

/** The one topic exchange: jobs, output lines, notifications. Replies go past it, over the default exchange. */
export const engineExchange = 're';

/** Routing key of output lines on `re`. */
export const outputKey = 'output';

/** `reply_to` of everything a worker sends: a constant that nobody listens to. */
export const workerReplyTo = 'log';

/** Queue of a worker: `sleep` -> `worker.sleep`. */
export function queueName(queue: string): string {
  return `worker.${queue}`;
}

/** Routing key of a job: `sleep` -> `worker.sleep`. That a queue of the same name is bound to it is a custom, no rule. */
export function jobKey(command: string): string {
  return `worker.${command}`;
}

/** Routing key of a notification: `irc` -> `notify.irc`. */
export function notificationKey(transport: string): string {
  return `notify.${transport}`;
}

/** `sleep:Seconds` -> `sleep` and `Seconds`, split at the first colon; without one the second is ''. */
export function splitStep(step: string): { readonly command: string; readonly subcommand: string } {
  const colon = step.indexOf(':');
  return colon < 0
    ? { command: step, subcommand: '' }
    : { command: step.slice(0, colon), subcommand: step.slice(colon + 1) };
}

/** Exchange, queue and binding of a worker that consumes `queue` (without prefix). */
export function workerTopology(queue: string): Topology {
  const name = queueName(queue);
  return {
    exchanges: [{ name: engineExchange, type: 'topic', durable: true }],
    queues: [{ name, durable: true }],
    bindings: [{ exchange: engineExchange, queue: name, routingKey: jobKey(queue) }],
  };
}

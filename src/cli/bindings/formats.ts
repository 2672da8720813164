// A topology as others take it: commands of rabbitmqadmin, definitions for RabbitMQ's import.
import type { Topology } from '../../contract/topology.js';

/** For the rabbitmqadmin that comes with RabbitMQ's management plugin: commands, each as the words of a shell. */
export function rabbitmqadmin(
  { exchanges, queues, bindings }: Topology,
  vhost: string,
): readonly (readonly string[])[] {
  const command = (words: readonly string[]) =>
    ['rabbitmqadmin', ...(vhost === '/' ? [] : [`--vhost=${vhost}`]), 'declare', ...words].map(quoted);
  return [
    ...exchanges.map(({ name, type, durable }) =>
      command(['exchange', `name=${name}`, `type=${type}`, `durable=${durable}`]),
    ),
    ...queues.map(({ name, durable }) => command(['queue', `name=${name}`, `durable=${durable}`])),
    ...bindings.map(({ exchange, queue, routingKey }) =>
      command([
        'binding',
        `source=${exchange}`,
        'destination_type=queue',
        `destination=${queue}`,
        `routing_key=${routingKey}`,
      ]),
    ),
  ];
}

/** For a shell; most words need nothing. */
const quoted = (word: string) =>
  /^[\w./=@%:+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** For `rabbitmqctl import_definitions` and the management page's import. */
export function definitions({ exchanges, queues, bindings }: Topology, vhost: string): string {
  const content = {
    exchanges: exchanges.map(({ name, type, durable }) => ({
      name,
      vhost,
      type,
      durable,
      auto_delete: false,
      internal: false,
      arguments: {},
    })),
    queues: queues.map(({ name, durable }) => ({ name, vhost, durable, auto_delete: false, arguments: {} })),
    bindings: bindings.map(({ exchange, queue, routingKey }) => ({
      source: exchange,
      vhost,
      destination: queue,
      destination_type: 'queue',
      routing_key: routingKey,
      arguments: {},
    })),
  };
  return JSON.stringify(content, undefined, 2);
}

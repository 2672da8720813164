// The conformance suite's view of RabbitMQ: a private node, looked at and harmed through rabbitmqctl and its HTTP API,
// never through the adapter.
import { type ChannelModel, connect } from 'amqplib';
import { createAmqpTransport } from '../../adapters/amqp/index.js';
import type { Broker } from '../../scripts/broker.js';
import type { Transport } from '../../src/transport.js';
import type { ConformanceHarness, QueueCounts } from './harness.js';

export const skippedCases: Readonly<Record<string, string>> = {};

/** `broker` is private and has the management plugin; the harness stops it. */
export async function createRabbitMQHarness(broker: Broker): Promise<ConformanceHarness> {
  const admin = await connect(broker.url);
  const transports: Transport[] = [];
  let last = 0;
  const unique = (prefix: string) => `${prefix}-${++last}`;
  return {
    skipped: skippedCases,
    unique,
    connect(name = unique('connection')) {
      const transport = createAmqpTransport({ url: broker.url, name });
      transports.push(transport);
      return transport;
    },
    async cut(name) {
      await broker.rabbitmqctl('eval', cutExpression(name));
    },
    async block() {
      await broker.rabbitmqctl('set_vm_memory_high_watermark', '0.000001');
    },
    async unblock() {
      await broker.rabbitmqctl('set_vm_memory_high_watermark', '0.4');
    },
    deleteQueue: (name) => deleteQueue(admin, name),
    queue: (name) => queueCounts(broker, name),
    async stop() {
      await Promise.all(transports.map((transport) => transport.close()));
      await admin.close();
      await broker.stop();
    },
  };
}

/** Asks the broker itself: the HTTP API shows a connection only seconds after it came. Ends when all of the name are gone. */
function cutExpression(name: string): string {
  const named = `fun(I) -> lists:member({<<"connection_name">>, longstr, <<"${name}">>}, proplists:get_value(client_properties, I, [])) end`;
  const found = `[proplists:get_value(pid, I) || I <- rabbit_networking:connection_info_all([pid, client_properties]), Named(I)]`;
  return `Named = ${named}, Cut = ${found}, [rabbit_networking:close_connection(P, "cut by the operator") || P <- Cut], Gone = fun Wait(P) -> case is_process_alive(P) of true -> timer:sleep(5), Wait(P); false -> ok end end, [Gone(P) || P <- Cut], ${'length(Cut)'}.`;
}

async function deleteQueue(admin: ChannelModel, name: string): Promise<void> {
  const channel = await admin.createChannel();
  // An exclusive queue of a connection that lives is refused; it goes with that connection.
  channel.on('error', () => {});
  await channel.deleteQueue(name).then(
    () => channel.close(),
    () => {},
  );
}

/** The API's numbers come half a second late; a queue too young to have any is asked for again. */
async function queueCounts(broker: Broker, name: string): Promise<QueueCounts | undefined> {
  const { username, password, origin } = new URL(broker.managementUrl ?? '');
  const headers = { authorization: `Basic ${btoa(`${username}:${password}`)}` };
  for (;;) {
    const response = await fetch(`${origin}/api/queues/%2F/${encodeURIComponent(name)}`, { headers });
    const found: unknown = await response.json();
    if (response.status === 404) return undefined;
    const counts = readCounts(found);
    if (counts !== undefined) return counts;
  }
}

function readCounts(found: unknown): QueueCounts | undefined {
  if (typeof found !== 'object' || found === null) return undefined;
  const { messages_ready, messages_unacknowledged, consumers } = Object.fromEntries(Object.entries(found));
  const numbers = [messages_ready, messages_unacknowledged, consumers].filter((n) => typeof n === 'number');
  const [readyCount, unsettledCount, consumerCount] = numbers;
  if (readyCount === undefined || unsettledCount === undefined || consumerCount === undefined)
    return undefined;
  return { readyCount, unsettledCount, consumerCount };
}

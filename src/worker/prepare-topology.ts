// Sees to it, before a worker listens, that what it needs exists on the broker.
import { errorKinds, NeedfulError } from '../contract/errors.js';
import type { MessageFormat } from '../contract/message-format.js';
import type { Topology, Transport } from '../transport.js';
import type { DeadLetter } from './dead-letter.js';

/** Passive: rejects with QUEUE_MISSING, EXCHANGE_MISSING or TOPOLOGY_DIFFERENT. */
export async function checkTopology(transport: Transport, topology: Topology): Promise<void> {
  const differences = await transport.check(topology);
  const where = transport.status.address;
  for (const { kind, name, found, detail } of differences) {
    if (found === 'unknown') continue;
    if (found === 'different') {
      throw new NeedfulError(
        'TOPOLOGY_DIFFERENT',
        `${kind} ${name} on ${where} is another than the worker needs: ${detail}`,
      );
    }
    const code = kind === 'exchange' ? 'EXCHANGE_MISSING' : 'QUEUE_MISSING';
    throw new NeedfulError(code, `${kind} ${name} does not exist on ${where}. ${errorKinds[code].remedy}`);
  }
}

/**
 * Rejects with ACCESS_REFUSED where no reply could be sent: a worker that found out with its first job would lose it. Only
 * for the default exchange, and not asked of a broker of this process, which permits everything.
 */
export async function checkReplies(transport: Transport, format: MessageFormat): Promise<void> {
  const { embedded, address } = transport.status;
  if (embedded || replyExchange(format) !== '') return;
  const exchanges = [{ name: '', type: 'direct', durable: true }] as const;
  await transport.check({ exchanges, queues: [], bindings: [] }).catch((error: unknown) => {
    if (!(error instanceof NeedfulError) || error.code !== 'ACCESS_REFUSED') throw error;
    throw new NeedfulError(
      'ACCESS_REFUSED',
      `the broker does not let the worker reply: its user may not publish to the default exchange of ${address}. Permit it to write to \`amq.default\`. ${error.message}`,
      { cause: error },
    );
  });
}

/** Rejects with EXCHANGE_MISSING or QUEUE_MISSING where dead letters could not go. */
export async function checkDeadLetter(transport: Transport, to: DeadLetter | undefined): Promise<void> {
  if (to === undefined) return;
  const { exchange, routingKey = '' } = to;
  const differences = await transport.check({
    exchanges: exchange === '' ? [] : [{ name: exchange, type: 'topic', durable: true }],
    queues: exchange === '' ? [{ name: routingKey, durable: true }] : [],
    bindings: [],
  });
  // Whatever it is like otherwise is its owner's business.
  const [missing] = differences.filter(({ found }) => found === 'missing');
  if (missing === undefined) return;
  const { kind, name } = missing;
  throw new NeedfulError(
    kind === 'exchange' ? 'EXCHANGE_MISSING' : 'QUEUE_MISSING',
    `${kind} ${name} for dead letters does not exist on ${transport.status.address}. Create it: a worker does not declare it.`,
  );
}

/** Where a format sends replies; null: it cannot say it without a job. */
function replyExchange(format: MessageFormat): string | null {
  const address = { replyTo: 'nobody', correlationId: null };
  try {
    return format.encodeReply({ status: 'started' }, { address, appId: '', messageId: '' }).exchange;
  } catch {
    return null;
  }
}

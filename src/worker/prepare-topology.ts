// Sees to it, before a worker listens, that what it needs exists on the broker.
import { errorKinds, NeedfulError } from '../contract/errors.js';
import type { Topology, Transport } from '../transport.js';

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

// Compares over AMQP, where a thing can be asked for by name and nothing can be listed.
import type { AmqpTransport } from '../../../adapters/amqp/index.js';
import type { Topology } from '../../contract/topology.js';
import { type Finding, thingsOf } from './finding.js';

/** The broker names the first difference only. */
export const othersMayFollow = '; others may follow';

/** Changes nothing: only what exists already is declared again, which compares its arguments. */
export async function checkOverAmqp(
  transport: AmqpTransport,
  topology: Topology,
): Promise<readonly Finding[]> {
  const differences = await transport.compare(topology);
  return thingsOf(topology).map((thing): Finding => {
    if (thing.kind === 'binding') return { thing, state: 'unknown', detail: '', checkedBy: [] };
    const { kind, spec } = thing;
    const difference = differences.find((found) => found.kind === kind && found.name === spec.name);
    // Unknown are its arguments alone: that it exists was asked first.
    const state = difference === undefined || difference.found === 'unknown' ? 'there' : difference.found;
    const more = state === 'different' ? othersMayFollow : '';
    return { thing, state, detail: (difference?.detail ?? '') + more, checkedBy: ['amqp'] };
  });
}

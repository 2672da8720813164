// Compares over AMQP, where a thing can be asked for by name and nothing can be listed.
import { NeedfulError } from '../../contract/errors.js';
import type { Difference, Topology, Transport } from '../../transport.js';
import { type Finding, type Thing, thingsOf } from './finding.js';

const unlisted = 'AMQP cannot list bindings; --management URL asks the management API';
const furtherDiffer = 'the broker names the first difference only, others may follow';

/** Changes nothing: only what exists already is declared again, which compares its arguments. */
export async function checkOverAmqp(transport: Transport, topology: Topology): Promise<readonly Finding[]> {
  const differences = await transport.check({ ...topology, bindings: [] });
  const findings: Finding[] = [];
  for (const thing of thingsOf(topology)) {
    if (thing.kind === 'binding') findings.push({ thing, state: 'unknown', detail: unlisted });
    else {
      const difference = differences.find(
        ({ kind, name }) => kind === thing.kind && name === thing.spec.name,
      );
      findings.push(difference === undefined ? await compare(transport, thing) : found(thing, difference));
    }
  }
  return findings;
}

const found = (thing: Thing, { found: state, detail }: Difference): Finding => ({ thing, state, detail });

async function compare(transport: Transport, thing: Exclude<Thing, { kind: 'binding' }>): Promise<Finding> {
  const alone =
    thing.kind === 'exchange'
      ? { exchanges: [thing.spec], queues: [] }
      : { exchanges: [], queues: [thing.spec] };
  try {
    await transport.declare({ ...alone, bindings: [] });
    return { thing, state: 'there', detail: '' };
  } catch (error) {
    if (!(error instanceof NeedfulError)) throw error;
    if (error.code === 'TOPOLOGY_DIFFERENT')
      return { thing, state: 'different', detail: `${words(error)}; ${furtherDiffer}` };
    if (error.code !== 'ACCESS_REFUSED') throw error;
    return {
      thing,
      state: 'there',
      detail: 'its arguments cannot be compared: this user may not declare it',
    };
  }
}

/** The broker's own, without what is said around them. */
const words = ({ message }: NeedfulError) =>
  /was refused: (.*?)\.(?: Use what exists.*)?$/s.exec(message)?.[1] ?? message;

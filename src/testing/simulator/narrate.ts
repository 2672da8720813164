// What is seen on the bus, in words: the lines of a trace.
import type { BrokerEvent, LinkEvent } from '../../../adapters/memory/index.js';
import type { BusEvent } from '../../contract/bus-event.js';
import type { Message } from '../../transport.js';
import type { TransitionRecord } from '../../worker/running-worker.js';
import type { TraceLine } from './trace.js';

type Line = Omit<TraceLine, 'step' | 'ms'>;

const idOf = ({ properties }: Message) => properties.correlationId ?? 'nobody';
const fromBroker = (to: string, text: string): Line => ({ from: 'broker', to, text });
const toBroker = (from: string, text: string): Line => ({ from, to: 'broker', text });
export const at = (where: string, text: string): Line => ({ from: where, to: where, text });

/** `seen`: the same in the protocol's words. null: not worth a line. */
export function lineOfTap(event: BrokerEvent, seen: BusEvent | null): Line | null {
  const id = idOf(event.message);
  if (event.type === 'delivered') {
    if (!event.queue.startsWith('worker.')) return null;
    const again = event.redelivered ? ', again' : '';
    return fromBroker(event.connection, `delivery ${event.delivery} of ${id}${again}`);
  }
  if (event.type === 'settled') {
    const text = `${event.how} delivery ${event.delivery} of ${id}`;
    return event.how === 'lost' ? at('broker', text) : toBroker(event.connection, text);
  }
  if (event.connection === 'operator') return toBroker('engine', `job ${id}`);
  const what = seen?.type === 'reply' ? seen.status : seen?.type;
  const nowhere = event.queues.length === 0 ? ', no queue takes it' : '';
  return toBroker(event.connection, `${what ?? event.message.routingKey} of ${id}${nowhere}`);
}

export function lineOfTransition(worker: string, record: TransitionRecord): Line {
  const { lane, from, to, event } = record;
  const machine = lane === null ? 'worker' : `lane ${lane}`;
  return { ...at(worker, `${machine}: ${from} -> ${to} on ${event}`), machine, state: to };
}

export function lineOfLink(event: LinkEvent): Line {
  switch (event.type) {
    case 'heard':
      return at(event.connection, `has delivery ${event.delivery}`);
    case 'answered': {
      const { connection, message, outcome } = event;
      const status = message.properties.messageId?.replace(/^.*-/, '') ?? 'publish';
      return fromBroker(connection, `${outcome}: ${status} of ${idOf(message)}`);
    }
    case 'ended':
      return at('broker', `knows that ${event.connection} is gone`);
    case 'left':
      return at(event.connection, event.lost ? 'knows that its connection is lost' : 'closed its connection');
    case 'dropped':
      return at('broker', `loses transient ${idOf(event.message)}`);
  }
}

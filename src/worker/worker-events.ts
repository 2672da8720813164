// What the bus says, in the words of the worker's machine.
import type { WorkerEvent } from '../../machines/worker.js';
import { NeedfulError } from '../contract/errors.js';
import type { TransportEvent } from '../transport.js';

/** null: nothing that concerns the worker's machine. */
export function toWorkerEvent(event: TransportEvent, queue: string): WorkerEvent | null {
  switch (event.type) {
    case 'connection.closed':
      return { type: 'connection.lost', error: event.error };
    case 'channel.closed':
      return event.purpose === 'jobs' ? { type: 'connection.lost', error: event.error } : null;
    case 'consumer.cancelled': {
      const message = `the broker cancelled the consumer of ${queue}: the queue was deleted or has moved`;
      return {
        type: 'consumer.cancelled',
        error: new NeedfulError('QUEUE_MISSING', message, { retry: true }),
      };
    }
    case 'connection.blocked':
    case 'connection.unblocked':
      return { type: event.type };
    default:
      return null;
  }
}

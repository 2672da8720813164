// The way of output lines and notifications to the broker. They are for people to read, so nothing waits for them: while
// the broker takes none they are dropped, told in the log, and counted. A worker that is cut off for hours keeps nothing.
import type { Clock } from '../clock.js';
import type { Message, Transport } from '../transport.js';
import type { Logger } from './logger.js';

/** Shortest time between two lines in the log about lines that are dropped, in milliseconds. */
const quietMs = 10_000;

export interface Lines {
  /** Whether a line would be sent now; one that would not is counted as dropped. */
  take(): boolean;
  publish(message: Message): void;
  readonly droppedCount: number;
}

export function createLines(options: {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly logger: Logger;
}): Lines {
  const { transport, clock, logger } = options;
  let { blocked, phase } = transport.status;
  let full = false;
  let droppedCount = 0;
  /** Of the drops that the log was not told of yet. */
  let untoldCount = 0;
  let quietUntil = Number.NEGATIVE_INFINITY;
  let closedCount = 0;

  const tell = (fields: object, message: string) => {
    const now = clock.now();
    if (now < quietUntil) return false;
    quietUntil = now + quietMs;
    logger.warn(fields, message);
    return true;
  };
  transport.subscribe((event) => {
    switch (event.type) {
      case 'connection.opened':
      case 'connection.closed':
        phase = event.type === 'connection.opened' ? 'open' : 'closed';
        blocked = false;
        break;
      case 'connection.blocked':
      case 'connection.unblocked':
        blocked = event.type === 'connection.blocked';
        break;
      case 'buffer.drained':
        full = false;
        break;
      case 'channel.closed':
        if (event.purpose !== 'lines') break;
        closedCount += 1;
        if (tell({ closed: closedCount, why: event.error.message }, 'output lines are lost')) closedCount = 0;
        break;
      default:
    }
  });
  const why = () => {
    if (phase !== 'open') return 'there is no connection';
    if (blocked) return 'the connection is blocked';
    return full ? 'they come faster than the broker takes them' : null;
  };
  return {
    take() {
      if (phase === 'open' && !blocked && !full) return true;
      droppedCount += 1;
      untoldCount += 1;
      if (tell({ dropped: untoldCount, why: why() }, 'output lines are dropped')) untoldCount = 0;
      return false;
    },
    publish(message) {
      if (!transport.publish(message)) full = true;
    },
    get droppedCount() {
      return droppedCount;
    },
  };
}

// What a worker keeps an eye on beside its jobs, and tells the log: deliveries that come again or are kept for long, alarms, an
// event loop that stands still.
import type { Delivery, TransportEvent } from '../transport.js';
import { watchAcks } from './ack-watch.js';
import type { Lane } from './lane.js';
import type { Logger } from './logger.js';
import { watchLoop } from './loop-watch.js';
import type { ResolvedOptions } from './options.js';

/** Part of the broker's `consumer_timeout` after which a delivery that is not settled is told. */
const lateShare = 0.8;

export interface Watches {
  /** The worker is about to connect. */
  start(): void;
  /** To be called before the delivery is anybody's. */
  delivered(delivery: Delivery): void;
  heard(event: TransportEvent): void;
  stop(): void;
}

export function createWatches({
  options,
  logger,
  lanes,
}: {
  readonly options: ResolvedOptions;
  readonly logger: Logger;
  readonly lanes: readonly Lane[];
}): Watches {
  const { transport, clock, consumerTimeoutMs } = options;
  let unwatchLoop = () => {};
  const acks = watchAcks(clock, {
    limitMs: consumerTimeoutMs * lateShare,
    onLate: ({ properties: { correlationId } }) =>
      logger.warn(
        { correlationId, consumerTimeoutMs },
        "a delivery is not acknowledged for long: at the broker's consumer_timeout the channel ends, and the job is given to a worker again",
      ),
  });
  const stalled = (stalledMs: number) => {
    const { heartbeatMs } = transport.status;
    const busy = lanes.map((lane) => lane.status()).filter(({ step }) => step !== null);
    const steps = busy.map(({ step, correlationId }) => ({ step, correlationId }));
    logger.warn(
      { stalledMs, heartbeatMs, steps },
      'the event loop stood still: no heartbeat was sent, and the broker gives up who is silent for two; long computations belong in a thread',
    );
  };

  return {
    start() {
      const { heartbeatMs } = transport.status;
      unwatchLoop();
      if (heartbeatMs > 0) unwatchLoop = watchLoop({ limitMs: heartbeatMs / 2, onStall: stalled });
    },
    delivered(delivery) {
      acks.add(delivery);
      if (!delivery.redelivered) return;
      const { correlationId, headers } = delivery.properties;
      // Only quorum queues count.
      logger.info({ correlationId, deliveryCount: headers?.['x-delivery-count'] }, 'a job comes again');
    },
    heard(event) {
      if (event.type === 'connection.blocked')
        logger.warn({ why: event.reason }, 'the broker takes nothing until its alarm ends');
      if (event.type === 'connection.unblocked') logger.info({}, "the broker's alarm ended");
    },
    stop() {
      acks.stop();
      unwatchLoop();
    },
  };
}

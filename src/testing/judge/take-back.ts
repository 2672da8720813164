// Takes the judge's own messages out of the worker's queue again: a poisonous one would kill the worker anew, and what is there
// tells who gave a job back, or never acknowledged it. What belongs to others goes back as it was.
import type { Clock } from '../../clock.js';
import type { Delivery, Transport } from '../../transport.js';
import type { Desk } from './desk.js';

export interface TakeBackOptions {
  readonly transport: Transport;
  readonly queue: string;
  readonly clock: Clock;
  readonly desk: Desk;
  /** Called while this consumer is there. */
  readonly meanwhile?: () => Promise<void>;
}

/** How long nothing must come. */
const quietMs = 150;
/** Of a worker that gives a message back for ever, every second one comes here; of others there are few. */
const mostAtATime = 1_000;

/** What was found, in the order of the queue; all of it is acknowledged. */
export async function takeBack(options: TakeBackOptions): Promise<readonly Delivery[]> {
  const { transport, queue, desk, clock, meanwhile } = options;
  const mine: Delivery[] = [];
  const others: Delivery[] = [];
  let lastAt = clock.now();
  const consumer = await transport.consume(queue, {
    prefetchCount: mostAtATime,
    onDelivery: (delivery) => {
      lastAt = clock.now();
      if (desk.jobOf(delivery) === undefined) others.push(delivery);
      else if (delivery.settle('acknowledge')) mine.push(delivery);
    },
  });
  await meanwhile?.();
  for (let left = quietMs; left > 0; left = lastAt + quietMs - clock.now()) await desk.change(left);
  await consumer.cancel();
  for (const delivery of others) delivery.settle('requeue');
  return mine;
}

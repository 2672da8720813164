// Where deliveries meet lanes. A delivery that finds no free lane waits, first in first out; one that waits too long says
// so, and the worker gives back what waits, since with an early ack the broker pushes jobs to a worker that is busy for
// hours while others are idle (ADR 0003).

import type { Clock } from '../clock.js';
import type { Delivery } from '../transport.js';
import type { Lane } from './lane.js';

export interface Intake {
  offer(delivery: Delivery): void;
  /** The lane listens. */
  free(lane: Lane): void;
  /** The lane is no longer there. */
  remove(lane: Lane): void;
  /** Puts what waits back to the queue, newest first, which keeps the order. Returns how many. */
  giveBack(): number;
  /** From now on deliveries only wait, until they are given back. */
  close(): void;
  readonly hasFreeLane: boolean;
}

export interface IntakeOptions {
  readonly clock: Clock;
  readonly holdMs: number;
  /** A delivery has waited `holdMs` and every lane is busy. */
  readonly onFilled: () => void;
  readonly onFreed: () => void;
}

export function createIntake({ clock, holdMs, onFilled, onFreed }: IntakeOptions): Intake {
  const free: Lane[] = [];
  let waiting: Delivery[] = [];
  let timer: unknown;
  let closed = false;

  const watch = () => {
    if (closed || timer !== undefined || waiting.length === 0) return;
    timer = clock.setTimeout(() => {
      timer = undefined;
      waiting = waiting.filter((delivery) => delivery.settlement === 'none');
      if (waiting.length > 0) onFilled();
      watch();
    }, holdMs);
  };
  const unwatch = () => {
    clock.clearTimeout(timer);
    timer = undefined;
  };
  const next = (): Delivery | undefined => {
    let delivery = waiting.shift();
    while (delivery !== undefined && delivery.settlement !== 'none') delivery = waiting.shift();
    unwatch();
    watch();
    return delivery;
  };

  return {
    offer(delivery) {
      const lane = closed ? undefined : free.shift();
      if (lane) return lane.send({ type: 'delivery.received', delivery });
      waiting.push(delivery);
      watch();
    },
    free(lane) {
      const delivery = closed || waiting.length === 0 ? undefined : next();
      if (delivery) return lane.send({ type: 'delivery.received', delivery });
      free.push(lane);
      onFreed();
    },
    remove(lane) {
      const at = free.indexOf(lane);
      if (at >= 0) free.splice(at, 1);
    },
    giveBack() {
      unwatch();
      const back = waiting.reverse().filter((delivery) => delivery.settle('requeue'));
      waiting = [];
      return back.length;
    },
    close() {
      closed = true;
      unwatch();
    },
    get hasFreeLane() {
      return free.length > 0;
    },
  };
}

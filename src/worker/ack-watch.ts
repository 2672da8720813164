// Deliveries that are in hand for long: a broker ends the channel of a consumer that settles none in time.
import type { Clock } from '../clock.js';
import type { Delivery } from '../transport.js';

export interface AckWatch {
  /** A delivery came. */
  add(delivery: Delivery): void;
  stop(): void;
}

/** `onLate` is told of each delivery that is unsettled for `limitMs`, once. */
export function watchAcks(
  clock: Clock,
  options: { readonly limitMs: number; readonly onLate: (delivery: Delivery) => void },
): AckWatch {
  const { limitMs, onLate } = options;
  /** Oldest first. */
  let held: { readonly delivery: Delivery; readonly dueAt: number }[] = [];
  /** No more settled ones are kept than unsettled ones: their bodies may be large. */
  let bound = 2;
  let timer: unknown;

  const forgetSettled = () => {
    held = held.filter(({ delivery }) => delivery.settlement === 'none');
    bound = Math.max(2, 2 * held.length);
  };
  const arm = () => {
    const [oldest] = held;
    if (timer !== undefined || oldest === undefined) return;
    timer = clock.setTimeout(look, Math.max(oldest.dueAt - clock.now(), 0));
  };
  const look = () => {
    timer = undefined;
    forgetSettled();
    const now = clock.now();
    const late = held.filter(({ dueAt }) => dueAt <= now);
    held = held.slice(late.length);
    for (const { delivery } of late) onLate(delivery);
    arm();
  };
  return {
    add(delivery) {
      if (held.length >= bound) forgetSettled();
      held.push({ delivery, dueAt: clock.now() + limitMs });
      arm();
    },
    stop() {
      clock.clearTimeout(timer);
      held = [];
    },
  };
}

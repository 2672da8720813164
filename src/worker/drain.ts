// The end of a worker: jobs in hand may end, at the deadline they are cancelled and told so.

import type { Clock } from '../clock.js';
import type { Lane } from './lane.js';

export interface Drain {
  /** Waits for the lanes; at the deadline cancels the jobs and waits `replyMs` for their replies. */
  run(options: { readonly lanes: readonly Lane[]; readonly replyMs: number }): Promise<void>;
  /** The deadline from now on, in milliseconds; a later call may shorten it. */
  setDeadline(ms: number): void;
  /** A lane rests. */
  check(): void;
}

export function createDrain(clock: Clock, standardMs: number): Drain {
  let endsAt = Number.POSITIVE_INFINITY;
  let wake = () => {};
  let rearm = () => {};

  const waitForRest = (lanes: readonly Lane[], until: () => number) =>
    new Promise<boolean>((resolve) => {
      let timer: unknown;
      const finish = (rested: boolean) => {
        clock.clearTimeout(timer);
        wake = rearm = () => {};
        resolve(rested);
      };
      wake = () => {
        if (lanes.every((lane) => lane.isIdle)) finish(true);
      };
      rearm = () => {
        clock.clearTimeout(timer);
        timer = clock.setTimeout(() => finish(false), Math.max(until() - clock.now(), 0));
      };
      rearm();
      wake();
    });

  return {
    async run({ lanes, replyMs }) {
      if (endsAt === Number.POSITIVE_INFINITY) endsAt = clock.now() + standardMs;
      if (await waitForRest(lanes, () => endsAt)) return;
      for (const lane of lanes) lane.send({ type: 'cancel', reason: 'the worker stops', stopping: true });
      const repliesBy = clock.now() + replyMs;
      await waitForRest(lanes, () => repliesBy);
    },
    setDeadline(ms) {
      endsAt = Math.min(endsAt, clock.now() + ms);
      rearm();
    },
    check: () => wake(),
  };
}

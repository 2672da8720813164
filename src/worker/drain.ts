// The end of a worker: jobs in hand may end, at the deadline they are cancelled and told so.

import type { Clock } from '../clock.js';
import type { Lane } from './lane.js';

export interface Drain {
  /** Waits until all is at rest; at the deadline cancels the jobs and waits `replyMs` for their replies. */
  run(options: {
    readonly lanes: readonly Lane[];
    /** The consumer is still to be cancelled. */
    readonly consumes: () => boolean;
    /** The broker has not read all that was settled. */
    readonly owes: () => boolean;
    readonly replyMs: number;
  }): Promise<void>;
  /** The deadline from now on, in milliseconds; a later call may shorten it. */
  setDeadline(ms: number): void;
  /** Something it waits for may have come. */
  check(): void;
}

export interface DrainOptions {
  readonly clock: Clock;
  readonly standardMs: number;
  /** The deadline has passed: the jobs of so many lanes are about to be cancelled. */
  readonly onDeadline: (left: { readonly jobCount: number; readonly owes: boolean }) => void;
}

export function createDrain({ clock, standardMs, onDeadline }: DrainOptions): Drain {
  let endsAt = Number.POSITIVE_INFINITY;
  let wake = () => {};
  let rearm = () => {};

  const waitForRest = (isAtRest: () => boolean, until: () => number) =>
    new Promise<boolean>((resolve) => {
      let timer: unknown;
      const finish = (rested: boolean) => {
        clock.clearTimeout(timer);
        wake = rearm = () => {};
        resolve(rested);
      };
      wake = () => {
        if (isAtRest()) finish(true);
      };
      rearm = () => {
        clock.clearTimeout(timer);
        timer = clock.setTimeout(() => finish(false), Math.max(until() - clock.now(), 0));
      };
      rearm();
      wake();
    });

  return {
    async run({ lanes, consumes, owes, replyMs }) {
      const isAtRest = () => !consumes() && !owes() && lanes.every((lane) => lane.isIdle);
      if (endsAt === Number.POSITIVE_INFINITY) endsAt = clock.now() + standardMs;
      if (await waitForRest(isAtRest, () => endsAt)) return;
      const busy = lanes.filter((lane) => !lane.isIdle);
      onDeadline({ jobCount: busy.length, owes: owes() });
      for (const lane of busy) lane.send({ type: 'cancel', reason: 'the worker stops', stopping: true });
      const repliesBy = clock.now() + replyMs;
      await waitForRest(isAtRest, () => repliesBy);
    },
    setDeadline(ms) {
      endsAt = Math.min(endsAt, clock.now() + ms);
      rearm();
    },
    check: () => wake(),
  };
}

// Time in a test's hand: it passes when the test says so, from one timer to the next.
import type { Clock } from '../clock.js';
import { SimulatedTime } from './simulator/clock.js';

export interface SimulatedClock extends Clock {
  /**
   * Lets so many milliseconds pass. After each timer everything that only waited for it goes on, before the next one fires;
   * what waits for a disk, a network or another clock is not waited for.
   */
  advance(ms: number): Promise<void>;
}

/** A clock for `runStep` and `createWorker`; it begins at 0. */
export function createSimulatedClock(): SimulatedClock {
  const time = new SimulatedTime();
  const { now, setTimeout, clearTimeout } = time.of();
  return {
    now,
    setTimeout,
    clearTimeout,
    async advance(ms) {
      let isThere = false;
      // What is under way may still want to set its timer.
      await turn();
      setTimeout(() => {
        isThere = true;
      }, ms);
      while (!isThere && time.pass()) await turn();
    },
  };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

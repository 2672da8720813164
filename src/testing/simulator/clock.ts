// Simulated time: it passes when nothing else is left to do, from one timer to the next, and each timer is a step.
import type { Clock } from '../../clock.js';

interface Timer {
  readonly at: number;
  readonly fire: (...args: unknown[]) => void;
  readonly owner: TimeOf;
}

/** The time as one process sees it; with the process its timers go. */
export interface TimeOf extends Clock {
  end(): void;
}

export class SimulatedTime {
  #now = 0;
  /** Sorted: the next one last. */
  readonly #timers: Timer[] = [];

  get now(): number {
    return this.#now;
  }

  get timerCount(): number {
    return this.#timers.length;
  }

  of(): TimeOf {
    let ended = false;
    const time: TimeOf = {
      now: () => this.#now,
      setTimeout: (fire, timeoutMs) => {
        const timer = { at: this.#now + Math.max(timeoutMs, 0), fire, owner: time };
        if (!ended) this.#add(timer);
        return timer;
      },
      clearTimeout: (timer) => this.#remove(timer as Timer | undefined),
      end: () => {
        ended = true;
        for (const timer of this.#timers.filter(({ owner }) => owner === time)) this.#remove(timer);
      },
    };
    return time;
  }

  /** To the next timer, which fires. false: there is none. */
  pass(): boolean {
    const timer = this.#timers.pop();
    if (timer === undefined) return false;
    this.#now = timer.at;
    timer.fire();
    return true;
  }

  #add(timer: Timer): void {
    let at = this.#timers.length;
    // Of those at the same time the first that was set fires first.
    while (at > 0 && (this.#timers[at - 1]?.at ?? 0) <= timer.at) at -= 1;
    this.#timers.splice(at, 0, timer);
  }

  #remove(timer: Timer | undefined): void {
    const at = timer === undefined ? -1 : this.#timers.indexOf(timer);
    if (at >= 0) this.#timers.splice(at, 1);
  }
}

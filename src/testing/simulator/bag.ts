// What the broker and its clients could do next. Which of it is done is the run's choice; 0 is the oldest.
import type { Scheduler } from '../../../adapters/memory/index.js';

interface Due {
  readonly work: () => void;
  readonly line: string;
}

export class Bag implements Scheduler {
  readonly #due: Due[] = [];

  get size(): number {
    return this.#due.length;
  }

  later(work: () => void, line: string): void {
    this.#due.push({ work, line });
  }

  /** Does it. Returns whose line it was. */
  take(choice: number): string {
    const due = choice === 0 ? this.#due.shift() : this.#due.splice(choice, 1)[0];
    due?.work();
    return due?.line ?? '';
  }
}

// How many jobs of one address wait for `started` or for their final reply, as far as replies can tell.
// Replies do not name their delivery, and `failed` may end a job that was started or one that was not. So this is a set of
// guesses, all that fit what was seen: none left means that no order of good jobs explains it.
import type { ReplyStatus } from './message-format.js';

interface Guess {
  readonly waiting: number;
  readonly running: number;
}

export type Move = ReplyStatus | 'opened' | 'withdrawn' | 'unanswerable';

function after({ waiting, running }: Guess, move: Move): readonly Guess[] {
  const fromWaiting = waiting > 0 ? [{ waiting: waiting - 1, running }] : [];
  const fromRunning = running > 0 ? [{ waiting, running: running - 1 }] : [];
  switch (move) {
    case 'opened':
      return [{ waiting: waiting + 1, running }];
    case 'started':
      return fromWaiting.map((guess) => ({ ...guess, running: running + 1 }));
    case 'unanswerable':
      return fromWaiting;
    case 'completed':
      return fromRunning;
    case 'failed':
    case 'withdrawn':
      return [...fromWaiting, ...fromRunning];
  }
}

export class OpenJobs {
  #guesses: readonly Guess[] = [{ waiting: 0, running: 0 }];

  /** False, and nothing changed, when the move fits no guess. `perhaps`: it may have happened or not. */
  move(move: Move, options?: { readonly perhaps: boolean }): boolean {
    const next = new Map<string, Guess>();
    if (options?.perhaps)
      for (const guess of this.#guesses) next.set(`${guess.waiting}/${guess.running}`, guess);
    for (const guess of this.#guesses) {
      for (const to of after(guess, move)) next.set(`${to.waiting}/${to.running}`, to);
    }
    if (next.size === 0) return false;
    this.#guesses = [...next.values()];
    return true;
  }

  /** Open in every guess. */
  get least(): number {
    return Math.min(...this.#guesses.map(({ waiting, running }) => waiting + running));
  }

  /** Open in some guess. */
  get most(): number {
    return Math.max(...this.#guesses.map(({ waiting, running }) => waiting + running));
  }
}

// What a foreigner on a bus has heard, in the order in which it came; it can be awaited.
import type { Properties } from '../../src/contract/message.js';

/** A message as a consumer sees it. */
export interface Seen {
  readonly queue: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly properties: Properties;
  readonly body: Uint8Array;
}

/** Messages in the order in which they came, per queue. */
export class Heard {
  readonly all: Seen[] = [];
  #waiting: { readonly isEnough: () => boolean; readonly resolve: () => void }[] = [];

  add(seen: Seen): void {
    this.all.push(seen);
    this.#waiting = this.#waiting.filter(({ isEnough, resolve }) => {
      const enough = isEnough();
      if (enough) resolve();
      return !enough;
    });
  }

  /** Nobody may be waiting. */
  forget(): void {
    this.all.length = 0;
  }

  /** Everything from number `mark` on, once that is enough. */
  async since(mark: number, isEnough: (messages: readonly Seen[]) => boolean): Promise<readonly Seen[]> {
    const answer = () => isEnough(this.all.slice(mark));
    if (!answer()) await new Promise<void>((resolve) => this.#waiting.push({ isEnough: answer, resolve }));
    return this.all.slice(mark);
  }
}

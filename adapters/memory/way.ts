// What goes in order: the frames of a connection in one direction. On the event loop all that is there goes in one turn;
// under a scheduler one by one, so that it can be held up, and cut off in the middle.
import type { Turns } from './turns.js';

export interface WayPlace {
  readonly turns: Turns;
  /** Its name for a scheduler. */
  readonly line: string;
}

export interface WayEnd<T> {
  arrive(item: T): void;
  /** It cannot arrive yet, nor can what is behind it, until `wake`. */
  waits?(item: T): boolean;
  /** Called when all that was there has arrived. */
  emptied?(): void;
}

export class Way<T> {
  readonly #place: WayPlace;
  readonly #end: WayEnd<T>;
  #items: T[] = [];
  /** Of `#items`, while they arrive. */
  #arrivedCount = 0;
  #awake = false;
  #held = false;
  #open = true;

  constructor(place: WayPlace, end: WayEnd<T>) {
    this.#place = place;
    this.#end = end;
  }

  /** Under way. */
  get length(): number {
    return this.#items.length - this.#arrivedCount;
  }

  /** What arrives next. */
  get next(): T | undefined {
    return this.#items[this.#arrivedCount];
  }

  count(fits: (item: T) => boolean): number {
    return this.#items.slice(this.#arrivedCount).filter(fits).length;
  }

  /** false: it will never arrive. */
  push(item: T): boolean {
    if (!this.#open) return false;
    this.#items.push(item);
    this.wake();
    return true;
  }

  wake(): void {
    if (this.#awake || this.#held) return;
    this.#awake = true;
    this.#place.turns.later(this.#move, this.#place.line);
  }

  /** Nothing arrives until `release`. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    if (this.length > 0) this.wake();
  }

  /** The first `count` of what is under way still arrive, then `last`, and nothing else ever. Returns what is lost. */
  cut(count: number, last?: T): readonly T[] {
    this.#open = false;
    const lost = this.#items.splice(this.#arrivedCount + count);
    if (last !== undefined) {
      this.#items.push(last);
      this.#held = false;
      this.wake();
    }
    return lost;
  }

  /** What is there when it starts; what is pushed meanwhile waits for its turn like everybody else's. */
  readonly #move = (): void => {
    this.#awake = false;
    if (this.#held) return;
    const end = this.#place.turns.scheduled ? Math.min(this.#items.length, 1) : this.#items.length;
    let waits = false;
    while (this.#arrivedCount < end) {
      const item = this.#items[this.#arrivedCount];
      // Cut meanwhile.
      if (item === undefined) break;
      waits = this.#end.waits?.(item) === true;
      if (waits) break;
      this.#arrivedCount += 1;
      this.#end.arrive(item);
    }
    this.#items.splice(0, this.#arrivedCount);
    this.#arrivedCount = 0;
    if (this.#items.length > 0 && !waits) this.wake();
    if (this.#items.length === 0) this.#end.emptied?.();
  };
}

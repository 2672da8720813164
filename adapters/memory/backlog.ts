// The ready messages of a queue, in the order in which they came. One that comes back takes its old place again.
import type { Message } from '../../src/contract/message.js';

/** A message in one queue. */
export interface Entry {
  readonly message: Message;
  /** Grows with every message of the queue. */
  readonly position: number;
  redelivered: boolean;
}

export class Backlog {
  /** Sorted by position; what lies before `#head` was taken. */
  #entries: (Entry | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#entries.length - this.#head;
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  shift(): Entry | undefined {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return undefined;
    this.#entries[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#entries.length) this.clear();
    else if (this.#head > 1_024 && this.#head * 2 > this.#entries.length) this.#compact();
    return entry;
  }

  restore(entry: Entry): void {
    const place = this.#placeOf(entry.position);
    if (place === this.#head && this.#head > 0) {
      this.#head -= 1;
      this.#entries[this.#head] = entry;
    } else {
      this.#entries.splice(place, 0, entry);
    }
  }

  /** Returns the messages of the others. */
  keep(stays: (entry: Entry) => boolean): readonly Message[] {
    const all = this.#entries.slice(this.#head).filter((entry) => entry !== undefined);
    this.#entries = all.filter(stays);
    this.#head = 0;
    return all.filter((entry) => !stays(entry)).map(({ message }) => message);
  }

  clear(): void {
    this.#entries = [];
    this.#head = 0;
  }

  #placeOf(position: number): number {
    let low = this.#head;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.position ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compact(): void {
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}

// The deliveries that a worker process of a soak was given, read from its record: the states that each went through, and
// whether the broker is known to have read its settlement.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Run } from './crew.js';
import { type RecordLine, readLine } from './record.js';

export interface SoakDelivery {
  readonly id: string;
  readonly run: Run;
  readonly beganAt: number;
  /** The broker said that it had given it before. */
  readonly again: boolean;
  /** Letters of record.ts, in order. */
  states: string;
  /** The step began. */
  begun: boolean;
  /** When it was settled; 0: not. */
  settledAt: number;
  /** `cut`: its process was killed with the delivery in hand. `open`: the process ended by itself with it in hand. */
  end: 'ended' | 'cut' | 'open';
  /** Something that was sent after its settlement was confirmed: the broker had read it. */
  proved: boolean;
  /** Nothing that was sent after its settlement was confirmed before the channel ended: it may not have been read. */
  unproved: boolean;
}

interface LaneBook {
  delivery: SoakDelivery | null;
  /** The place of the reply on its way in all that was sent. */
  sentAs: number;
}

const settles = 'aj';
const sends = 'vcfil';
/** Transitions by a confirm, as two letters. */
const confirms = new Set(['vd', 'ca', 'fa', 'c.', 'f.', 'il', 'l.', 'lj']);

export async function readDeliveries(run: Run): Promise<readonly SoakDelivery[]> {
  const reader = new Reader(run);
  for await (const text of createInterface({ input: createReadStream(run.record) })) {
    const line = readLine(text);
    if (line !== null) reader.read(line);
  }
  return reader.end();
}

class Reader {
  readonly #run: Run;
  readonly #all: SoakDelivery[] = [];
  readonly #lanes = new Map<number, LaneBook>();
  /** The last delivery of each job. */
  readonly #last = new Map<string, SoakDelivery>();
  /** Settled, and not known to be read. */
  #pending: { readonly delivery: SoakDelivery; readonly sentAs: number }[] = [];
  #sentCount = 0;
  /** Jobs whose next delivery is not their first. */
  readonly #coming = new Set<string>();

  constructor(run: Run) {
    this.#run = run;
  }

  read({ at, lane, code, id }: RecordLine): void {
    if (code === 'X') this.#disconnect();
    else if (code === 'B') this.#begin(id);
    else if (code === 'R') this.#coming.add(id);
    else this.#pass({ at, lane, code, id });
  }

  #begin(id: string): void {
    const delivery = this.#last.get(id);
    if (delivery) delivery.begun = true;
  }

  #pass({ at, lane, code, id }: RecordLine): void {
    const book = this.#lanes.get(lane) ?? { delivery: null, sentAs: 0 };
    this.#lanes.set(lane, book);
    if (code === 'r') book.delivery = this.#take(id, at);
    const { delivery } = book;
    if (delivery === null) return;
    const way = `${delivery.states.at(-1) ?? ''}${code}`;
    delivery.states += code;
    if (confirms.has(way)) this.#prove(book.sentAs);
    if (settles.includes(code)) {
      delivery.settledAt = at;
      this.#pending.push({ delivery, sentAs: ++this.#sentCount });
    }
    if (sends.includes(code)) book.sentAs = ++this.#sentCount;
    if (code === '.' || code === 's') book.delivery = null;
  }

  end(): readonly SoakDelivery[] {
    const isKilled = this.#run.end === 'killed';
    if (isKilled) this.#disconnect();
    for (const { delivery } of this.#lanes.values()) {
      if (delivery !== null) delivery.end = isKilled ? 'cut' : 'open';
    }
    return this.#all;
  }

  #take(id: string, beganAt: number): SoakDelivery {
    const delivery: SoakDelivery = {
      id,
      run: this.#run,
      beganAt,
      again: this.#coming.delete(id),
      states: '',
      begun: false,
      settledAt: 0,
      end: 'ended',
      proved: false,
      unproved: false,
    };
    this.#all.push(delivery);
    this.#last.set(id, delivery);
    return delivery;
  }

  #prove(sentAs: number): void {
    for (const pending of this.#pending) {
      if (pending.sentAs < sentAs) pending.delivery.proved = true;
    }
    this.#pending = this.#pending.filter((pending) => pending.sentAs > sentAs);
  }

  #disconnect(): void {
    for (const { delivery } of this.#pending) delivery.unproved = true;
    this.#pending = [];
    this.#coming.clear();
  }
}

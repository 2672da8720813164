// A queue: ready messages, the consumers that take turns over them, and the count of what is in their hands.
import type { Message } from '../../src/contract/message.js';
import type { QueueSpec } from '../../src/contract/topology.js';
import { Backlog, type Entry } from './backlog.js';
import type { Turns } from './turns.js';

export interface QueueConsumer {
  readonly exclusive: boolean;
  /** Another delivery fits into its prefetch. */
  readonly hasRoom: boolean;
  deliver(entry: Entry): void;
  /** The queue will deliver no more. */
  cancelledByBroker(): void;
}

export type EntrySettlement = 'acknowledge' | 'requeue' | 'reject' | 'lost';

export class Queue {
  readonly spec: QueueSpec;
  /** The connection that alone may use it; null: any. */
  readonly owner: object | null;
  readonly #turns: Turns;
  readonly #backlog = new Backlog();
  readonly #consumers: QueueConsumer[] = [];
  #next = 0;
  #lastPosition = 0;
  #unsettledCount = 0;
  #rejectedCount = 0;
  #awake = false;
  #deleted = false;

  constructor(spec: QueueSpec, place: { readonly owner: object | null; readonly turns: Turns }) {
    this.spec = spec;
    this.owner = place.owner;
    this.#turns = place.turns;
  }

  get name(): string {
    return this.spec.name;
  }

  get counts() {
    return {
      readyCount: this.#backlog.length,
      unsettledCount: this.#unsettledCount,
      consumerCount: this.#consumers.length,
      rejectedCount: this.#rejectedCount,
    };
  }

  /** Why this consumer is refused, in the broker's words; null: it is welcome. */
  refusal(wanted: { readonly exclusive: boolean }): string | null {
    const taken = wanted.exclusive ? this.#consumers.length > 0 : this.#consumers.some((c) => c.exclusive);
    return taken ? `ACCESS_REFUSED - queue '${this.name}' in vhost '/' in exclusive use` : null;
  }

  /** `redelivered`: it was given to somebody before. */
  push(message: Message, given?: { readonly redelivered: boolean }): void {
    this.#lastPosition += 1;
    const redelivered = given?.redelivered ?? false;
    this.#backlog.push({ message, position: this.#lastPosition, redelivered });
    this.#wake();
  }

  /** The broker went down and came back: transient messages are gone. Returns them. */
  restart(): readonly Message[] {
    return this.#backlog.keep(({ message }) => message.properties.persistent === true);
  }

  addConsumer(consumer: QueueConsumer): void {
    this.#consumers.push(consumer);
    this.#wake();
  }

  removeConsumer(consumer: QueueConsumer): void {
    const index = this.#consumers.indexOf(consumer);
    if (index < 0) return;
    this.#consumers.splice(index, 1);
    if (index < this.#next) this.#next -= 1;
  }

  settle(entry: Entry, how: EntrySettlement): void {
    this.#unsettledCount -= 1;
    if (this.#deleted) return;
    if (how === 'reject') this.#rejectedCount += 1;
    if (how === 'requeue' || how === 'lost') {
      entry.redelivered = true;
      this.#backlog.restore(entry);
    }
    this.#wake();
  }

  cancelConsumers(): void {
    for (const consumer of this.#consumers.splice(0)) consumer.cancelledByBroker();
    this.#next = 0;
  }

  purge(): void {
    this.#backlog.clear();
  }

  delete(): void {
    this.#deleted = true;
    this.#backlog.clear();
    this.cancelConsumers();
  }

  #wake(): void {
    if (this.#awake || this.#backlog.length === 0 || this.#consumers.length === 0) return;
    this.#awake = true;
    this.#turns.later(this.#deliver, `queue ${this.name}`);
  }

  readonly #deliver = (): void => {
    this.#awake = false;
    while (this.#backlog.length > 0) {
      const consumer = this.#nextWithRoom();
      const entry = consumer && this.#backlog.shift();
      if (!consumer || !entry) return;
      this.#unsettledCount += 1;
      consumer.deliver(entry);
      if (this.#turns.scheduled) break;
    }
    if (this.#turns.scheduled && this.#hasRoom()) this.#wake();
  };

  #hasRoom(): boolean {
    return this.#consumers.some((consumer) => consumer.hasRoom);
  }

  /** Round robin over those that have room. */
  #nextWithRoom(): QueueConsumer | undefined {
    for (let tried = this.#consumers.length; tried > 0; tried--) {
      const consumer = this.#consumers[this.#next % this.#consumers.length];
      this.#next = (this.#next + 1) % this.#consumers.length;
      if (consumer?.hasRoom) return consumer;
    }
    return undefined;
  }
}

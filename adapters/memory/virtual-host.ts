// What exists on the embedded broker, whoever is connected: exchanges and queues, and the way of a message through them.
import type { Message } from '../../src/contract/message.js';
import type { ExchangeSpec, QueueSpec } from '../../src/contract/topology.js';
import { Exchange } from './exchange.js';
import { Queue, type QueueConsumer } from './queue.js';
import { type LinkObserver, Taps } from './tap.js';
import type { Turns } from './turns.js';

export class VirtualHost {
  readonly turns: Turns;
  readonly taps = new Taps();
  /** Sees what connections carry besides. */
  watcher: LinkObserver | null = null;
  readonly exchanges = new Map<string, Exchange>();
  readonly queues = new Map<string, Queue>();
  #namedCount = 0;
  #heldConfirms: (() => void)[] | null = null;

  constructor(turns: Turns) {
    this.turns = turns;
    for (const type of ['direct', 'fanout', 'topic'] as const) {
      this.addExchange({ name: `amq.${type}`, type, durable: true });
    }
  }

  addExchange(spec: ExchangeSpec): void {
    this.exchanges.set(spec.name, new Exchange(spec));
  }

  /** A queue without a name gets one. */
  addQueue(spec: QueueSpec, owner: object | null): Queue {
    const name = spec.name === '' ? this.#nextName() : spec.name;
    const queue = new Queue({ ...spec, name }, { owner, turns: this.turns });
    this.queues.set(name, queue);
    return queue;
  }

  deleteQueue(queue: Queue): void {
    if (this.queues.get(queue.name) !== queue) return;
    this.queues.delete(queue.name);
    for (const exchange of this.exchanges.values()) exchange.unbind(queue);
    queue.delete();
  }

  deleteQueuesOf(owner: object): void {
    for (const queue of [...this.queues.values()]) if (queue.owner === owner) this.deleteQueue(queue);
  }

  removeConsumer(queue: Queue, consumer: QueueConsumer): void {
    queue.removeConsumer(consumer);
    if (queue.spec.autoDelete && queue.counts.consumerCount === 0) this.deleteQueue(queue);
  }

  /** The queues that take the message; null when its exchange does not exist. */
  route(message: Message): readonly Queue[] | null {
    if (message.exchange === '') {
      const queue = this.queues.get(message.routingKey);
      return queue ? [queue] : [];
    }
    return this.exchanges.get(message.exchange)?.route(message.routingKey) ?? null;
  }

  /** Sends a confirm on its way, or keeps it while confirms are held. */
  confirm(send: () => void): void {
    if (this.#heldConfirms) this.#heldConfirms.push(send);
    else send();
  }

  holdConfirms(): void {
    this.#heldConfirms ??= [];
  }

  releaseConfirms(): void {
    const held = this.#heldConfirms ?? [];
    this.#heldConfirms = null;
    for (const send of held) this.turns.later(send, 'confirms');
  }

  /** The broker went down and came back; its connections have ended before. */
  restart(): void {
    this.#heldConfirms &&= [];
    for (const queue of [...this.queues.values()]) {
      const dropped = queue.restart();
      for (const message of dropped) this.watcher?.({ type: 'dropped', queue: queue.name, message });
      if (!queue.spec.durable) this.deleteQueue(queue);
    }
    for (const [name, { spec }] of this.exchanges) if (!spec.durable) this.exchanges.delete(name);
  }

  #nextName(): string {
    this.#namedCount += 1;
    return `amq.gen-${this.#namedCount}`;
  }
}

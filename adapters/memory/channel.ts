// A channel: consumers, deliveries and publishes that live and end together. Both sides of it are here: what the client
// does at once (publish, settle) and what the broker does when it reads that.
import { NeedfulError } from '../../src/contract/errors.js';
import type { Message } from '../../src/contract/message.js';
import type { ConsumeOptions, Outcome, Receipt } from '../../src/transport.js';
import { ChannelConsumer } from './channel-consumer.js';
import { isLocked, locked, noSuch } from './declaring.js';
import type { How, MemoryDelivery } from './delivery.js';
import type { Wire } from './frame.js';
import { encode } from './message-copy.js';
import type { Queue } from './queue.js';
import type { ChannelPurpose } from './tap.js';
import { attempt } from './turns.js';
import type { VirtualHost } from './virtual-host.js';
import { Way } from './way.js';

/** A publish whose receipt was not called yet. */
interface Pending {
  readonly message: Message;
  readonly receipt: Receipt;
}

/** Who hears what the broker does to a channel; always on a turn of the broker. */
export interface ChannelPeer {
  channelClosed(channel: Channel, closing: { readonly code: number; readonly error: Error }): void;
  consumerCancelled(consumer: { readonly tag: string; readonly queue: string }): void;
}

export interface ChannelPlace {
  readonly host: VirtualHost;
  readonly wire: Wire;
  readonly peer: ChannelPeer;
}

export class Channel {
  readonly purpose: ChannelPurpose;
  readonly epoch: number;
  /** On the broker. The client hears of it a turn later. */
  ended = false;
  /** The client wants nothing of it any more, and the broker may not have read that yet. */
  givenUp = false;
  /** Deliveries in the client's hands that it did not settle. */
  unsettledCount = 0;
  readonly #place: ChannelPlace;
  readonly #consumers = new Map<string, ChannelConsumer>();
  /** Deliveries whose settlement the broker has not read. */
  readonly #unread = new Set<MemoryDelivery>();
  /** The client knows that the channel ended. */
  #forsaken = false;
  readonly #pending = new Set<Pending>();
  /** Under a scheduler a confirm is a step of its own: what the message made the queue do may come first. */
  readonly #confirms: Way<() => void> | null;
  #onConfirmed: (() => void) | null = null;

  constructor(place: ChannelPlace, identity: { readonly purpose: ChannelPurpose; readonly epoch: number }) {
    this.#place = place;
    this.purpose = identity.purpose;
    this.epoch = identity.epoch;
    const { turns } = place.host;
    const line = `${place.wire.name} confirms`;
    this.#confirms = turns.scheduled ? new Way({ turns, line }, { arrive: (send) => send() }) : null;
  }

  get unconfirmedCount(): number {
    return this.#pending.size;
  }

  // The client's side

  publish(message: Message, receipt?: Receipt): boolean {
    const { host, wire } = this.#place;
    const copy = encode(message);
    if (!copy) {
      if (receipt) host.turns.later(() => receipt('refused', message), `${wire.name} client`);
      return true;
    }
    const pending = receipt ? { message, receipt } : null;
    if (pending) this.#pending.add(pending);
    const run = () => this.#route(copy, pending);
    return wire.send({ channel: this, publishes: true, receipt: pending !== null, run });
  }

  settle(
    delivery: MemoryDelivery,
    { how, consumer }: { readonly how: How; readonly consumer: ChannelConsumer },
  ): void {
    this.unsettledCount -= 1;
    this.#place.wire.send({
      channel: this,
      publishes: false,
      run: () => {
        this.#unread.delete(delivery);
        consumer.settled(delivery, how);
      },
    });
  }

  hasConsumer(tag: string): boolean {
    return this.#consumers.has(tag);
  }

  /** The client learns that the channel ended: nothing in its hands can be settled any more. */
  forsakeDeliveries(): void {
    for (const delivery of this.#unread) if (delivery.settlement === 'none') delivery.settlement = 'lost';
    // What the broker does not know of yet it takes back when it does.
    if (this.ended) this.#unread.clear();
    this.unsettledCount = 0;
  }

  /** The client closes it and does not wait for that. */
  giveUp(): void {
    this.givenUp = true;
    this.#place.wire.send({ channel: this, publishes: false, run: () => this.end() });
  }

  forsakeReceipts(): void {
    for (const pending of this.#pending) this.#answer(pending, 'lost');
  }

  /** Calls back once no receipt is open. */
  whenConfirmed(then: () => void): void {
    if (this.#pending.size === 0) then();
    else this.#onConfirmed = then;
  }

  // The broker's side

  /** What is refused closes the channel, and throws for the one who asked. */
  consume(
    queueName: string,
    { tag, options }: { readonly tag: string; readonly options: ConsumeOptions },
  ): void {
    const { host, wire } = this.#place;
    const queue = host.queues.get(queueName);
    if (!queue) throw this.#refuse(404, new NeedfulError('QUEUE_MISSING', noSuch('queue', queueName)));
    if (isLocked(queue, wire)) throw this.#refuse(405, new NeedfulError('ACCESS_REFUSED', locked(queueName)));
    const refusal = queue.refusal({ exclusive: options.exclusive ?? false });
    if (refusal) throw this.#refuse(403, new NeedfulError('ACCESS_REFUSED', refusal));
    const consumer = new ChannelConsumer(
      { host, channel: this, queue, connection: wire.name },
      { tag, options },
    );
    this.#consumers.set(tag, consumer);
    queue.addConsumer(consumer);
  }

  cancel(tag: string): void {
    const consumer = this.#consumers.get(tag);
    this.#consumers.delete(tag);
    if (consumer) this.#place.host.removeConsumer(consumer.queue, consumer);
  }

  delivered(delivery: MemoryDelivery): void {
    this.#unread.add(delivery);
    if (this.#forsaken) delivery.settlement = 'lost';
    else this.unsettledCount += 1;
  }

  tell(run: () => void): void {
    this.#place.wire.tell(run);
  }

  cancelled(tag: string, queue: Queue): void {
    this.#consumers.delete(tag);
    const { wire, peer } = this.#place;
    wire.tellLater(() => {
      if (!this.ended) peer.consumerCancelled({ tag, queue: queue.name });
    });
  }

  close(code: number, error: Error): void {
    if (this.ended) return;
    this.end();
    const { wire, peer } = this.#place;
    wire.tellLater(() => peer.channelClosed(this, { code, error }));
  }

  /** Consumers go, and what they hold goes back to its queue. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    for (const tag of [...this.#consumers.keys()]) this.cancel(tag);
    for (const delivery of [...this.#unread].reverse()) delivery.giveBack();
    if (this.#forsaken) this.#unread.clear();
  }

  #route(message: Message, pending: Pending | null): void {
    const { host, wire } = this.#place;
    const queues = host.route(message);
    if (!queues) {
      this.close(
        404,
        new NeedfulError('EXCHANGE_MISSING', noSuch('exchange', message.exchange), { retry: true }),
      );
      return;
    }
    const fate = pending ? wire.fate() : 'taken';
    if (pending && fate === 'refused') {
      this.#confirm(pending, { message, outcome: 'refused' });
      return;
    }
    if (host.taps.open) {
      const names = queues.map((queue) => queue.name);
      host.taps.report({
        type: 'published',
        message,
        connection: wire.name,
        purpose: this.purpose,
        queues: names,
      });
    }
    for (const queue of queues) queue.push(message);
    if (!pending || fate === 'unconfirmed') return;
    const outcome = queues.length === 0 && message.mandatory ? 'returned' : 'confirmed';
    this.#confirm(pending, { message, outcome });
  }

  #confirm(
    pending: Pending,
    { message, outcome }: { readonly message: Message; readonly outcome: Outcome },
  ): void {
    const { host, wire } = this.#place;
    const hear = () => {
      if (!this.#pending.has(pending)) return;
      host.watcher?.({ type: 'answered', connection: wire.name, message, outcome });
      this.#answer(pending, outcome);
    };
    const send = () => {
      if (!this.ended) wire.tell(hear);
    };
    host.confirm(this.#confirms === null ? send : () => this.#confirms?.push(send));
  }

  #answer(pending: Pending, outcome: Outcome): void {
    if (!this.#pending.delete(pending)) return;
    attempt(() => pending.receipt(outcome, pending.message));
    if (this.#pending.size > 0) return;
    this.#onConfirmed?.();
    this.#onConfirmed = null;
  }

  #refuse(code: number, error: NeedfulError): NeedfulError {
    this.close(code, error);
    return error;
  }
}

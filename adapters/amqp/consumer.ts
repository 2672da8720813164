// One consumer: hands deliveries on until it is cancelled, by its user or by the broker.
import type { ConsumeMessage } from 'amqplib';
import type { Consumer, Delivery } from '../../src/transport.js';
import type { Deliveries } from './deliveries.js';
import { warn } from './receipts.js';

export interface ConsumerWiring {
  readonly onDelivery: (delivery: Delivery) => void;
  readonly noAck: boolean;
  readonly deliveries: Deliveries;
  /** Never rejects. */
  readonly cancel: (tag: string) => Promise<void>;
  /** The broker cancelled. */
  readonly cancelled: (tag: string) => void;
}

export class AmqpConsumer implements Consumer {
  /** '' until the broker agreed. */
  tag = '';
  readonly #queue: string;
  readonly #wiring: ConsumerWiring;
  #cancelling: Promise<void> | undefined;

  constructor(queue: string, wiring: ConsumerWiring) {
    this.#queue = queue;
    this.#wiring = wiring;
  }

  /** null: the broker cancelled. Must not throw: amqplib would end the channel or the connection. */
  take(raw: ConsumeMessage | null): void {
    const { deliveries, noAck, onDelivery } = this.#wiring;
    if (raw === null) {
      this.#endedByBroker();
      return;
    }
    const delivery = deliveries.take(raw, { queue: this.#queue, noAck });
    try {
      onDelivery(delivery);
    } catch (error) {
      warn('onDelivery', error);
    }
  }

  #endedByBroker(): void {
    if (this.#cancelling !== undefined) return;
    this.#cancelling = Promise.resolve();
    this.#wiring.cancelled(this.tag);
  }

  cancel(): Promise<void> {
    this.#cancelling ??= this.#wiring.cancel(this.tag);
    return this.#cancelling;
  }
}

// Publishes of one confirm channel that are not confirmed yet, by the number under which the broker confirms them.
import type { Message as ReturnedMessage } from 'amqplib';
import { redact } from '../../src/contract/secrets.js';
import type { Message, Outcome, Receipt } from '../../src/transport.js';

/** A publish that waits for its outcome. */
export interface OpenPublish {
  readonly message: Message;
  readonly receipt: Receipt;
}

export interface Confirm {
  readonly deliveryTag: number;
  readonly multiple: boolean;
}

export class Receipts {
  // Numbers grow, so the order of insertion is the order of publishing.
  readonly #open = new Map<number, OpenPublish>();
  readonly #whenEmpty: (() => void)[] = [];
  #published = 0;

  get count(): number {
    return this.#open.size;
  }

  /** To be called once for each message that the channel took, in order. */
  add(message: Message, receipt: Receipt): void {
    this.#open.set(++this.#published, { message, receipt });
  }

  confirmed(confirm: Confirm, outcome: 'confirmed' | 'refused'): void {
    if (!confirm.multiple) {
      this.#end(confirm.deliveryTag, outcome);
      return;
    }
    for (const number of this.#open.keys()) {
      if (number > confirm.deliveryTag) break;
      this.#end(number, outcome);
    }
  }

  /**
   * A return does not say which publish it belongs to. The broker handles a channel in order and sends the return before
   * the confirm, so it is the oldest open one with this content; the confirm that follows finds nothing.
   */
  returned(returned: ReturnedMessage): void {
    for (const [number, { message }] of this.#open) {
      if (!message.mandatory || !isSame(message, returned)) continue;
      this.#end(number, 'returned');
      return;
    }
  }

  /** The oldest with a body of this size was what the broker closed the channel for. */
  refuse(bodyBytes: number): void {
    for (const [number, { message }] of this.#open) {
      if (message.body.byteLength !== bodyBytes) continue;
      this.#end(number, 'refused');
      return;
    }
  }

  /** All that is open becomes `lost`, oldest first. */
  lose(): void {
    for (const number of this.#open.keys()) this.#end(number, 'lost');
  }

  /** Resolves when nothing is open. */
  empty(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  #end(number: number, outcome: Outcome): void {
    const open = this.#open.get(number);
    if (open === undefined) return;
    this.#open.delete(number);
    callReceipt(open, outcome);
    if (this.#open.size === 0) for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }
}

/** A receipt that throws must not end the connection it is called from: its error surfaces as a warning of the process. */
export function callReceipt({ receipt, message }: OpenPublish, outcome: Outcome): void {
  try {
    receipt(outcome, message);
  } catch (error) {
    warn('A receipt', error);
  }
}

/** For a publish that never got as far as the channel. */
export function callReceiptLater(publish: OpenPublish, outcome: Outcome): void {
  setImmediate(callReceipt, publish, outcome);
}

/** For code of a caller that must not throw and did. */
export function warn(who: string, error: unknown): void {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  process.emitWarning(redact(`${who} threw, which it must not: ${text}`), 'NeedfulWarning');
}

function isSame(message: Message, returned: ReturnedMessage): boolean {
  const { properties, fields, content } = returned;
  return (
    isSameText(message.routingKey, fields.routingKey) &&
    isSameText(message.exchange, fields.exchange) &&
    isSameText(message.properties.messageId, properties.messageId) &&
    isSameText(message.properties.correlationId, properties.correlationId) &&
    content.equals(message.body)
  );
}

/** As it comes back from the wire: half a surrogate pair does not survive UTF-8. */
function isSameText(sent: string | undefined, came: unknown): boolean {
  return sent === came || (sent !== undefined && Buffer.from(sent).toString() === came);
}

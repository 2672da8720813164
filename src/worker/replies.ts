// The replies of one lane: encoded for the job in hand, confirmed, and only the latest one's receipt counts, since a
// receipt may still come for a job that was given up.
import type { JobEvent } from '../../machines/job-vocabulary.js';
import type { MessageFormat, Reply, Sender } from '../contract/message-format.js';
import type { Message, Outcome, Transport } from '../transport.js';

export interface Replies {
  /** Sends a reply of the delivery; an earlier one that is still awaited is awaited no more. */
  send(reply: Reply, of: { readonly sender: Sender; readonly deliveryId: string }): void;
  /** Nothing is awaited any more. */
  forget(): void;
}

const eventOf = {
  confirmed: 'reply.confirmed',
  returned: 'reply.undeliverable',
  refused: 'reply.undeliverable',
  lost: 'reply.lost',
} as const satisfies Record<Outcome, JobEvent['type']>;

export function createReplies(options: {
  readonly transport: Transport;
  readonly format: MessageFormat;
  /** How the awaited reply fared. */
  readonly onOutcome: (event: { readonly type: (typeof eventOf)[Outcome] }) => void;
}): Replies {
  const { transport, format, onOutcome } = options;
  let awaited: Message | null = null;

  const receipt = (outcome: Outcome, message: Message) => {
    if (message !== awaited) return;
    awaited = null;
    onOutcome({ type: eventOf[outcome] });
  };
  return {
    send(reply, { sender, deliveryId }) {
      // The same id when it is sent again, so that an engine can drop the second.
      awaited = format.encodeReply(reply, { ...sender, messageId: `${deliveryId}-${reply.status}` });
      transport.publish(awaited, receipt);
    },
    forget() {
      awaited = null;
    },
  };
}

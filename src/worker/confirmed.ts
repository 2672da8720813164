// What one lane publishes and awaits the confirm of: replies, dead letters. Only the latest one's receipt counts, since a
// receipt may still come for a job that was given up.
import type { Message, Outcome, Transport } from '../transport.js';

/** The event that each outcome is. */
export type Outcomes = Readonly<Record<Outcome, string>>;

export const replyOutcomes = {
  confirmed: 'reply.confirmed',
  returned: 'reply.undeliverable',
  refused: 'reply.refused',
  lost: 'reply.lost',
} as const satisfies Outcomes;

export const letterOutcomes = {
  confirmed: 'letter.sent',
  returned: 'letter.failed',
  refused: 'letter.failed',
  lost: 'letter.lost',
} as const satisfies Outcomes;

export interface Confirmed {
  /** What was awaited before is awaited no more. */
  publish(message: Message, outcomes: Outcomes): void;
  /** Nothing is awaited any more. */
  forget(): void;
}

export function createConfirmed(
  transport: Transport,
  onOutcome: (event: { readonly type: string }) => void,
): Confirmed {
  let awaited: Message | null = null;
  let events: Outcomes = replyOutcomes;

  const receipt = (outcome: Outcome, message: Message) => {
    if (message !== awaited) return;
    awaited = null;
    onOutcome({ type: events[outcome] });
  };
  return {
    publish(message, outcomes) {
      awaited = message;
      events = outcomes;
      transport.publish(message, receipt);
    },
    forget() {
      awaited = null;
    },
  };
}

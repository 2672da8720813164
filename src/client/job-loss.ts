// Why a job ends without a final reply: what became of its publish, of the connection, of the reply queue.
import { NeedfulError } from '../contract/errors.js';
import type { Message, Outcome, TransportEvent } from '../transport.js';

/** undefined: the broker has the job. */
export function refusal(
  outcome: Outcome,
  { message, step }: { readonly message: Message; readonly step: string },
): NeedfulError | undefined {
  const where = `exchange ${JSON.stringify(message.exchange)}, routing key ${JSON.stringify(message.routingKey)}`;
  switch (outcome) {
    case 'confirmed':
      return undefined;
    case 'returned':
      return new NeedfulError(
        'JOB_UNDELIVERABLE',
        `${step}: expected a queue bound to ${where}, there is none: is a worker for it running?`,
      );
    case 'refused':
      return new NeedfulError('JOB_UNDELIVERABLE', `${step}: the broker refused the job (${where})`);
    case 'lost':
      return new NeedfulError(
        'CONNECTION_LOST',
        `${step}: the connection ended before the broker had confirmed the job; it may run all the same`,
        { retry: true },
      );
  }
}

/** undefined: replies can still come. */
export function loss(event: TransportEvent, session: { readonly tag: string }): NeedfulError | undefined {
  switch (event.type) {
    case 'connection.closed':
      return new NeedfulError(
        'CONNECTION_LOST',
        `the connection ended before the final reply (${event.error?.message ?? 'no reason given'}); the job may run all the same`,
        { cause: event.error ?? undefined, retry: true },
      );
    case 'channel.closed':
      if (event.purpose !== 'jobs') return undefined;
      // 404 answers a publish to an exchange that is not there: the reply queue is consumed already.
      return new NeedfulError(
        event.code === 404 ? 'EXCHANGE_MISSING' : 'CHANNEL_CLOSED',
        event.error.message,
        {
          cause: event.error,
        },
      );
    case 'consumer.cancelled':
      if (event.tag !== session.tag) return undefined;
      return new NeedfulError(
        'CHANNEL_CLOSED',
        `the broker ended the consumer of the reply queue ${event.queue}; open() declares a new one`,
      );
    default:
      return undefined;
  }
}

// A broker's refusals on an open connection, as coded errors in the broker's own words.
import { type ErrorCode, NeedfulError } from '../../src/contract/errors.js';

/** `NOT_FOUND - no queue 'x' in vhost '/'` out of amqplib's sentence around it. */
export function brokerWords(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (/with message "(.*)"$/s.exec(text)?.[1] ?? text).replace(/\s+/g, ' ');
}

/** The AMQP reply code; undefined for errors that are not the broker's. */
export function replyCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'number' ? error.code : undefined;
}

/** How a channel ended, as `channel.closed` tells it. */
export interface ChannelEnd {
  readonly code: number;
  readonly error: NeedfulError;
}

/** AMQP's INTERNAL_ERROR: amqplib itself gave a channel up. */
const internalError = 541;

export function channelEnd(error: unknown): ChannelEnd {
  const words = brokerWords(error);
  const message = `The broker closed a channel: ${words}.`;
  const code = codeOf(error, words);
  return {
    code: replyCode(error) ?? internalError,
    error: new NeedfulError(code, message, { cause: error, retry: isPassing(code) }),
  };
}

/** Size of the body that the broker closed the channel for; undefined: it was for something else. */
export function tooLargeBytes(error: unknown): number | undefined {
  if (replyCode(error) !== 406) return undefined;
  const size = /message size (\d+) is larger than/.exec(brokerWords(error))?.[1];
  return size === undefined ? undefined : Number(size);
}

/** What somebody has to grant, create or delete does not pass by itself. */
const isPassing = (code: ErrorCode) => code === 'CHANNEL_CLOSED' || code === 'PROMISE_BROKEN';

/** Why `what` (a sentence's beginning: "Consuming from `q`") did not succeed. */
export function refusal(what: string, error: unknown): NeedfulError {
  if (error instanceof NeedfulError) return error;
  const words = brokerWords(error);
  const code = codeOf(error, words);
  const more = code === 'TOPOLOGY_DIFFERENT' ? ' This is the first difference, others may follow.' : '';
  return new NeedfulError(code, `${what} was refused: ${words}.${more}`, {
    cause: error,
    retry: isPassing(code),
  });
}

function codeOf(error: unknown, words: string): ErrorCode {
  switch (replyCode(error)) {
    case 403:
    case 405:
      return 'ACCESS_REFUSED';
    case 404:
      return /no exchange/.test(words) ? 'EXCHANGE_MISSING' : 'QUEUE_MISSING';
    case 406:
      if (/inequivalent arg/.test(words)) return 'TOPOLOGY_DIFFERENT';
      // A delivery was settled twice, or on another channel than its own.
      return /unknown delivery tag/.test(words) ? 'PROMISE_BROKEN' : 'CHANNEL_CLOSED';
    default:
      return 'CHANNEL_CLOSED';
  }
}

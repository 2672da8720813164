// What an onlooker sees on a bus, in the protocol's words, and how it is read from messages and from a broker's tap.

import type { Message } from './message.js';
import type { Address, ReplyStatus } from './message-format.js';
import { engineExchange, outputKey, workerReplyTo } from './names.js';
import { releaseEngine } from './release-engine.js';

export type BusEvent =
  /** A job was sent. For onlookers that see no deliveries; with deliveries, only these count. */
  | { readonly type: 'job'; readonly address: Address }
  /** A worker was given a job. A redelivery is a new delivery with a number of its own. */
  | {
      readonly type: 'delivered';
      readonly address: Address;
      readonly delivery: number;
      readonly channel: string;
      /** Its body is a job, as far as the format can tell. */
      readonly valid: boolean;
    }
  | {
      readonly type: 'settled';
      readonly delivery: number;
      readonly channel: string;
      readonly how: 'acknowledge' | 'requeue' | 'reject' | 'lost';
    }
  | {
      readonly type: 'reply';
      readonly address: Address;
      readonly appId: string | null;
      readonly messageId: string | null;
      /** null: its body is no reply. */
      readonly status: ReplyStatus | null;
      /** No queue took it: the job is unanswerable from here on. */
      readonly returned: boolean;
    }
  | {
      readonly type: 'output' | 'notification';
      readonly correlationId: string | null;
      readonly appId: string | null;
    };

/** The parts of a message that an onlooker needs: both Message and Received have them. */
export type SeenMessage = Pick<Message, 'exchange' | 'routingKey' | 'properties' | 'body'>;

const limits = { bodyLimitBytes: 64 * 1024 * 1024, depthLimit: 64 };

/** A Release Engine's message as an event; null for what is none of its. `returned`: no queue took it. */
export function readMessage(message: SeenMessage, seen?: { readonly returned: boolean }): BusEvent | null {
  const { exchange, routingKey, properties } = message;
  const [correlationId, appId] = [properties.correlationId ?? null, properties.appId ?? null];
  if (routingKey.startsWith('worker.')) return { type: 'job', address: readJob(message).address };
  if (routingKey.startsWith('notify.')) return { type: 'notification', correlationId, appId };
  if (exchange === engineExchange && routingKey === outputKey)
    return { type: 'output', correlationId, appId };
  if (exchange !== '') return null;
  const reply = releaseEngine.decodeReply({ ...message, headersReadable: true });
  // Others use the default exchange too, as engines that answer whoever asked for a release.
  if (!reply.ok && properties.replyTo !== workerReplyTo) return null;
  return {
    type: 'reply',
    address: { replyTo: routingKey, correlationId },
    appId,
    messageId: properties.messageId ?? null,
    status: reply.ok ? reply.value.status : null,
    returned: seen?.returned ?? false,
  };
}

function readJob(message: SeenMessage) {
  return releaseEngine.decodeJob({ ...message, headersReadable: true }, limits);
}

/** What a tap on a broker reports; the embedded broker's events fit as they are. */
export type TapEvent =
  | {
      readonly type: 'published';
      readonly message: Message;
      /** Queues that took it. */
      readonly queues: readonly string[];
    }
  | {
      readonly type: 'delivered';
      readonly message: Message;
      readonly connection: string;
      readonly queue: string;
      readonly delivery: number;
    }
  | {
      readonly type: 'settled';
      readonly how: 'acknowledge' | 'requeue' | 'reject' | 'lost';
      readonly connection: string;
      readonly queue: string;
      readonly delivery: number;
    };

/** Deliveries and settlements count on queues whose names begin with `worker.`; an onlooker's own queue is none. */
export function readTap(event: TapEvent): BusEvent | null {
  if (event.type === 'published') {
    const returned = event.message.mandatory && event.queues.length === 0;
    const seen = readMessage(event.message, { returned });
    // A job counts when a worker is given it.
    return seen?.type === 'job' ? null : seen;
  }
  if (!event.queue.startsWith('worker.')) return null;
  const { delivery, connection: channel } = event;
  if (event.type === 'settled') return { type: 'settled', delivery, channel, how: event.how };
  const { address, job } = readJob(event.message);
  return { type: 'delivered', address, delivery, channel, valid: job.ok };
}

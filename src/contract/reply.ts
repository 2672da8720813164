// Replies: worker -> engine, over the default exchange to the queue that the job names.
import { z } from 'zod';
import { decodeObject, encodeText } from './json-body.js';
import type { Message, Properties, Received } from './message.js';
import type { Address, Decoded, Reply, ReplyStatus, Sender } from './message-format.js';
import { workerReplyTo } from './names.js';
import { kindOf, refused } from './problem.js';

const bodies: Readonly<Record<ReplyStatus, Uint8Array>> = {
  started: encodeText('{"status":"started"}'),
  completed: encodeText('{"status":"completed"}'),
  failed: encodeText('{"status":"failed"}'),
};

/** What a worker lets an engine know. `data` must be JSON (see `toJson`); undefined leaves the key away. */
export function encodeReply(reply: Reply, sender: Sender & { readonly messageId: string }): Message {
  const replyTo = sender.address.replyTo ?? '';
  return {
    exchange: '',
    routingKey: replyTo,
    body:
      reply.data === undefined
        ? bodies[reply.status]
        : encodeText(`{"status":"${reply.status}","data":${JSON.stringify(reply.data)}}`),
    properties: propertiesOf(sender.address, sender.appId, sender.messageId),
    mandatory: true,
  };
}

function propertiesOf({ correlationId }: Address, appId: string, messageId: string): Properties {
  const contentType = 'application/json';
  return correlationId === null
    ? { contentType, replyTo: workerReplyTo, messageId, appId }
    : { contentType, correlationId, replyTo: workerReplyTo, messageId, appId };
}

// An engine reads what its own workers send: more than a worker takes, yet bounded.
const limits = { bodyLimitBytes: 64 * 1024 * 1024, depthLimit: 500 };

/** A reply as an engine reads it: `status` counts, other members than `data` are ignored. */
export function decodeReply(received: Received): Decoded<Reply> {
  const body = decodeObject(received, limits);
  if (!body.ok) return body;
  const { status, data } = body.value;
  if (status !== 'started' && status !== 'completed' && status !== 'failed') {
    const got = typeof status === 'string' ? 'another word' : kindOf(status);
    return refused('REPLY_MALFORMED', `status must be started, completed or failed, got ${got}`);
  }
  return { ok: true, value: data === undefined ? { status } : { status, data } };
}

/** The body of a reply. */
export const replySchema = z.looseObject({
  status: z.enum(['started', 'completed', 'failed']),
  data: z.unknown().optional(),
});

// Output lines and notifications: what people read while a job runs. Nobody answers them, nobody waits for them.
import { z } from 'zod';
import { decodeObject, encodeText, toJson } from './json-body.js';
import type { Message, Properties, Received } from './message.js';
import type { Decoded, Notification, Sender } from './message-format.js';
import { engineExchange, notificationKey, outputKey, workerReplyTo } from './names.js';
import { kindOf, refused } from './problem.js';

/** Lines for the people who follow a release; they go to the `output` key of the bus, filtered by `outputLevel`. */
export interface Output {
  debug(line: string): void;
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
  critical(line: string): void;
}

function propertiesOf({ address: { correlationId }, appId }: Sender): Properties {
  const contentType = 'application/json';
  return correlationId === null
    ? { contentType, replyTo: workerReplyTo, appId }
    : { contentType, correlationId, replyTo: workerReplyTo, appId };
}

// A line must not end the job that says it, whatever it is.
function jsonOf(value: unknown): string {
  const text = toJson(value);
  return text.ok ? text.value : JSON.stringify(`(${kindOf(value)} that cannot be JSON)`);
}

/** One line of output: exchange `re`, key `output`, body `{"message": …}` and nothing else. */
export function encodeOutput(message: unknown, sender: Sender): Message {
  return {
    exchange: engineExchange,
    routingKey: outputKey,
    body: encodeText(`{"message":${jsonOf(message)}}`),
    properties: propertiesOf(sender),
    mandatory: false,
  };
}

const limits = { bodyLimitBytes: 64 * 1024 * 1024, depthLimit: 500 };

/** The `message` of an output line: normally a string. */
export function decodeOutput(received: Received): Decoded<unknown> {
  const body = decodeObject(received, limits);
  if (!body.ok) return body;
  if (body.value.message === undefined) return refused('OUTPUT_MALFORMED', 'expected a message, got nothing');
  return { ok: true, value: body.value.message };
}

const slugLength = 80;

function cut(slug: string): string {
  if (slug.length <= slugLength) return slug;
  // 80 code points have at most 160 code units.
  return Array.from(slug.slice(0, 2 * slugLength))
    .slice(0, slugLength)
    .join('');
}

/** One notification to one transport: key `notify.<transport>`, the slug cut to 80 characters, the target as the job has it. */
export function encodeNotification(
  notification: Notification,
  sender: Sender & { readonly exchange: string },
): Message {
  const { phase, transport, slug, message, target } = notification;
  return {
    exchange: sender.exchange,
    routingKey: notificationKey(transport),
    body: encodeText(jsonOf({ slug: cut(slug), message, phase, target: target === undefined ? [] : target })),
    properties: propertiesOf(sender),
    mandatory: false,
  };
}

/** The body of an output line. */
export const outputSchema = z.looseObject({
  message: z.unknown().refine((message) => message !== undefined, 'expected a message, got nothing'),
});

/** The body of a notification as a worker sends it; `target` is normally an array of strings. */
export const notificationSchema = z.looseObject({
  slug: z.string(),
  message: z.string(),
  phase: z.string(),
  target: z.unknown(),
});

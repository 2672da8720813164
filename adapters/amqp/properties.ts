// Properties of messages between the port's words and amqplib's. What is absent on one side is absent on the other.
import type { MessageProperties, Options } from 'amqplib';
import type { Properties } from '../../src/transport.js';
import { unreadableHeaders } from './frame-guard.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function toPublishOptions(properties: Properties): Options.Publish {
  // amqplib has the same names, and leaves out what is undefined.
  return { ...properties };
}

const texts = [
  'contentType',
  'contentEncoding',
  'correlationId',
  'replyTo',
  'messageId',
  'appId',
  'type',
] as const;
const numbers = ['timestamp', 'priority'] as const;

export function fromMessageProperties(found: MessageProperties): Properties {
  const properties: Mutable<Properties> = {};
  for (const name of texts) if (found[name] !== undefined) properties[name] = found[name];
  for (const name of numbers) if (found[name] !== undefined) properties[name] = found[name];
  if (found.deliveryMode !== undefined) properties.persistent = found.deliveryMode === 2;
  // amqplib sends an empty table where there are no headers, so an empty one means none.
  if (hasHeaders(found)) properties.headers = found.headers;
  return properties;
}

export function headersReadable(found: MessageProperties): boolean {
  return found.headers !== unreadableHeaders;
}

function hasHeaders(found: MessageProperties): found is MessageProperties & { headers: object } {
  if (found.headers === undefined || found.headers === unreadableHeaders) return false;
  return Object.keys(found.headers).length > 0;
}

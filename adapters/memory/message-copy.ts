// Copies of messages at the broker's border: what a publisher or a consumer changes afterwards changes no other copy.
import type { Message, Properties } from '../../src/contract/message.js';

/** Longest short string of AMQP 0-9-1, in bytes of UTF-8. */
const shortStringBytes = 255;

/** The broker's copy of a message; null when no client could put it on a wire. */
export function encode(message: Message): Message | null {
  const { exchange, routingKey, body, mandatory } = message;
  if (!isShortString(exchange) || !isShortString(routingKey) || !(body instanceof Uint8Array)) return null;
  const properties = encodeProperties(message.properties);
  return properties && { exchange, routingKey, body: Buffer.from(body), properties, mandatory };
}

/** The headers of a stored message belong to one consumer at a time. */
export function decodeProperties(properties: Properties): Properties {
  if (properties.headers === undefined) return properties;
  return { ...properties, headers: structuredClone(properties.headers) };
}

function encodeProperties(properties: Properties): Properties | null {
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(properties) as (keyof Properties)[]) {
    const value = properties[name];
    if (value === undefined || isEmptyTable(name, value)) continue;
    if (!isEncodable(name, value)) return null;
    copy[name] = value;
  }
  if (copy.headers !== undefined) {
    try {
      copy.headers = structuredClone(properties.headers);
    } catch {
      return null;
    }
  }
  return Object.freeze(copy);
}

/** An empty table of headers is the same as none on the wire. */
function isEmptyTable(name: string, value: unknown): boolean {
  return name === 'headers' && typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function isEncodable(name: string, value: unknown): boolean {
  switch (name) {
    case 'headers':
      return typeof value === 'object' && value !== null;
    case 'persistent':
      return typeof value === 'boolean';
    case 'timestamp':
    case 'priority':
      return typeof value === 'number' && value >= 0;
    default:
      return isShortString(value);
  }
}

function isShortString(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  // A UTF-16 unit is at most three bytes of UTF-8: most strings need no counting.
  return value.length * 3 <= shortStringBytes || Buffer.byteLength(value) <= shortStringBytes;
}

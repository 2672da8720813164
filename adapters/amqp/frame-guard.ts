// Keeps a message whose headers amqplib cannot decode from ending the connection: its frame reader throws on them, the
// broker sends the message again, and so every consumer of the queue would lose its connection for ever.
import type { ChannelModel } from 'amqplib';
import { type Frame, internals } from './amqplib-internals.js';

/** Stands in `properties.headers` for a table that could not be decoded. */
export const unreadableHeaders: Readonly<Record<string, unknown>> = Object.freeze({});

const headerFrame = 2;
const basicClass = 60;
/** Type, channel and size come before a frame's payload; class, weight and body size before the property flags. */
const payloadStart = 7;
const flagsStart = payloadStart + 12;

/** False when this amqplib is not the one the guard was made for: then nothing was changed. */
export function guardFrames(model: ChannelModel): boolean {
  const inner = internals(model);
  if (inner === undefined) return false;
  const receive = inner.recvFrame.bind(inner);
  inner.recvFrame = (): Frame => {
    const before = inner.rest;
    try {
      return receive();
    } catch (error) {
      const frame = decodeHeaderFrame(before);
      if (frame === undefined) throw error;
      return frame;
    }
  };
  return true;
}

/** The frame at the head of `bytes` without its headers table; undefined if it is no complete content header. */
export function decodeHeaderFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < flagsStart + 2 || bytes.readUInt8(0) !== headerFrame) return undefined;
  const end = payloadStart + bytes.readUInt32BE(3);
  if (bytes.length <= end || bytes.readUInt16BE(payloadStart) !== basicClass) return undefined;
  try {
    return {
      id: basicClass,
      channel: bytes.readUInt16BE(1),
      size: Number(bytes.readBigUInt64BE(payloadStart + 4)),
      fields: decodeProperties(bytes.subarray(flagsStart, end)),
    };
  } catch {
    return undefined;
  }
}

/** In the order of their flags, highest bit first. */
const properties: readonly (readonly [string, 'text' | 'table' | 'octet' | 'timestamp'])[] = [
  ['contentType', 'text'],
  ['contentEncoding', 'text'],
  ['headers', 'table'],
  ['deliveryMode', 'octet'],
  ['priority', 'octet'],
  ['correlationId', 'text'],
  ['replyTo', 'text'],
  ['expiration', 'text'],
  ['messageId', 'text'],
  ['timestamp', 'timestamp'],
  ['type', 'text'],
  ['userId', 'text'],
  ['appId', 'text'],
  ['clusterId', 'text'],
];

function decodeProperties(payload: Buffer): Record<string, unknown> {
  const flags = payload.readUInt16BE(0);
  const fields: Record<string, unknown> = {};
  let offset = 2;
  properties.forEach(([name, kind], index) => {
    if ((flags & (0x8000 >> index)) === 0) return;
    if (kind === 'table') {
      offset += 4 + payload.readUInt32BE(offset);
      fields[name] = unreadableHeaders;
    } else if (kind === 'octet') {
      fields[name] = payload.readUInt8(offset++);
    } else if (kind === 'timestamp') {
      fields[name] = Number(payload.readBigUInt64BE(offset));
      offset += 8;
    } else {
      const length = payload.readUInt8(offset++);
      fields[name] = payload.toString('utf8', offset, offset + length);
      offset += length;
    }
  });
  return fields;
}

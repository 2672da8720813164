// A job written byte by byte, with properties that no client library would write.
import type { Channel, ChannelModel } from 'amqplib';
import { internals } from '../../adapters/amqp/amqplib-internals.js';
import { shortText } from '../adapters/amqp/raw-publish.js';
import { turn } from '../adapters/bus.js';

export { nested, shortText } from '../adapters/amqp/raw-publish.js';

/** As bytes; `headers` is the content of the table without its length, `timestamp` has eight bytes. */
export interface RawProperties {
  readonly contentType?: Buffer;
  readonly contentEncoding?: Buffer;
  readonly headers?: Buffer;
  readonly correlationId?: Buffer;
  readonly replyTo?: Buffer;
  readonly messageId?: Buffer;
  readonly timestamp?: Buffer;
  readonly type?: Buffer;
  readonly appId?: Buffer;
}

export interface RawMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly properties: RawProperties;
  readonly body: Uint8Array;
}

const short = (n: number) => Buffer.from([n >> 8, n & 255]);

/** Behind its length. */
export function longText(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** One member of a table: its key, the letter of its type, its value. */
export const field = (key: string, letter: string, value: Buffer | string) =>
  Buffer.concat([shortText(key), Buffer.from(letter), Buffer.from(value)]);

/** By their flags, in the order in which they go over the wire. */
const flags = [
  ['contentType', 0x8000],
  ['contentEncoding', 0x4000],
  ['headers', 0x2000],
  ['correlationId', 0x0400],
  ['replyTo', 0x0200],
  ['messageId', 0x0080],
  ['timestamp', 0x0040],
  ['type', 0x0020],
  ['appId', 0x0008],
] as const;

function encodeProperties(properties: RawProperties): Buffer {
  let set = 0;
  const parts: Buffer[] = [];
  for (const [name, flag] of flags) {
    const value = properties[name];
    if (value === undefined) continue;
    set |= flag;
    if (name === 'headers') parts.push(longText(value));
    else if (name === 'timestamp') parts.push(value);
    else parts.push(Buffer.from([value.length]), value);
  }
  return Buffer.concat([short(set), ...parts]);
}

function frame(kind: { readonly type: number; readonly channel: number }, payload: Uint8Array): Buffer {
  const head = Buffer.concat([Buffer.from([kind.type]), short(kind.channel), longText(Buffer.from(payload))]);
  return Buffer.concat([head, Buffer.from([0xce])]);
}

const largestFrame = 100_000;

/** Method, header and body frames. */
export function rawFrames(channel: number, message: RawMessage): Buffer {
  const { exchange, routingKey, body } = message;
  const method = [
    short(60),
    short(40),
    short(0),
    shortText(exchange),
    shortText(routingKey),
    Buffer.from([0]),
  ];
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(body.length));
  const frames = [
    frame({ type: 1, channel }, Buffer.concat(method)),
    frame(
      { type: 2, channel },
      Buffer.concat([short(60), short(0), size, encodeProperties(message.properties)]),
    ),
  ];
  for (let start = 0; start < body.length; start += largestFrame) {
    frames.push(frame({ type: 3, channel }, body.subarray(start, start + largestFrame)));
  }
  return Buffer.concat(frames);
}

/** Resolves once the broker took them all; rejects with its words. */
export async function sendRaw(model: ChannelModel, messages: readonly RawMessage[]): Promise<void> {
  const channel: Channel & { ch?: number } = await model.createChannel();
  let refusal: Error | undefined;
  const refuse = (error: Error) => {
    refusal = error;
  };
  channel.on('error', refuse);
  model.on('error', refuse);
  const { ch = 0 } = channel;
  internals(model)?.stream.write(Buffer.concat(messages.map((message) => rawFrames(ch, message))));
  try {
    // Answered after what was sent before it on this channel.
    await channel.checkExchange('amq.direct');
    await channel.close();
  } catch (error) {
    // What is asked is refused before the broker's words are told.
    await turn();
    throw refusal ?? error;
  } finally {
    model.off('error', refuse);
  }
}

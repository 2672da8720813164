// A publish written byte by byte, for messages that no client library would send.
import type { Channel, ChannelModel } from 'amqplib';
import { internals } from '../../../adapters/amqp/amqplib-internals.js';

export interface RawMessage {
  readonly queue: string;
  readonly correlationId: string | Buffer;
  readonly replyTo: string;
  /** The headers table without its length. */
  readonly headers: Buffer;
  readonly body: string;
}

const short = (n: number) => Buffer.from([n >> 8, n & 255]);
const long = (n: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
};
export const shortText = (text: string | Buffer) =>
  Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)]);
const table = (content: Buffer) => Buffer.concat([long(content.length), content]);

function frame(kind: { readonly type: number; readonly channel: number }, payload: Buffer): Buffer {
  const head = Buffer.concat([Buffer.from([kind.type]), short(kind.channel), long(payload.length)]);
  return Buffer.concat([head, payload, Buffer.from([0xce])]);
}

/** Method, header and body frame of one message to the default exchange. */
export function rawFrames(channel: number, message: RawMessage): Buffer {
  const { queue, correlationId, replyTo, headers } = message;
  const body = Buffer.from(message.body);
  const publish = [short(60), short(40), short(0), shortText(''), shortText(queue), Buffer.from([0])];
  // Headers, correlation id and reply-to, in the order of their flags.
  const properties = [
    short(0x2000 | 0x0400 | 0x0200),
    table(headers),
    shortText(correlationId),
    shortText(replyTo),
  ];
  const header = [short(60), short(0), long(0), long(body.length), ...properties];
  return Buffer.concat([
    frame({ type: 1, channel }, Buffer.concat(publish)),
    frame({ type: 2, channel }, Buffer.concat(header)),
    frame({ type: 3, channel }, body),
  ]);
}

/** One header `x` of type `L`, an unsigned number of 64 bits. */
export const unsignedLong = Buffer.concat([shortText('x'), Buffer.from('L'), Buffer.alloc(8, 1)]);

/** Tables in tables. */
export function nested(depth: number): Buffer {
  let content: Buffer = Buffer.alloc(0);
  for (let level = 0; level < depth; level++) {
    content = Buffer.concat([shortText('x'), Buffer.from('F'), table(content)]);
  }
  return content;
}

export async function sendRaw(model: ChannelModel, message: RawMessage): Promise<void> {
  const channel: Channel & { ch?: number } = await model.createChannel();
  internals(model)?.stream.write(rawFrames(channel.ch ?? 0, message));
  // Answered after what was sent before it on this channel.
  await channel.checkQueue(message.queue);
  await channel.close();
}

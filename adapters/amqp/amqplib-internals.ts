// The names inside amqplib that its types do not show and this adapter uses. A test holds the pinned version to them.
import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { ChannelModel } from 'amqplib';

/** A frame as amqplib's reader hands it on; false: none is complete. */
export type Frame = object | false;

export interface Internals extends EventEmitter {
  recvFrame(): Frame;
  /** Bytes read, not yet taken as frames. */
  rest: Buffer;
  readonly stream: Duplex;
}

/** Undefined when this version of amqplib has other names. */
export function internals(model: ChannelModel): Internals | undefined {
  const inner: unknown = model.connection;
  return isInternals(inner) ? inner : undefined;
}

function isInternals(inner: unknown): inner is Internals {
  if (typeof inner !== 'object' || inner === null) return false;
  return (
    'recvFrame' in inner &&
    typeof inner.recvFrame === 'function' &&
    'rest' in inner &&
    inner.rest instanceof Buffer &&
    'stream' in inner &&
    typeof inner.stream === 'object' &&
    'on' in inner
  );
}

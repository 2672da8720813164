// A connection on the broker's side: the frames it has not read, the channels on it, the exclusive queues that go with it.
import { NeedfulError } from '../../src/contract/errors.js';
import { Channel, type ChannelPeer } from './channel.js';
import type { Frame, Wire } from './frame.js';
import type { ChannelPurpose } from './tap.js';
import type { VirtualHost } from './virtual-host.js';

/** Frames under way before a publisher is asked to wait. */
const highWaterMark = 2_048;

/** Who hears what the broker does to a connection; always on a turn of the broker. */
export interface ConnectionPeer extends ChannelPeer {
  connectionClosed(connection: Connection, error: Error | null): void;
  connectionBlocked(reason: string): void;
  connectionUnblocked(): void;
  bufferDrained(): void;
}

export class Connection implements Wire {
  readonly name: string;
  ended = false;
  readonly #host: VirtualHost;
  readonly #peer: ConnectionPeer;
  readonly #channels = new Set<Channel>();
  #unread: Frame[] = [];
  /** Frames of `#unread` that were read already, while reading. */
  #readCount = 0;
  #awake = false;
  #full = false;
  #blocked = false;

  constructor(host: VirtualHost, client: { readonly name: string; readonly peer: ConnectionPeer }) {
    this.#host = host;
    this.name = client.name;
    this.#peer = client.peer;
  }

  send(frame: Frame): boolean {
    if (this.ended) {
      if (frame.drop) this.#host.turns.later(() => frame.drop?.(lostConnection()));
      return true;
    }
    this.#unread.push(frame);
    this.#wake();
    this.#full ||= this.#unread.length - this.#readCount >= highWaterMark;
    return !this.#full;
  }

  openChannel(purpose: ChannelPurpose, epoch: number): Channel {
    const place = { host: this.#host, wire: this, peer: this.#peer };
    const channel = new Channel(place, { purpose, epoch });
    for (const old of this.#channels) if (old.ended) this.#channels.delete(old);
    this.#channels.add(channel);
    return channel;
  }

  closeChannels(purpose: ChannelPurpose, closing: { readonly code: number; readonly error: Error }): void {
    for (const channel of this.#channels)
      if (channel.purpose === purpose) channel.close(closing.code, closing.error);
  }

  block(reason: string): void {
    this.#blocked = true;
    this.#tell((peer) => peer.connectionBlocked(reason));
  }

  unblock(): void {
    this.#blocked = false;
    this.#tell((peer) => peer.connectionUnblocked());
    this.#wake();
  }

  /** By the broker, in the middle of whatever is under way: what was not read is gone. */
  cut(error: Error): void {
    if (this.ended) return;
    const unread = this.#end();
    this.#host.turns.later(() => {
      this.#peer.connectionClosed(this, error);
      for (const frame of unread) frame.drop?.(error);
    });
  }

  /** By the client, who sent and heard what it wanted to. */
  close(): void {
    const unread = this.#end();
    this.#peer.connectionClosed(this, null);
    for (const frame of unread) frame.drop?.(lostConnection());
  }

  /** Returns what was never read. */
  #end(): readonly Frame[] {
    this.ended = true;
    for (const channel of this.#channels) channel.end();
    this.#host.deleteQueuesOf(this);
    const unread = this.#unread.slice(this.#readCount);
    this.#unread = [];
    this.#readCount = 0;
    return unread;
  }

  #tell(news: (peer: ConnectionPeer) => void): void {
    this.#host.turns.later(() => {
      if (!this.ended) news(this.#peer);
    });
  }

  #wake(): void {
    if (this.#awake) return;
    this.#awake = true;
    this.#host.turns.later(this.#read);
  }

  /** Reads what was there at its start; what is sent meanwhile waits for its turn like everybody else's. */
  readonly #read = (): void => {
    this.#awake = false;
    const end = this.#unread.length;
    while (this.#readCount < end) {
      const frame = this.#unread[this.#readCount];
      if (!frame || (this.#blocked && frame.publishes)) break;
      this.#readCount += 1;
      if (frame.channel?.ended) frame.drop?.(lostChannel());
      else frame.run();
    }
    this.#unread.splice(0, this.#readCount);
    const stalled = this.#readCount < end;
    this.#readCount = 0;
    if (this.#unread.length > 0 && !stalled) this.#wake();
    if (this.#full && this.#unread.length === 0 && !this.ended) {
      this.#full = false;
      this.#peer.bufferDrained();
    }
  };
}

export function lostConnection(): NeedfulError {
  return new NeedfulError(
    'CONNECTION_LOST',
    'The connection to the embedded broker ended before it answered.',
    {
      retry: true,
    },
  );
}

function lostChannel(): NeedfulError {
  return new NeedfulError('CHANNEL_CLOSED', 'The broker closed the channel before it answered.', {
    retry: true,
  });
}

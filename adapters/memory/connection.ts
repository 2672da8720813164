// A connection on the broker's side: what is under way on it in both directions, the channels on it, the exclusive queues
// that go with it. Its two sides learn of its end one after the other, and under a scheduler either may be the first.
import { Channel, type ChannelPeer } from './channel.js';
import type { Fate, Frame, News, Wire } from './frame.js';
import { lostChannel, lostConnection } from './loss.js';
import type { ChannelPurpose } from './tap.js';
import type { VirtualHost } from './virtual-host.js';
import { Way } from './way.js';

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
  /** On the broker. */
  ended = false;
  readonly #host: VirtualHost;
  readonly #peer: ConnectionPeer;
  readonly #channels = new Set<Channel>();
  readonly #up: Way<Frame>;
  /** null: what the broker tells is heard at once. */
  readonly #down: Way<News> | null;
  /** What never arrived, until the client learns of it. */
  #lost: (Frame | News)[] = [];
  #full = false;
  #blocked = false;
  /** The client was told of the end, or will never be. */
  #parted = false;
  /** The client knows. */
  #left = false;
  /** Of the next publishes with a receipt. */
  #doomed = { refused: 0, unconfirmed: 0 };

  constructor(host: VirtualHost, client: { readonly name: string; readonly peer: ConnectionPeer }) {
    this.#host = host;
    this.name = client.name;
    this.#peer = client.peer;
    const { turns } = host;
    this.#up = new Way<Frame>(
      { turns, line: `${client.name} up` },
      {
        arrive: (frame) => this.#read(frame),
        waits: (frame) => this.#blocked && frame.publishes,
        emptied: () => this.#drained(),
      },
    );
    this.#down = turns.scheduled
      ? new Way<News>({ turns, line: `${client.name} down` }, { arrive: (news) => news.run() })
      : null;
  }

  get unreadCount(): number {
    return this.#up.length;
  }

  /** Of those, publishes that wait for a receipt. */
  get unreadReceiptCount(): number {
    return this.#up.count((frame) => frame.receipt === true);
  }

  /** The next frame is one of those. */
  get nextWantsReceipt(): boolean {
    return this.#up.next?.receipt === true;
  }

  get unheardCount(): number {
    return this.#down?.length ?? 0;
  }

  /** Neither side has lost it yet. */
  get live(): boolean {
    return !this.ended && !this.#parted;
  }

  send(frame: Frame): boolean {
    if (this.ended || !this.#up.push(frame)) {
      this.#lose([frame]);
      return true;
    }
    this.#full ||= this.#up.length >= highWaterMark;
    return !this.#full;
  }

  tell(run: () => void, drop?: (error: Error) => void): void {
    if (this.#down === null) run();
    else this.#put(this.#down, { run, ...(drop && { drop }) });
  }

  tellLater(run: () => void, drop?: (error: Error) => void): void {
    if (this.#down === null) this.#host.turns.later(run, this.name);
    else this.#put(this.#down, { run, ...(drop && { drop }) });
  }

  fate(): Fate {
    const { refused, unconfirmed } = this.#doomed;
    if (refused + unconfirmed === 0) return 'taken';
    const fate = refused > 0 ? 'refused' : 'unconfirmed';
    this.#doomed[fate] -= 1;
    return fate;
  }

  /** Of the next publishes with a receipt: how many get a negative confirm, or none at all. */
  doom(counts: { readonly refused?: number; readonly unconfirmed?: number }): void {
    this.#doomed.refused += counts.refused ?? 0;
    this.#doomed.unconfirmed += counts.unconfirmed ?? 0;
  }

  forgive(): void {
    this.#doomed = { refused: 0, unconfirmed: 0 };
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
    this.#tellPeer((peer) => peer.connectionBlocked(reason));
  }

  unblock(): void {
    this.#blocked = false;
    this.#tellPeer((peer) => peer.connectionUnblocked());
    this.#up.wake();
  }

  /** By the broker, in the middle of whatever is under way: what was not read is gone. */
  cut(error: Error): void {
    if (this.ended) return;
    this.#end();
    this.#part(0, error);
  }

  /**
   * By the network, under a scheduler: of what is under way the broker still reads `readCount` frames and the client hears
   * `heardCount` news; each side learns of the end when it comes to it.
   */
  sever(counts: { readonly readCount: number; readonly heardCount: number }, error: Error): void {
    if (!this.live) return;
    this.#endAfter(counts.readCount);
    this.#part(counts.heardCount, error);
  }

  /** The client's process is gone, and will hear nothing. */
  bury(readCount: number): void {
    this.#parted = true;
    this.#down?.cut(0);
    if (!this.ended) this.#endAfter(readCount);
    this.#lost = [];
  }

  /** Nothing that is under way, or put on the way, arrives there any more; nobody is told. */
  silence(way: 'up' | 'down'): void {
    this.#lose((way === 'up' ? this.#up.cut(0) : this.#down?.cut(0)) ?? []);
  }

  hold(way: 'up' | 'down'): void {
    (way === 'up' ? this.#up : this.#down)?.hold();
  }

  release(way: 'up' | 'down'): void {
    (way === 'up' ? this.#up : this.#down)?.release();
  }

  /** By the client, who sent and heard what it wanted to. */
  close(): void {
    if (this.#down === null || this.#blocked) this.#end();
    else if (!this.ended) this.#endAfter(this.#up.length);
    this.#parted = true;
    this.#lose(this.#down?.cut(0) ?? []);
    this.#leave(null);
  }

  /** The broker reads so many more frames, then it notices. */
  #endAfter(readCount: number): void {
    // An alarm would keep the broker from noticing at all.
    const end = { channel: null, publishes: false, run: () => this.#end() };
    this.#lose(this.#up.cut(this.#blocked ? 0 : readCount, end));
  }

  #end(): void {
    if (this.ended) return;
    this.ended = true;
    for (const channel of this.#channels) channel.end();
    this.#host.deleteQueuesOf(this);
    this.#lose(this.#up.cut(0));
    this.#host.watcher?.({ type: 'ended', connection: this.name });
  }

  /** The client hears so much more, then it notices. */
  #part(heardCount: number, error: Error): void {
    if (this.#parted) return;
    this.#parted = true;
    const leave = () => this.#leave(error);
    if (this.#down === null) this.#host.turns.later(leave, this.name);
    else this.#lose(this.#down.cut(heardCount, { run: leave }));
  }

  #leave(error: Error | null): void {
    if (this.#left) return;
    this.#left = true;
    this.#host.watcher?.({ type: 'left', connection: this.name, lost: error !== null });
    this.#peer.connectionClosed(this, error);
    for (const lost of this.#lost.splice(0)) lost.drop?.(error ?? lostConnection());
  }

  #lose(lost: readonly (Frame | News)[]): void {
    for (const { drop } of lost) {
      if (!drop) continue;
      if (this.#left) this.#host.turns.later(() => drop(lostConnection()), this.name);
      else this.#lost.push({ run() {}, drop });
    }
  }

  #put(down: Way<News>, news: News): void {
    if (!down.push(news)) this.#lose([news]);
  }

  #tellPeer(news: (peer: ConnectionPeer) => void): void {
    this.tellLater(() => {
      if (this.#down !== null || !this.#parted) news(this.#peer);
    });
  }

  #read(frame: Frame): void {
    const { drop } = frame;
    if (!frame.channel?.ended) frame.run();
    else if (drop) this.tell(() => drop(lostChannel()), drop);
  }

  #drained(): void {
    if (!this.#full || this.ended) return;
    this.#full = false;
    this.#peer.bufferDrained();
  }
}

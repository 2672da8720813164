// Peers that are no broker, and a proxy before one that can freeze: sockets of this process, on free loopback ports.

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Peer {
  readonly port: number;
  /** Resolves when somebody connected. */
  readonly connected: Promise<void>;
  close(): Promise<void>;
}

export async function listen(server: Server): Promise<Peer> {
  const sockets = new Set<Socket>();
  const connected = new Promise<void>((resolve) => {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
      resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    connected,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export interface Proxy extends Peer {
  /** Nothing passes any more, and nothing is closed: as a pulled cable. One direction alone: `toBroker`, `toClient`. */
  freeze(direction?: 'toBroker' | 'toClient'): void;
  /** Ends connections with a reset. */
  reset(): void;
  /** Ends connections properly, as a firewall that is tired of them. */
  finish(): void;
  /** Gives the client bytes that no broker sent. */
  inject(bytes: Uint8Array): void;
}

/** `edit` may change what the broker sends. */
export async function proxy(target: URL, edit: (bytes: Buffer) => Buffer = (bytes) => bytes): Promise<Proxy> {
  const pairs: (readonly [Socket, Socket])[] = [];
  const silent = new Set<Socket>();
  let frozen = false;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    far.on('error', () => {});
    near.on('close', () => frozen || far.destroy());
    far.on('close', () => frozen || near.destroy());
    near.pipe(far);
    far.on('data', (bytes) => silent.has(far) || near.write(edit(bytes)));
    far.on('end', () => near.end());
    pairs.push([near, far]);
  });
  const peer = await listen(server);
  return {
    ...peer,
    async close() {
      for (const [, far] of pairs) far.destroy();
      await peer.close();
    },
    freeze(direction) {
      frozen ||= direction === undefined;
      for (const [near, far] of pairs) {
        // It is read and dropped where the other direction lives: its end must be seen.
        if (direction !== 'toClient') near.unpipe().on('data', () => {});
        if (direction !== 'toBroker') silent.add(far);
        if (direction === undefined) for (const socket of [near, far]) socket.pause();
      }
    },
    reset() {
      for (const [near] of pairs) near.resetAndDestroy();
    },
    finish() {
      for (const [near] of pairs) near.end();
    },
    inject(bytes) {
      for (const [near] of pairs) if (near.writable) near.write(bytes);
    },
  };
}

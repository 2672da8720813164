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

interface Line {
  readonly near: Socket;
  readonly far: Socket;
  /** What is dropped on its way. */
  readonly silent: Set<'toBroker' | 'toClient'>;
}

/** What befalls the lines there are; new ones are whole. `edit` may change what the broker sends. */
export async function proxy(target: URL, edit: (bytes: Buffer) => Buffer = (bytes) => bytes): Promise<Proxy> {
  const lines = new Set<Line>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    const line: Line = { near, far, silent: new Set() };
    lines.add(line);
    const passes = (way: 'toBroker' | 'toClient') => !line.silent.has(way);
    near.on('data', (bytes) => void (passes('toBroker') && far.write(bytes)));
    far.on('data', (bytes) => void (passes('toClient') && near.writable && near.write(edit(bytes))));
    near.on('end', () => void (passes('toBroker') && far.end()));
    far.on('end', () => void (passes('toClient') && near.end()));
    far.on('error', () => {});
    near.on('close', () => void (passes('toBroker') && far.destroy()));
    far.on('close', () => void (passes('toClient') && near.destroy()));
  });
  const peer = await listen(server);
  return {
    ...peer,
    async close() {
      for (const { far } of lines) far.destroy();
      await peer.close();
    },
    freeze(direction) {
      for (const { near, far, silent } of lines) {
        if (direction !== 'toClient') silent.add('toBroker');
        if (direction !== 'toBroker') silent.add('toClient');
        // Nothing is read, so that buffers fill up to their senders; where one direction lives, its end must be seen.
        if (direction === undefined) for (const socket of [near, far]) socket.pause();
      }
    },
    reset() {
      for (const { near } of lines) near.resetAndDestroy();
    },
    finish() {
      for (const { near } of lines) near.end();
    },
    inject(bytes) {
      for (const { near } of lines) if (near.writable) near.write(bytes);
    },
  };
}

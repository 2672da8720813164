// Who answers on a port: the first AMQP frame of a broker, read without logging in. A private node is known by its name in it.
import { connect } from 'node:net';

export interface Greeting {
  /** RabbitMQ's `cluster_name`: the node's own name unless somebody gave it another. null: it says none. */
  readonly clusterName: string | null;
}

export interface HandshakeOptions {
  readonly port: number;
  readonly host?: string;
  /** Milliseconds to wait for the frame. Default 2,000. */
  readonly timeoutMs?: number;
}

const frameHeaderBytes = 7;
const frameLimitBytes = 65_536;

/** Rejects when nobody listens, or when what listens speaks no AMQP 0-9-1. */
export function readGreeting(options: HandshakeOptions): Promise<Greeting> {
  const { port, host = '127.0.0.1', timeoutMs = 2000 } = options;
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host });
    let received = Buffer.alloc(0);
    const fail = (reason: string) => {
      socket.destroy();
      reject(new Error(`${host}:${port}: ${reason}`));
    };
    socket.setTimeout(timeoutMs, () => fail(`no AMQP greeting within ${timeoutMs} ms`));
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => fail('closed before an AMQP greeting'));
    socket.on('connect', () => socket.write('AMQP\u0000\u0000\u0009\u0001'));
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      const greeting = parseStart(received);
      if (greeting === 'other') return fail('what listens there speaks no AMQP 0-9-1');
      if (greeting === undefined) return;
      resolve(greeting);
      socket.destroy();
    });
  });
}

// connection.start is class 10, method 10 in a method frame (type 1) on channel 0; its server properties hold `cluster_name`
// as a long string: one byte of length, the name, 'S', four bytes of length, the value.
function parseStart(bytes: Buffer): Greeting | 'other' | undefined {
  if (bytes.length < frameHeaderBytes + 4) return undefined;
  const size = bytes.readUInt32BE(3);
  const isStart = bytes[0] === 1 && bytes.readUInt16BE(1) === 0 && bytes.readUInt32BE(7) === 0x000a_000a;
  if (!isStart || size > frameLimitBytes) return 'other';
  if (bytes.length < frameHeaderBytes + size) return undefined;
  const key = Buffer.from('\u000ccluster_nameS', 'latin1');
  const at = bytes.indexOf(key);
  if (at < 0) return { clusterName: null };
  const start = at + key.length + 4;
  return { clusterName: bytes.toString('utf8', start, start + bytes.readUInt32BE(start - 4)) };
}

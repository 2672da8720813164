// What may be wrong with the way to a broker when a worker starts, each made on real sockets: what comes of it in a program
// (test/worker) and on the command line (test/cli).
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { createServer as createTlsServer } from 'node:tls';
import type { ErrorCode } from '../../../src/contract/errors.js';
import * as certificates from './certificates.js';
import { listen } from './peer.js';

export interface StartingFault {
  readonly name: string;
  readonly code: ErrorCode;
  readonly exit: number;
  /** In the error's message. */
  readonly says: RegExp;
  /** It may pass by itself: the worker tries again until its deadline. */
  readonly passing: boolean;
  /** It takes as long as the handshake may. */
  readonly slow?: true;
  /** `rabbit`: the URL of a RabbitMQ. `ends` is for what has to be ended. */
  make(rabbit: string, ends: (() => unknown)[]): Promise<Way>;
}

/** For `test.each`. */
export const named = (faults: readonly StartingFault[]) =>
  faults.map((fault) => [fault.name, fault] as const);

export interface Way {
  readonly url: string;
  /** An authority to be trusted. */
  readonly ca?: string;
}

/** Of every address here; must never be seen. */
export const password = 'hush,hush';

const at = (port: number, scheme = 'amqp') =>
  `${scheme}://ann:${encodeURIComponent(password)}@127.0.0.1:${port}`;
type Ends = (() => unknown)[];

async function peer(server: Parameters<typeof listen>[0], ends: Ends): Promise<number> {
  const { port, close } = await listen(server);
  ends.push(close);
  return port;
}

const unreachable = { code: 'BROKER_UNREACHABLE', exit: 69, passing: true } as const;
const tls = { code: 'TLS_FAILED', exit: 78, passing: false } as const;
const refused = { code: 'ACCESS_REFUSED', exit: 77, passing: false } as const;
const tlsPeer = (cert: string, ends: Ends) => peer(createTlsServer({ key: certificates.key, cert }), ends);

/** The kernel takes what its queue holds and drops the first packet of everybody else, as a firewall does. */
async function fullListener(ends: Ends): Promise<number> {
  const program = `
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      process.stdout.write(server.address().port + '\\n');
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
    });`;
  const child: ChildProcess = spawn(process.execPath, ['-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  ends.push(() => child.kill('SIGKILL'));
  if (child.stdout === null) throw new Error('the listener has no output');
  const lines = createInterface({ input: child.stdout });
  const port = Number(await new Promise<string>((resolve) => lines.once('line', resolve)));
  const fillers: Socket[] = [];
  for (let count = 0; count < 4; count++) fillers.push(connect(port, '127.0.0.1').on('error', () => {}));
  ends.push(() => {
    for (const socket of fillers) socket.destroy();
  });
  // The first two fit.
  await Promise.all(
    fillers.slice(0, 2).map((socket) => new Promise((resolve) => socket.once('connect', resolve))),
  );
  return port;
}

export const faultsWithoutBroker: readonly StartingFault[] = [
  {
    name: 'F1 nobody listens',
    ...unreachable,
    says: /No broker answers at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/,
    async make(_, ends) {
      const port = await peer(createServer(), ends);
      await ends.pop()?.();
      return { url: at(port) };
    },
  },
  {
    name: 'F2 the name does not resolve',
    ...unreachable,
    says: /No broker answers at no-such-host\.invalid:5672 \((ENOTFOUND|EAI_AGAIN)\)/,
    make: async () => ({ url: at(5672).replace('127.0.0.1', 'no-such-host.invalid') }),
  },
  {
    name: 'F3 the first packet is dropped',
    ...unreachable,
    slow: true,
    says: /did not complete the AMQP handshake within \d+ ms/,
    make: async (_, ends) => ({ url: at(await fullListener(ends)) }),
  },
  {
    name: 'F4 the port stays silent',
    ...unreachable,
    slow: true,
    says: /did not complete the AMQP handshake within \d+ ms/,
    make: async (_, ends) => ({ url: at(await peer(createServer(), ends)) }),
  },
  {
    name: 'F5 the port closes at once',
    ...unreachable,
    says: /does not speak AMQP/,
    make: async (_, ends) => ({
      url: at(
        await peer(
          createServer((socket) => socket.end()),
          ends,
        ),
      ),
    }),
  },
  {
    name: 'F5 the port speaks HTTP',
    ...unreachable,
    says: /does not speak AMQP/,
    make: async (_, ends) => ({ url: at(await peer(createHttpServer(), ends)) }),
  },
  {
    name: 'F10 the certificate is of an unknown authority',
    ...tls,
    says: /DEPTH_ZERO_SELF_SIGNED_CERT.*NODE_EXTRA_CA_CERTS/,
    make: async (_, ends) => ({ url: at(await tlsPeer(certificates.valid, ends), 'amqps') }),
  },
  {
    name: 'F10 the certificate is for another name',
    ...tls,
    says: /is for another name/,
    make: async (_, ends) => ({
      url: at(await tlsPeer(certificates.valid, ends), 'amqps'),
      ca: certificates.valid,
    }),
  },
  {
    name: 'F10 the certificate has expired',
    ...tls,
    passing: true,
    says: /has expired.*renew it/,
    make: async (_, ends) => ({
      url: at(await tlsPeer(certificates.expired, ends), 'amqps'),
      ca: certificates.expired,
    }),
  },
  {
    name: 'F11 amqp:// to a port that speaks TLS',
    ...unreachable,
    says: /does not speak AMQP.*try amqps:\/\//,
    make: async (_, ends) => ({ url: at(await tlsPeer(certificates.valid, ends)) }),
  },
];

function changed(rabbit: string, change: (url: URL) => void): Way {
  const url = new URL(rabbit);
  change(url);
  return { url: url.href };
}

export const faultsOfRabbitMQ: readonly StartingFault[] = [
  {
    name: 'F6 a wrong password',
    ...refused,
    says: /refuses user '\w+': wrong user or password/,
    make: async (rabbit) =>
      changed(rabbit, (url) => {
        url.password = encodeURIComponent(password);
      }),
  },
  {
    name: 'F7 an unknown virtual host',
    ...refused,
    says: /refuses virtual host 'nowhere': it does not exist, user '\w+' has no permissions on it/,
    make: async (rabbit) =>
      changed(rabbit, (url) => {
        url.pathname = '/nowhere';
      }),
  },
  {
    name: 'F11 amqps:// to a port that speaks AMQP',
    ...tls,
    says: /does not speak TLS.*use amqp:\/\//,
    make: async (rabbit) => ({ url: rabbit.replace(/^amqp:/, 'amqps:') }),
  },
];

/** F8: addresses that cannot be read, with what the error says of them. */
export const badAddresses: readonly (readonly [name: string, url: string, says: RegExp])[] = [
  [
    'F8 an address of another scheme',
    `http://ann:${password}@127.0.0.1`,
    /begin with amqp:\/\/ or amqps:\/\//,
  ],
  ['F8 a password with a raw #', `amqp://ann:${password}#@127.0.0.1`, /percent-encoded \(# is %23/],
  ['F8 a password with half a percent sign', `amqp://ann:${password}%zz@127.0.0.1`, /percent-encoded/],
  ['F8 an address without a host', `amqp://ann:${password}@`, /host .* is missing/],
];

// What a user may say about the connection, and the resolved record that the rest of this adapter works with.
import { z } from 'zod';
import { NeedfulError } from '../../src/contract/errors.js';
import { nearest } from '../../src/contract/nearest.js';
import { rememberPassword, rememberSecret } from '../../src/contract/secrets.js';
import { type BrokerAddress, parseAmqpUrl } from './address.js';

/** As Node's tls.connect takes them: PEM text. Certificates are always verified. */
export interface TlsOptions {
  /** Authorities that are trusted instead of Node's own. */
  readonly ca?: string | Buffer | (string | Buffer)[];
  /** The client's certificate, for brokers that ask for one. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** The name that the broker's certificate must bear. Default: the host. */
  readonly servername?: string;
}

export interface AmqpOptions {
  /**
   * `amqp://user:password@host:port/vhost`, or `amqps:`; special characters percent-encoded. Nodes of a cluster:
   * `host:port,host:port`, tried in turn. Default `amqp://localhost`.
   */
  readonly url?: string;
  /** Instead of `url`: what `readMqConfig` or `parseAmqpUrl` returned. */
  readonly server?: BrokerAddress;
  /** What the management page shows as the connection's name. Default `needful`. */
  readonly name?: string;
  /** Silence of two to three times this ends the connection; 0: never. Default: the address's `?heartbeat=`, else 10. */
  readonly heartbeatSeconds?: number;
  /** From the first packet until the channels are open, at each node. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /**
   * Bounds each of the two waits of `close()`: open confirms, then the closing of channels and connection; and how long the
   * socket of a connection that was lost stays. Default 2,000.
   */
  readonly closeTimeoutMs?: number;
  readonly tls?: TlsOptions;
}

export interface ResolvedOptions {
  readonly address: BrokerAddress;
  readonly name: string;
  readonly heartbeatSeconds: number;
  readonly connectTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly tls: TlsOptions;
}

const pem = z.union([z.string(), z.instanceof(Uint8Array)]);
const durationMs = z.int().min(1).max(2_147_483_647);
const node = { host: z.string().min(1), port: z.int().min(1).max(65_535) };
const schema = z.strictObject({
  url: z.string().optional(),
  server: z
    .strictObject({
      tls: z.boolean(),
      ...node,
      others: z.array(z.strictObject(node)).optional(),
      vhost: z.string(),
      user: z.string(),
      password: z.string(),
      heartbeatSeconds: z.int().min(0).max(65_535).optional(),
    })
    .optional(),
  name: z.string().min(1).max(255).optional(),
  heartbeatSeconds: z.int().min(0).max(65_535).optional(),
  connectTimeoutMs: durationMs.optional(),
  closeTimeoutMs: durationMs.optional(),
  tls: z
    .strictObject({
      ca: z.union([pem, z.array(pem)]).optional(),
      cert: pem.optional(),
      key: pem.optional(),
      servername: z.string().optional(),
    })
    .optional(),
});

/** Throws OPTION_INVALID or ADDRESS_INVALID; neither repeats a value. */
export function resolveOptions(options: AmqpOptions): ResolvedOptions {
  const parsed = schema.safeParse(options);
  if (!parsed.success) throw new NeedfulError('OPTION_INVALID', explain(parsed.error));
  if (options.url !== undefined && options.server !== undefined) {
    throw new NeedfulError('OPTION_INVALID', 'The AMQP transport takes `url` or `server`, not both.');
  }
  const address = options.server ?? parseAmqpUrl(options.url ?? 'amqp://localhost');
  rememberPassword(address.password, address.user);
  if (options.tls?.key !== undefined) rememberSecret(options.tls.key.toString());
  return {
    address,
    name: options.name ?? 'needful',
    heartbeatSeconds: options.heartbeatSeconds ?? address.heartbeatSeconds ?? 10,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    closeTimeoutMs: options.closeTimeoutMs ?? 2_000,
    tls: options.tls ?? {},
  };
}

function explain(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue?.code !== 'unrecognized_keys') {
    return `Option \`${issue?.path.join('.')}\` of the AMQP transport: ${issue?.message}.`;
  }
  const [key = ''] = issue.keys;
  const [parent] = issue.path;
  const known =
    parent === 'tls' || parent === 'server'
      ? Object.keys(schema.shape[parent].unwrap().shape)
      : Object.keys(schema.shape);
  const near = nearest(key, known);
  const remedy = near === undefined ? `Expected one of ${known.join(', ')}.` : `Did you mean \`${near}\`?`;
  return `Option \`${[...issue.path, key].join('.')}\` of the AMQP transport is unknown. ${remedy}`;
}

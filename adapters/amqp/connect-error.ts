// Why no connection came about, as coded errors: what amqplib, Node or the broker said, turned into what to do about it.
import { type ErrorCode, NeedfulError } from '../../src/contract/errors.js';
import { type BrokerAddress, printHost } from './address.js';
import { brokerWords } from './refusal.js';

const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EPIPE',
]);

const wrongTls = /^(ERR_(SSL|TLS|OSSL)|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_|EPROTO|INVALID_CA)/;

/** Texts of amqplib for bytes that are no AMQP, or an end before the handshake's. */
const notAmqp =
  /Frame size|Invalid frame|Unknown frame type|closed abruptly|Unexpected close|channel != 0|Expected ConnectionStart\b/;

export function connectError(error: unknown, address: BrokerAddress): NeedfulError {
  if (error instanceof NeedfulError) return error;
  const at = printHost(address);
  const text = error instanceof Error ? error.message : String(error);
  const code = errorCode(error);
  const fail = (kind: ErrorCode, message: string) =>
    // A broker may come up, a certificate be renewed; the rest wants a human.
    new NeedfulError(kind, message, {
      cause: error,
      retry: kind === 'BROKER_UNREACHABLE' || code === 'CERT_HAS_EXPIRED',
    });

  if (code !== undefined && wrongTls.test(code)) {
    return fail('TLS_FAILED', tlsMessage(code, at));
  }
  if (code !== undefined && unreachable.has(code)) {
    return fail('BROKER_UNREACHABLE', `No broker answers at ${at} (${code}).`);
  }
  if (/terminated by server: 403/.test(text)) {
    const who = `user '${address.user}'`;
    return fail(
      'ACCESS_REFUSED',
      `The broker at ${at} refuses ${who}: wrong user or password, or the user may not log in from here.`,
    );
  }
  // RabbitMQ closes instead of opening, and amqplib drops its reason: the causes look the same.
  if (/Expected ConnectionOpenOk; got <ConnectionClose/.test(text)) {
    return fail(
      'ACCESS_REFUSED',
      `The broker at ${at} refuses virtual host '${address.vhost}': it does not exist, user '${address.user}' has no permissions on it, or its limit of connections is reached.`,
    );
  }
  if (/^SASL mechanism/.test(text)) {
    return fail('LOGIN_UNSUPPORTED', `The broker at ${at} does not take user and password (SASL PLAIN).`);
  }
  if (notAmqp.test(text)) {
    const other = address.tls ? 'amqp' : 'amqps';
    return fail(
      'BROKER_UNREACHABLE',
      `What answers at ${at} does not speak AMQP 0-9-1: expected RabbitMQ's port (5672, or 5671 for amqps); if it is one, try ${other}://.`,
    );
  }
  return fail('BROKER_UNREACHABLE', `Connecting to ${at} failed: ${brokerWords(error)}.`);
}

export function connectTimeout(address: BrokerAddress, timeoutMs: number): NeedfulError {
  return new NeedfulError(
    'BROKER_UNREACHABLE',
    `${printHost(address)} did not complete the AMQP handshake within ${timeoutMs} ms: nobody listens there, or it is not an AMQP port.`,
    { retry: true },
  );
}

function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function tlsMessage(code: string, at: string): string {
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return `The port ${at} does not speak TLS (${code}): use amqp://, or the broker's TLS port (5671).`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `The certificate of ${at} is for another name (${code}): connect by that name, or set \`tls.servername\`.`;
  }
  if (code === 'CERT_HAS_EXPIRED') return `The certificate of ${at} has expired (${code}): renew it.`;
  return `TLS with ${at} failed (${code}): if its certificate is from an authority of your own, give that as \`tls.ca\` or NODE_EXTRA_CA_CERTS.`;
}

// Where RabbitMQ's management API is and as whom to ask it.
import type { BrokerAddress } from '../../../adapters/amqp/address.js';
import { NeedfulError } from '../../contract/errors.js';
import { rememberPassword } from '../../contract/secrets.js';
import type { Said } from './settle.js';

export interface ManagementAddress {
  /** Without credentials, without a slash at its end: `http://localhost:15672`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/**
 * `http(s)://user:password@host:port`, credentials percent-encoded; without any, those of the broker's address. Throws
 * ADDRESS_INVALID, which never repeats the address.
 */
export function readManagement({ value, from }: Said, broker: BrokerAddress): ManagementAddress {
  const url = parse({ value, from });
  const { username, password } = url;
  const credentials =
    username === ''
      ? { user: broker.user, password: broker.password }
      : { user: decode(username, from), password: decode(password, from) };
  rememberPassword(credentials.password, credentials.user);
  return { url: url.origin + url.pathname.replace(/\/+$/, ''), ...credentials };
}

/** As it may be shown: without the password. */
export function printManagement(said: Said): string {
  const { origin, username, protocol, host, pathname } = parse(said);
  return username === '' ? origin + pathname : `${protocol}//${username}@${host}${pathname}`;
}

function parse({ value, from }: Said): URL {
  const text = String(value);
  // `new URL` puts the whole text, password included, into its error.
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new NeedfulError(
    'ADDRESS_INVALID',
    `${from}: the management API's address cannot be read; expected http://user:password@host:15672, special characters percent-encoded`,
  );
}

function decode(text: string, from: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new NeedfulError(
      'ADDRESS_INVALID',
      `${from}: user or password of the management API is not percent-encoded UTF-8 (% itself is %25)`,
    );
  }
}

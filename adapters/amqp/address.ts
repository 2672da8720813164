// Where a broker is and as whom to speak to it, read from a URL and printed without its secret. A parser of its own:
// Node's `new URL` puts the whole text, password included, into its errors.
import { NeedfulError } from '../../src/contract/errors.js';
import { nearest } from '../../src/contract/nearest.js';
import { rememberUserInfo } from '../../src/contract/secrets.js';

export interface NodeAddress {
  readonly host: string;
  readonly port: number;
}

export interface BrokerAddress extends NodeAddress {
  readonly tls: boolean;
  readonly vhost: string;
  readonly user: string;
  readonly password: string;
  /** Seconds, from `?heartbeat=`; undefined: not said. */
  readonly heartbeatSeconds?: number;
  /** More nodes of the same cluster; all else is the same there. */
  readonly others?: readonly NodeAddress[];
}

const shape = 'amqp://user:password@host:port/vhost';
const queryKeys = ['heartbeat'];

const invalid = (message: string) => new NeedfulError('ADDRESS_INVALID', message);
const encodeHint = (part: string) =>
  invalid(
    `The ${part} in the broker's address holds a character that must be percent-encoded (# is %23, / is %2F, @ is %40, % is %25); expected ${shape}.`,
  );

/**
 * `amqp://` or `amqps://`; user, password and vhost percent-encoded UTF-8; several nodes of a cluster as `host:port,host:port`.
 * Defaults: guest, guest, port 5672 or 5671, vhost `/`. Throws ADDRESS_INVALID, which never repeats the address. The
 * password is remembered as a secret of this process.
 */
export function parseAmqpUrl(url: string): BrokerAddress {
  rememberUserInfo(url);
  const [, scheme, rest = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/s.exec(url.trim()) ?? [];
  if (scheme === undefined) throw invalid(`The broker's address has no scheme; expected ${shape}.`);
  const tls = scheme.toLowerCase() === 'amqps';
  if (!tls && scheme.toLowerCase() !== 'amqp') {
    throw invalid(`The broker's address must begin with amqp:// or amqps://, not ${scheme}://.`);
  }
  if (rest.includes('#')) throw encodeHint('password or virtual host');
  const end = rest.search(/[/?]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const tail = end < 0 ? '' : rest.slice(end);
  const at = authority.indexOf('@');
  // An @ behind the first slash or question mark means that one of these stood raw in the password.
  if (authority.indexOf('@', at + 1) > 0 || tail.includes('@')) throw encodeHint('password');
  const question = tail.indexOf('?');
  const path = question < 0 ? tail : tail.slice(0, question);
  return {
    tls,
    ...nodes(authority.slice(at + 1), tls ? 5671 : 5672),
    ...userAndPassword(at < 0 ? undefined : authority.slice(0, at)),
    vhost: path.length > 1 ? decode(path.slice(1), 'virtual host') : '/',
    ...(question < 0 ? {} : query(tail.slice(question + 1))),
  };
}

/** `host:port,host:port`; a port that is missing is `otherwise`. */
export function nodes(text: string, otherwise: number): NodeAddress & Pick<BrokerAddress, 'others'> {
  const [first = '', ...rest] = text.split(',');
  const others = rest.map((node) => hostAndPort(node, otherwise));
  return { ...hostAndPort(first, otherwise), ...(others.length > 0 && { others }) };
}

function hostAndPort(text: string, otherwise: number): NodeAddress {
  const [, v6, name, port] = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^[\]:\s]+))(?::(.*))?$/.exec(text) ?? [];
  const host = v6 ?? name;
  if (host === undefined || (name !== undefined && !/^[A-Za-z0-9._-]+$/.test(name))) {
    throw invalid(`The host in the broker's address is missing or cannot be read; expected ${shape}.`);
  }
  if (port === undefined || port === '') return { host, port: otherwise };
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65_535) {
    throw invalid("The port in the broker's address must be a number from 1 to 65535.");
  }
  return { host, port: number };
}

function userAndPassword(text: string | undefined): { user: string; password: string } {
  if (text === undefined) return { user: 'guest', password: 'guest' };
  const colon = text.indexOf(':');
  return {
    user: decode(colon < 0 ? text : text.slice(0, colon), 'user'),
    password: colon < 0 ? '' : decode(text.slice(colon + 1), 'password'),
  };
}

function decode(text: string, part: string): string {
  const raw = part === 'virtual host' ? /[\s[\]<>"^`{|}\\]/ : /[\s[\]<>"^`{|}\\/]/;
  if (raw.test(text) || /%(?![0-9A-Fa-f]{2})/.test(text)) throw encodeHint(part);
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    throw invalid(`The ${part} in the broker's address is percent-encoded, but not UTF-8.`);
  }
  // A null character separates user and password in SASL PLAIN; others would break the lines that name them.
  if (/\p{Cc}/u.test(decoded))
    throw invalid(`The ${part} in the broker's address holds a control character.`);
  return decoded;
}

function query(text: string): { heartbeatSeconds?: number } {
  const found: { heartbeatSeconds?: number } = {};
  for (const pair of text.split('&').filter((part) => part !== '')) {
    const [key = '', value = ''] = pair.split('=', 2);
    if (!queryKeys.includes(key)) {
      const near = nearest(key, queryKeys);
      const hint = near === undefined ? '' : ` Did you mean \`${near}\`?`;
      throw invalid(`The broker's address takes only \`?heartbeat=SECONDS\` behind the virtual host.${hint}`);
    }
    if (!/^\d{1,5}$/.test(value)) throw invalid("`heartbeat` in the broker's address must be whole seconds.");
    found.heartbeatSeconds = Number(value);
  }
  return found;
}

/** As it may be shown: `amqp://guest@localhost:5672/`, never the password. */
export function printAddress(address: BrokerAddress): string {
  const vhost = address.vhost === '/' ? '' : encodeURIComponent(address.vhost);
  const user = encodeURIComponent(address.user);
  const hosts = [address, ...(address.others ?? [])].map(printHost).join(',');
  return `${address.tls ? 'amqps' : 'amqp'}://${user}@${hosts}/${vhost}`;
}

export function printHost(address: NodeAddress): string {
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}

// The original's MQ file: a JSON object that says where the broker is. Its text never gets into an error: it holds a password.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { NeedfulError } from '../../src/contract/errors.js';
import { rememberPassword } from '../../src/contract/secrets.js';
import type { BrokerAddress } from './address.js';

const expected =
  'a JSON object with the strings server, vhost, user and password, and maybe port (a number) and ssl (true or false)';

/**
 * Reads `{ server, vhost, user, password, port?, ssl? }`; other keys are ignored, `~` is the home directory. `server` may
 * name several nodes of a cluster, `a,b`. The port defaults to 5672, or 5671 with `ssl`. Throws OPTION_INVALID with the
 * file's name and what was expected.
 */
export function readMqConfig(file: string): BrokerAddress {
  const invalid = (what: string) =>
    new NeedfulError('OPTION_INVALID', `${file}: ${what}; expected ${expected}.`);
  const content = parse(file, invalid);
  if (typeof content.password === 'string') rememberPassword(content.password, String(content.user));
  const text = (key: string): string => {
    const value = content[key];
    if (typeof value === 'string') return value;
    throw invalid(`\`${key}\` ${Object.hasOwn(content, key) ? 'is no string' : 'is missing'}`);
  };
  const tls = content.ssl ?? false;
  if (typeof tls !== 'boolean') throw invalid('`ssl` is neither true nor false');
  const port = content.port ?? (tls ? 5671 : 5672);
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw invalid('`port` is no number from 1 to 65535');
  }
  const [host = '', ...others] = text('server')
    .split(',')
    .map((name) => name.trim().replace(/^\[(.*)\]$/, '$1'));
  if ([host, ...others].some((name) => name === '' || /[\s/@]/.test(name)))
    throw invalid('`server` is no host name');
  return {
    tls,
    host,
    port,
    ...(others.length > 0 && { others: others.map((name) => ({ host: name, port })) }),
    vhost: text('vhost'),
    user: text('user'),
    password: text('password'),
  };
}

function parse(file: string, invalid: (what: string) => NeedfulError): Record<string, unknown> {
  const path = /^~(?=\/|$)/.test(file) ? join(homedir(), file.slice(1)) : file;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw invalid(`cannot be read${code}`);
  }
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw invalid('is not JSON');
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw invalid('is JSON, but no object');
  }
  return Object.fromEntries(Object.entries(content));
}

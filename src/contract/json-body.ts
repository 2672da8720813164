// Bytes to one JSON object and back. Every limit is checked before the work that it bounds; nothing here recurses.

import type { Received } from './message.js';
import type { Decoded, DecodeLimits } from './message-format.js';
import { kindOf, refused } from './problem.js';
import { redact } from './secrets.js';

export type JsonObject = Readonly<Record<string, unknown>>;

const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

const plain = new Set(['', 'identity', 'utf-8']);
const known = new Set(['gzip', 'deflate', 'br', 'zstd', 'compress', 'base64', 'binary', 'utf-16']);

/** The one JSON object of a body, a byte order mark dropped; else why not, as a BODY_… code. */
export function decodeObject(
  received: Pick<Received, 'body' | 'properties'>,
  limits: DecodeLimits,
): Decoded<JsonObject> {
  const { body, properties } = received;
  const encoding = properties.contentEncoding?.toLowerCase() ?? '';
  if (!plain.has(encoding)) {
    const name = known.has(encoding) ? encoding : 'of that name';
    return refused('BODY_ENCODED', `content_encoding ${name} is not supported, send plain UTF-8`);
  }
  if (body.byteLength > limits.bodyLimitBytes) {
    return refused(
      'BODY_TOO_LARGE',
      `the body has ${body.byteLength} bytes, at most ${limits.bodyLimitBytes} are taken`,
    );
  }
  if (body.byteLength === 0) return refused('BODY_NOT_JSON', 'expected one JSON object, got an empty body');
  const text = decodeText(body);
  if (text === undefined)
    return refused('BODY_NOT_UTF8', 'expected JSON in UTF-8, got bytes that are not UTF-8');
  switch (exceeded(body, limits)) {
    case 'depthLimit':
      return refused('BODY_TOO_DEEP', `the body is nested deeper than ${limits.depthLimit} levels`);
    case 'valueLimit':
      return refused('BODY_TOO_WIDE', `the body has more than ${limits.valueLimit} values`);
  }
  return parseObject(text);
}

function decodeText(body: Uint8Array): string | undefined {
  try {
    return decoder.decode(body);
  } catch {
    return undefined;
  }
}

function parseObject(text: string): Decoded<JsonObject> {
  let value: unknown;
  try {
    value = mayNameProto(text) ? JSON.parse(text, withoutProto) : JSON.parse(text);
  } catch (error) {
    return refused('BODY_NOT_JSON', `expected one JSON object, got text that is not JSON${placeOf(error)}`);
  }
  if (isObject(value)) return { ok: true, value };
  return refused('BODY_NOT_OBJECT', `expected one JSON object, got ${kindOf(value)}`);
}

/** An object in JSON's sense: no array, not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// An own key `__proto__` is harmless until somebody copies it with Object.assign. Any of its letters may be escaped.
function mayNameProto(text: string): boolean {
  return text.includes('__proto__') || text.includes('\\u00');
}

function withoutProto(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}

// The engine's message quotes the text, so only the position is taken, and only from where the text cannot reach.
function placeOf(error: unknown): string {
  const place = / in JSON at position (\d+)(?: \(line \d+ column \d+\))?$/.exec(String(error));
  return place === null ? '' : ` (position ${place[1]})`;
}

// On the bytes, before parsing: JSON.parse of a few million brackets blocks the process for seconds, and a schema that
// refuses each of a few million values for a minute, with gigabytes of words. Quotes, backslashes, commas and brackets are
// ASCII, which is never part of a longer UTF-8 sequence.
function exceeded(
  body: Uint8Array,
  { depthLimit, valueLimit = Number.POSITIVE_INFINITY }: DecodeLimits,
): 'depthLimit' | 'valueLimit' | undefined {
  if (body.byteLength <= depthLimit && body.byteLength <= valueLimit) return undefined;
  let depth = 0;
  // One has no comma before it: the first in each array and object that has any, and the body.
  let values = 1;
  for (let i = 0; i < body.length; i++) {
    switch (body[i]) {
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        if (depth > depthLimit) return 'depthLimit';
        if (body[i + 1] !== 0x5d && body[i + 1] !== 0x7d) values += 1;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
        break;
      case 0x2c: // ,
        values += 1;
        if (values > valueLimit) return 'valueLimit';
        break;
      case 0x22: // "
        i = endOfString(body, i + 1);
        break;
    }
  }
  return values > valueLimit ? 'valueLimit' : undefined;
}

function endOfString(body: Uint8Array, start: number): number {
  let i = start;
  while (i < body.length && body[i] !== 0x22) i += body[i] === 0x5c ? 2 : 1;
  return i;
}

/** Text as UTF-8 bytes. */
export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * A value as JSON text, or RESULT_INVALID: undefined at the root, and functions, symbols, bigints, numbers that are not
 * finite, cycles anywhere. `undefined` below the root is left out, as JSON.stringify does.
 */
export function toJson(value: unknown): Decoded<string> {
  let offender = '';
  const strict = (key: string, member: unknown): unknown => {
    const kind = unspeakable(member);
    if (kind === undefined) return member;
    offender = key === '' ? kind : `${kind} under the key ${JSON.stringify(redact(key).slice(0, 100))}`;
    throw new TypeError(offender);
  };
  try {
    const text: string | undefined = isScalar(value) ? JSON.stringify(value) : JSON.stringify(value, strict);
    if (text !== undefined) return { ok: true, value: text };
    return refused('RESULT_INVALID', 'expected a value that can be JSON, got nothing');
  } catch (error) {
    if (offender !== '')
      return refused('RESULT_INVALID', `expected a value that can be JSON, got ${offender}`);
    const why = error instanceof RangeError ? 'one nested too deep' : 'a cycle or a toJSON that throws';
    return refused('RESULT_INVALID', `expected a value that can be JSON, got ${why}`);
  }
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || value === null;
}

function unspeakable(value: unknown): string | undefined {
  switch (typeof value) {
    case 'function':
    case 'symbol':
    case 'bigint':
      return `a ${typeof value}`;
    case 'number':
      return Number.isFinite(value) ? undefined : 'a number that is not finite';
    default:
      return undefined;
  }
}

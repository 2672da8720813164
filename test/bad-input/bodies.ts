// Rows B1 to B29: bodies.
import { gzipSync } from 'node:zlib';
import { type BadJob, fine, good, inPlace, job, refused } from './jobs.js';

const notJson = refused('BODY_NOT_JSON', /not JSON/);
const notUtf8 = refused('BODY_NOT_UTF8', /UTF-8/);
const notObject = (words: RegExp) => refused('BODY_NOT_OBJECT', words);
const encoded = refused('BODY_ENCODED', /gzip/);
const notFinite = refused('PARAMETERS_INVALID', /seconds/);
const unknown = refused('STEP_UNKNOWN', /known are Seconds, Cart, OnHosts, Tell/);

const bytes = (...parts: readonly (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));
const utf16 = Buffer.from(good, 'utf16le');
const step = (name: string) => good.replace('"Seconds"', JSON.stringify(name));

export const bodies: readonly BadJob[] = [
  job('B1 a body of no bytes', '', refused('BODY_NOT_JSON', /empty/)),
  job('B2 a bare word', 'hello', notJson),
  job('B3 an object that is cut off', '{"parameters":{"command":"NAME"', notJson),
  job('B4 a string', '"x"', notObject(/a string/)),
  job('B5 a number', '42', notObject(/a number/)),
  job('B5 true', 'true', notObject(/a boolean/)),
  job('B6 an array', '[]', notObject(/an array/)),
  job('B7 null', 'null', notObject(/null/)),
  job('B8 a byte order mark', `\ufeff${good}`, fine),
  job('B9 UTF-16', utf16, notJson),
  job('B9 UTF-16 with its mark', Buffer.concat([bytes(0xff, 0xfe), utf16]), notUtf8),
  job('B10 a byte FF in a string', bytes('{"a":"', 0xff, '"}'), notUtf8),
  job('B11 gzip that says so', gzipSync(good), encoded, { contentEncoding: 'gzip' }),
  job('B12 plain text that says gzip', good, encoded, { contentEncoding: 'gzip' }),
  job('B13 gzip that does not say so', gzipSync(good), notUtf8),
  job(
    'B14 100,000 nested arrays',
    inPlace(`"x":${'['.repeat(1e5)}${']'.repeat(1e5)}`),
    refused('BODY_TOO_DEEP', /64/),
  ),
  job('- 100,001 values', inPlace(`"x":[${'0,'.repeat(1e5)}0]`), refused('BODY_TOO_WIDE', /100000/)),
  job('B17 a duplicate key', inPlace('"seconds":9,"seconds":0'), fine),
  job(
    'B18 __proto__',
    inPlace('"seconds":0,"__proto__":{"x":1}').replace('{', '{"__proto__":{"x":1},'),
    fine,
  ),
  job('B19 a constructor', inPlace('"seconds":0,"constructor":{"prototype":{"x":1}}'), fine),
  ...['__proto__', 'constructor', 'toString'].map((name) =>
    job(`B20 a step called ${name}`, step(name), unknown),
  ),
  job('B21 an integer that no double holds', inPlace('"seconds":0,"x":9007199254740993'), fine),
  job('B22 minus zero', inPlace('"seconds":-0'), fine),
  job('B23 1e400', inPlace('"seconds":1e400'), notFinite),
  job('B23 1e400 in a string', inPlace('"seconds":"1e400"'), notFinite),
  job('B23 1e400 elsewhere', inPlace('"seconds":0,"x":1e400'), fine),
  job('B24 a bare NaN', inPlace('"seconds":NaN'), notJson),
  job('B24 a bare Infinity', inPlace('"seconds":Infinity'), notJson),
  job('B25 half a surrogate pair', inPlace('"seconds":0,"x":"\\ud800"'), fine),
  job('B25 half a surrogate pair for a group', good.replace('"g"', '"\\ud800"'), fine),
  job('B25 half a surrogate pair for an id', good.replace('{', '{"correlation_id":"a\\ud800",'), fine, {
    properties: (id) => ({ replyTo: 'engine.bad-input', messageId: id }),
    repliesWith: 'a\ufffd',
  }),
  job('B26 a control character in a string', inPlace('"seconds":0,"x":"\u0001"'), notJson),
  job('B27 escaped control characters', inPlace('"seconds":0,"x":"\\u0000\\u001b"'), fine),
  job('B28 trailing garbage', `${good}x`, notJson),
  job('B28 two objects', good + good, notJson),
  job('B29 single quotes', good.replaceAll('"', "'"), notJson),
  job('B29 a comment', `// x\n${good}`, notJson),
  job('B29 a trailing comma', good.replace(/}$/, ',}'), notJson),
];

/** Made when they are wanted. */
export const hugeJobs = (): readonly BadJob[] => [
  job(
    'B15 a parameter of 16 MB',
    inPlace(`"x":"${'x'.repeat(16e6)}"`),
    refused('BODY_TOO_LARGE', /160\d{5} bytes/),
  ),
  job(
    'B16 a body of 64 MB',
    Buffer.alloc(64 * 1024 * 1024, 0xff),
    refused('BODY_TOO_LARGE', /67108864 bytes/),
  ),
];

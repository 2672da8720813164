// Jobs as nobody should send them, each with how it must end: in which state of the lane, and with which reply.
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { ErrorCode } from '../../src/contract/errors.js';
import type { Properties } from '../../src/contract/message.js';
import { defineWorker, numeric } from '../../src/index.js';

/** Its steps trust what they are given, as steps may. */
export const probe = defineWorker({
  name: 'probe',
  steps: {
    Seconds: {
      parameters: z.object({ seconds: numeric().pipe(z.number().min(0)) }),
      run: ({ parameters }) => parameters.seconds,
    },
    Cart: { dynamic: z.object({ cart: z.string() }), run: ({ dynamic }) => dynamic.cart },
    OnHosts: { hosts: 'required', run: ({ hosts }) => hosts.length },
  },
});

export const replyQueue = 'engine.bad-input';

/** `data` of the completed reply; or the code of the one `failed`, and its words; or that nobody can be told. */
export type End =
  | { readonly completed: unknown }
  | { readonly refused: ErrorCode; readonly words: RegExp }
  | { readonly muted: ErrorCode }
  | 'gone';

export interface BadJob {
  readonly name: string;
  readonly body: string | Uint8Array;
  /** Instead of the good job's, which has reply address and correlation id. */
  readonly properties: (correlationId: string) => Properties;
  readonly end: End;
}

const parameters = { command: 'probe', subcommand: 'Seconds', seconds: 0, hosts: ['h'] };
const goodBody = { group: 'g', parameters, dynamic: {}, notify: {} };
export const good = JSON.stringify(goodBody);
export const addressed = (correlationId: string): Properties => ({ replyTo: replyQueue, correlationId });

const job = (name: string, body: BadJob['body'], end: End, properties: Properties = {}): BadJob => ({
  name,
  body,
  end,
  properties: (correlationId) => ({ ...addressed(correlationId), ...properties }),
});
/** Without the property, and with what stands instead of it. */
const without =
  (name: 'replyTo' | 'correlationId', more: Properties = {}) =>
  (correlationId: string) => {
    const { [name]: _, ...rest } = addressed(correlationId);
    return { ...rest, ...more };
  };

const refused = (code: ErrorCode, words: RegExp): End => ({ refused: code, words });
const notJson = refused('BODY_NOT_JSON', /not JSON/);
const notUtf8 = refused('BODY_NOT_UTF8', /UTF-8/);
const fine: End = { completed: 0 };

const withMembers = (members: object) => JSON.stringify({ ...goodBody, ...members });
const withParameters = (members: object) => withMembers({ parameters: { ...parameters, ...members } });
/** The text in place of the good job's seconds, since not all of it can be made with JSON.stringify. */
const raw = (members: string) => good.replace('"seconds":0', () => members);
const bytes = (...parts: readonly (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));
const utf16 = Buffer.from(good, 'utf16le');

const bodies: readonly BadJob[] = [
  job('a zero-length body', '', refused('BODY_NOT_JSON', /empty/)),
  job('a bare word', 'hello', notJson),
  job('a truncated object', '{"parameters":{"command":"NAME"', notJson),
  job('a string', '"x"', refused('BODY_NOT_OBJECT', /a string/)),
  job('a number', '42', refused('BODY_NOT_OBJECT', /a number/)),
  job('true', 'true', refused('BODY_NOT_OBJECT', /a boolean/)),
  job('an array', '[]', refused('BODY_NOT_OBJECT', /an array/)),
  job('null', 'null', refused('BODY_NOT_OBJECT', /null/)),
  job('a byte order mark', `\ufeff${good}`, fine),
  job('UTF-16', utf16, notJson),
  job('UTF-16 with its mark', Buffer.concat([bytes(0xff, 0xfe), utf16]), notUtf8),
  job('a byte FF in a string', bytes('{"a":"', 0xff, '"}'), notUtf8),
  job('gzip that says so', gzipSync(good), refused('BODY_ENCODED', /gzip/), { contentEncoding: 'gzip' }),
  job('plain text that says gzip', good, refused('BODY_ENCODED', /gzip/), { contentEncoding: 'gzip' }),
  job('gzip that does not say so', gzipSync(good), notUtf8),
  job(
    '100,000 nested arrays',
    raw(`"x":${'['.repeat(1e5)}${']'.repeat(1e5)}`),
    refused('BODY_TOO_DEEP', /64/),
  ),
  job('a parameter of 16 MB', raw(`"x":"${'x'.repeat(16e6)}"`), refused('BODY_TOO_LARGE', /160\d{5} bytes/)),
  job('a body of 64 MB', Buffer.alloc(64 * 1024 * 1024, 'x'), refused('BODY_TOO_LARGE', /67108864 bytes/)),
  job('a duplicate key', raw('"seconds":9,"seconds":0'), fine),
  job('__proto__', raw('"seconds":0,"__proto__":{"x":1}').replace('{', '{"__proto__":{"x":1},'), fine),
  job('a constructor', raw('"seconds":0,"constructor":{"prototype":{"x":1}}'), fine),
  job('an integer that no double holds', raw('"seconds":0,"x":9007199254740993'), fine),
  job('minus zero', raw('"seconds":-0'), fine),
  job('1e400 elsewhere', raw('"seconds":0,"x":1e400'), fine),
  job('a bare NaN', raw('"seconds":NaN'), notJson),
  job('a bare Infinity', raw('"seconds":Infinity'), notJson),
  job('half a surrogate pair', raw('"seconds":0,"x":"\\ud800"'), fine),
  job('a control character in a string', raw('"seconds":0,"x":"\u0001"'), notJson),
  job('escaped control characters', raw('"seconds":0,"x":"\\u0000\\u001b"'), fine),
  job('trailing garbage', `${good}x`, notJson),
  job('two objects', good + good, notJson),
  job('single quotes', good.replaceAll('"', "'"), notJson),
  job('a comment', `// x\n${good}`, notJson),
  job('a trailing comma', good.replace(/}$/, ',}'), notJson),
];

const badParameters = (words: RegExp) => refused('PARAMETERS_INVALID', words);
const malformed = (words: RegExp) => refused('JOB_MALFORMED', words);
const unknown = refused('STEP_UNKNOWN', /known are Seconds, Cart, OnHosts/);

const members: readonly BadJob[] = [
  job('no parameters', '{}', malformed(/^parameters must be an object, got nothing/)),
  job('parameters null', '{"parameters":null}', malformed(/got null/)),
  job('parameters an array', '{"parameters":[]}', malformed(/got an array/)),
  job('parameters a string', '{"parameters":"x"}', malformed(/got a string/)),
  job('a parameter missing', withParameters({ seconds: undefined }), badParameters(/seconds/)),
  ...[
    '"abc"',
    '{}',
    '-1',
    'null',
    '""',
    '[]',
    'true',
    'false',
    '[3]',
    '"0x10"',
    '1e400',
    '"1e400"',
    '"NaN"',
  ].map((value) => job(`${value} for a number`, raw(`"seconds":${value}`), badParameters(/seconds/))),
  job('a numeric string', withParameters({ seconds: '0.5' }), { completed: 0.5 }),
  ...['seconds', '', ':X', 'Seconds:x', '__proto__', 'constructor', 'toString', 'x'.repeat(100_000)].map(
    (name) => job(`a step called "${name.slice(0, 20)}"`, withParameters({ subcommand: name }), unknown),
  ),
  job('no step', withParameters({ subcommand: undefined }), unknown),
  job('a step called null', withParameters({ subcommand: null }), unknown),
  job('a number for a step', withParameters({ subcommand: 1 }), malformed(/subcommand must be a string/)),
  job('another command', withParameters({ command: 'other' }), fine),
  job('no command', withParameters({ command: undefined }), fine),
  job('unknown members and no group', withMembers({ group: undefined, x: 1 }), fine),
  job('group an object', withMembers({ group: {} }), malformed(/group must be a string/)),
  job('dynamic null', withMembers({ dynamic: null }), fine),
  job('dynamic an array', withMembers({ dynamic: [] }), malformed(/dynamic must be an object/)),
  job('dynamic a string', withMembers({ dynamic: 'x' }), malformed(/dynamic must be an object/)),
  job('a dynamic value missing', withParameters({ subcommand: 'Cart' }), refused('DYNAMIC_INVALID', /cart/)),
  job('notify null', withMembers({ notify: null }), fine),
  job('notify a list', withMembers({ notify: [] }), malformed(/notify must be an object/)),
  job('notify a string', withMembers({ notify: 'x' }), malformed(/notify must be an object/)),
  job(
    'a phase that is no object',
    withMembers({ notify: { failed: 1 } }),
    malformed(/notify.failed must be an object/),
  ),
  job('a target that is a string', withMembers({ notify: { completed: { irc: '#x' } } }), fine),
  job('a phase and a transport nobody knows', withMembers({ notify: { later: { pigeon: [1] } } }), fine),
  job('no hosts', withParameters({ hosts: undefined }), fine),
  job('hosts null', withParameters({ hosts: null }), fine),
  job(
    'no hosts where they are needed',
    withParameters({ subcommand: 'OnHosts', hosts: [] }),
    refused('HOSTS_REQUIRED', /hosts/),
  ),
  job('hosts a string', withParameters({ hosts: 'h' }), malformed(/hosts must be an array of strings/)),
  job('hosts with a number', withParameters({ hosts: [1] }), malformed(/hosts must be an array of strings/)),
];

const muted: End = { muted: 'REPLY_ADDRESS_MISSING' };

const properties: readonly BadJob[] = [
  { name: 'no reply address', body: good, properties: without('replyTo'), end: muted },
  { name: 'an empty reply address', body: good, properties: without('replyTo', { replyTo: '' }), end: muted },
  {
    name: 'no reply address and no JSON',
    body: 'hello',
    properties: without('replyTo'),
    end: { muted: 'BODY_NOT_JSON' },
  },
  {
    name: 'a reply address in the body only',
    body: withMembers({ reply_to: replyQueue }),
    properties: without('replyTo'),
    end: fine,
  },
  job('a reply queue that is gone', good, 'gone', { replyTo: 'nobody.here' }),
  job('a reply address of 255 bytes', good, 'gone', { replyTo: 'x'.repeat(255) }),
  { name: 'no correlation id', body: good, properties: without('correlationId'), end: fine },
  {
    name: 'a correlation id in a header only',
    body: good,
    properties: without('correlationId', { headers: { correlation_id: 'x'.repeat(30_000) } }),
    end: fine,
  },
  job('a correlation id that looks like a path', good, fine, { correlationId: '../../x' }),
  job('an x-death header', good, fine, { headers: { 'x-death': [{ count: 3, reason: 'expired' }] } }),
  job('headers of many types', good, fine, {
    headers: {
      time: { '!': 'timestamp', value: 1 },
      decimal: { '!': 'decimal', value: { places: 1, digits: 15 } },
      nested: { a: { b: [1, null, { c: true }] } },
    },
  }),
  job('a content type of text', good, fine, { contentType: 'text/plain', priority: 255 }),
];

export const badJobs: readonly BadJob[] = [...bodies, ...members, ...properties];

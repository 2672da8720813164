// What a delivery may be, row by row: refused with which code, or taken; and what must never happen with either.
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/contract/errors.js';
import type { Received } from '../../src/contract/message.js';
import { releaseEngine } from '../../src/contract/release-engine.js';
import { address, goodJob, jobWith, limits, received } from './received.js';

const good = JSON.stringify(goodJob);
const bytes = (...parts: (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));
const utf16 = Buffer.from(good, 'utf16le');
const deep = (levels: number) =>
  good.replace('"seconds"', `"x":${'['.repeat(levels)}${']'.repeat(levels)},"seconds"`);
const parameters = (members: string) => good.replace('"seconds":0', members);
const encoded = (body: Uint8Array | string, contentEncoding: string) =>
  received(body, { replyTo: 'amq.gen-reply', correlationId: address.correlationId ?? '', contentEncoding });

const refused: readonly (readonly [string, Received | string | Uint8Array, ErrorCode, RegExp])[] = [
  ['a zero-length body', '', 'BODY_NOT_JSON', /empty/],
  ['a bare word', 'hello', 'BODY_NOT_JSON', /not JSON/],
  ['a truncated object', '{"parameters":{"command":"NAME"', 'BODY_NOT_JSON', /not JSON/],
  ['a string', '"x"', 'BODY_NOT_OBJECT', /got a string/],
  ['a number', '42', 'BODY_NOT_OBJECT', /got a number/],
  ['true', 'true', 'BODY_NOT_OBJECT', /got a boolean/],
  ['an array', '[]', 'BODY_NOT_OBJECT', /got an array/],
  ['null', 'null', 'BODY_NOT_OBJECT', /got null/],
  ['UTF-16 without a mark', utf16, 'BODY_NOT_JSON', /not JSON/],
  ['UTF-16 with a mark', bytes(0xff, 0xfe, utf16.toString('latin1')), 'BODY_NOT_UTF8', /UTF-8/],
  ['a byte FF in a string', bytes('{"a":"', 0xff, '"}'), 'BODY_NOT_UTF8', /UTF-8/],
  ['half a surrogate pair in UTF-8', bytes('{"a":"', 0xed, 0xa0, 0x80, '"}'), 'BODY_NOT_UTF8', /UTF-8/],
  ['gzip that says so', encoded(gzipSync(good), 'gzip'), 'BODY_ENCODED', /content_encoding gzip/],
  ['plain text that says gzip', encoded(good, 'GZIP'), 'BODY_ENCODED', /content_encoding gzip/],
  ['an encoding nobody knows', encoded(good, 'x secret'), 'BODY_ENCODED', /of that name/],
  ['gzip that does not say so', gzipSync(good), 'BODY_NOT_UTF8', /UTF-8/],
  ['100,000 nested arrays', deep(100_000), 'BODY_TOO_DEEP', /64 levels/],
  ['brackets without an end', '['.repeat(5_000_000), 'BODY_TOO_DEEP', /64 levels/],
  ['one level too many', deep(63), 'BODY_TOO_DEEP', /64 levels/],
  [
    '2,000,000 small values',
    parameters(`"x":[${'"",'.repeat(2_000_000)}0]`),
    'BODY_TOO_WIDE',
    /100000 values/,
  ],
  ['one value too many', parameters(`"x":[${'{"a":0},'.repeat(50_000)}0]`), 'BODY_TOO_WIDE', /100000 values/],
  ['arrays of one', parameters(`"x":[${'[[[0]]],'.repeat(30_000)}0]`), 'BODY_TOO_WIDE', /100000 values/],
  ['a string of 16 MB', parameters(`"x":"${'x'.repeat(16_000_000)}"`), 'BODY_TOO_LARGE', /16000\d+ bytes/],
  ['64 MB that are no JSON', new Uint8Array(64 * 1024 * 1024), 'BODY_TOO_LARGE', /67108864 bytes/],
  ['a bare NaN', parameters('"seconds":NaN'), 'BODY_NOT_JSON', /not JSON/],
  ['a bare Infinity', parameters('"seconds":Infinity'), 'BODY_NOT_JSON', /not JSON/],
  ['a control character in a string', parameters('"x":"a\u0001b"'), 'BODY_NOT_JSON', /not JSON/],
  ['trailing garbage', `${good}x`, 'BODY_NOT_JSON', /not JSON/],
  ['two objects', `${good}${good}`, 'BODY_NOT_JSON', /not JSON/],
  ['single quotes', good.replaceAll('"', "'"), 'BODY_NOT_JSON', /not JSON/],
  ['a comment', `/* x */${good}`, 'BODY_NOT_JSON', /not JSON/],
  ['a trailing comma', good.replace(/}$/, ',}'), 'BODY_NOT_JSON', /not JSON/],
  ['two marks', `\ufeff\ufeff${good}`, 'BODY_NOT_JSON', /not JSON/],
  ['no parameters', '{}', 'JOB_MALFORMED', /parameters must be an object, got nothing/],
  ['parameters null', '{"parameters":null}', 'JOB_MALFORMED', /parameters must be an object, got null/],
  ['parameters an array', '{"parameters":[]}', 'JOB_MALFORMED', /parameters must be an object, got an array/],
  [
    'parameters a string',
    '{"parameters":"x"}',
    'JOB_MALFORMED',
    /parameters must be an object, got a string/,
  ],
  [
    'subcommand a number',
    received(jobWith({}, { subcommand: 1 })),
    'JOB_MALFORMED',
    /subcommand must be a string/,
  ],
  [
    'subcommand an array',
    received(jobWith({}, { subcommand: [] })),
    'JOB_MALFORMED',
    /subcommand must be a string/,
  ],
  ['command a number', received(jobWith({}, { command: 1 })), 'JOB_MALFORMED', /command must be a string/],
  ['group an object', received(jobWith({ group: {} })), 'JOB_MALFORMED', /group must be a string/],
  ['dynamic an array', received(jobWith({ dynamic: [] })), 'JOB_MALFORMED', /dynamic must be an object/],
  ['dynamic a string', received(jobWith({ dynamic: 'x' })), 'JOB_MALFORMED', /dynamic must be an object/],
  ['notify a list', received(jobWith({ notify: [] })), 'JOB_MALFORMED', /notify must be an object/],
  ['notify a string', received(jobWith({ notify: 'x' })), 'JOB_MALFORMED', /notify must be an object/],
  [
    'a phase a list',
    received(jobWith({ notify: { failed: [] } })),
    'JOB_MALFORMED',
    /notify.failed must be an object/,
  ],
  [
    'a phase null',
    received(jobWith({ notify: { failed: null } })),
    'JOB_MALFORMED',
    /notify.failed must be an object/,
  ],
  [
    'notify in parameters a list',
    received(jobWith({}, { notify: [] })),
    'JOB_MALFORMED',
    /parameters.notify must be/,
  ],
  [
    'hosts a string',
    received(jobWith({}, { hosts: 'h' })),
    'JOB_MALFORMED',
    /hosts must be an array of strings/,
  ],
  [
    'hosts with a number',
    received(jobWith({}, { hosts: [1] })),
    'JOB_MALFORMED',
    /hosts must be an array of strings/,
  ],
  ['unreadable headers', { ...received(good), headersReadable: false }, 'HEADERS_UNREADABLE', /headers/],
];

const taken: readonly (readonly [string, Received | string | Uint8Array])[] = [
  ['a job as the engine sends it', good],
  ['a byte order mark before it', `\ufeff${good}`],
  ['content_encoding identity', encoded(good, 'identity')],
  ['content_encoding utf-8', encoded(good, 'UTF-8')],
  ['an empty content_encoding', encoded(good, '')],
  ['as deep as is allowed', deep(62)],
  ['as many values as are allowed', parameters(`"x":[${'[],{"a":0},'.repeat(33_329)}0]`)],
  ['commas in a string', parameters(`"x":"${','.repeat(200_000)}"`)],
  ['brackets in a string', parameters(`"x":"${'['.repeat(1000)}"`)],
  ['escaped quotes before brackets in a string', parameters(`"x":"\\\\\\"${'['.repeat(1000)}"`)],
  ['duplicate keys', parameters('"seconds":9,"seconds":0')],
  ['a constructor', parameters('"constructor":{"prototype":{"x":1}},"seconds":0')],
  ['an integer beyond 2^53', parameters('"x":9007199254740993,"seconds":0')],
  ['a number beyond double', parameters('"x":1e400,"seconds":0')],
  ['half a surrogate pair, escaped', parameters('"x":"\\ud800","seconds":0')],
  ['control characters, escaped', parameters('"x":"\\u0000\\u001b","seconds":0')],
  ['subcommand __proto__', received(jobWith({}, { subcommand: '__proto__' }))],
  ['another command', received(jobWith({}, { command: 'other' }))],
  ['unknown members', received(jobWith({ x: 1 }, { y: 2 }))],
  ['nothing but parameters', '{"parameters":{}}'],
  [
    'null for all that may be missing',
    '{"group":null,"dynamic":null,"notify":null,"parameters":{"hosts":null}}',
  ],
  ['hosts empty', received(jobWith({}, { hosts: [] }))],
  ['three hosts', received(jobWith({}, { hosts: ['a', 'b', 'c'] }))],
  ['a target that is a string', received(jobWith({ notify: { completed: { irc: '#x' } } }))],
  ['a phase and a transport nobody knows', received(jobWith({ notify: { later: { pigeon: ['x'] } } }))],
  ['content type text/plain', received(good, { replyTo: 'r', contentType: 'text/plain', priority: 255 })],
  [
    'headers of any kind',
    received(good, { replyTo: 'r', headers: { 'x-death': [{}], y: { '!': 'decimal' } } }),
  ],
];

const decode = (body: Received | string | Uint8Array) =>
  releaseEngine.decodeJob(typeof body === 'object' && 'properties' in body ? body : received(body), limits);

describe('a delivery that is no valid job', () => {
  it.each(refused)('%s is refused', (_name, body, code, text) => {
    const { address: whom, job } = decode(body);
    expect(whom).toEqual(address);
    expect(job).toMatchObject({ ok: false, problem: { code, message: expect.stringMatching(text) } });
    if (job.ok) return;
    expect(job.problem.message.length).toBeLessThanOrEqual(300);
    expect(job.problem.message).not.toMatch(/[\r\n]/);
  });

  it('is told apart from a good one without echoing what it says', () => {
    const secret = 's3cr3t';
    const bodies = [
      secret,
      `"${secret}"`,
      `{"parameters":"${secret}"}`,
      `{"parameters":{"hosts":"${secret}"}}`,
      `{"a":${secret}}`,
    ];
    for (const body of bodies) expect(JSON.stringify(decode(body).job)).not.toContain(secret);
    expect(JSON.stringify(decode(encoded(good, secret)).job)).not.toContain(secret);
  });

  it('names a key of any length and kind in one short line', () => {
    const { job } = decode(received(jobWith({ notify: { [`a\nb\u2028${'x'.repeat(5_000)}`]: 1 } })));
    expect(job.ok ? '' : job.problem.message).toMatch(/^notify\.a b x{30,} must be an object, got a number$/);
  });
});

describe('a delivery that is a valid job', () => {
  it.each(taken)('%s is taken', (_name, body) => {
    expect(decode(body).job).toMatchObject({ ok: true });
  });

  it('keeps __proto__ out, however it is spelled and wherever it stands', () => {
    for (const key of ['__proto__', '\\u005f_proto__', '__pr\\u006Fto__']) {
      const member = `"${key}":{"x":1}`;
      const { job } = decode(
        `{${member},"dynamic":{${member}},"parameters":{${member},"deep":[{${member}}]}}`,
      );
      expect(job).toEqual(decode('{"dynamic":{},"parameters":{"deep":[{}]}}').job);
      if (job.ok) expect(Object.assign({}, job.value.parameters)).not.toHaveProperty('x');
    }
    expect({}).not.toHaveProperty('x');
  });
});

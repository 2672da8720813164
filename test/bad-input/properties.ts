// Rows B51 to B61: properties. What a client library can write comes first, then what must be written byte by byte.
import type { Properties } from '../../src/contract/message.js';
import { type BadJob, fine, good, job, refused, replyQueue, withMembers } from './jobs.js';
import { field, longText, nested, type RawProperties } from './raw-publish.js';

/** Those of the good job without one, and with what stands instead of it. */
const without =
  (name: 'replyTo' | 'correlationId', more: Properties = {}) =>
  (correlationId: string): Properties => ({
    ...(name === 'replyTo' ? { correlationId } : { replyTo: replyQueue }),
    ...more,
  });

const unaddressed = { muted: 'REPLY_ADDRESS_MISSING' } as const;
const gone = 'gone';

export const propertyJobs: readonly BadJob[] = [
  job('B51 no reply address', good, unaddressed, { properties: without('replyTo') }),
  job('B51 an empty reply address', good, unaddressed, { properties: without('replyTo', { replyTo: '' }) }),
  job(
    'B51 no reply address and no JSON',
    'hello',
    { muted: 'BODY_NOT_JSON' },
    { properties: without('replyTo') },
  ),
  job('- a reply address in the body only', withMembers({ reply_to: replyQueue }), fine, {
    properties: without('replyTo'),
  }),
  job('B52 a reply queue that is gone', good, gone, { replyTo: 'nobody.here' }),
  job('B53 a reply address of 255 bytes', good, gone, { replyTo: 'x'.repeat(255) }),
  job('- a reply address that steers terminals', good, gone, { replyTo: '\u001b[2J\r\n\u0000\u009b' }),
  job('B55 no correlation id', good, fine, { properties: without('correlationId'), repliesWith: null }),
  job('B55 a correlation id in a header only', good, fine, {
    properties: without('correlationId', { headers: { correlation_id: 'x' } }),
    repliesWith: null,
  }),
  job('B56 a correlation id of 60 KB in a header', good, fine, {
    properties: without('correlationId', { headers: { correlation_id: 'x'.repeat(60_000) } }),
    repliesWith: null,
  }),
  job('B56 a correlation id that looks like a path', good, fine, {
    properties: () => ({ replyTo: replyQueue, correlationId: '../../x' }),
    repliesWith: '../../x',
  }),
  job('- a correlation id that steers terminals', good, fine, {
    properties: () => ({ replyTo: replyQueue, correlationId: '\u001b[2J\r\n\u0000\u009b\u2028' }),
    repliesWith: '\u001b[2J\r\n\u0000\u009b\u2028',
  }),
  job('B57 a job that was delivered before', good, fine, { redelivered: true }),
  job('B57 an x-death header', good, fine, { headers: { 'x-death': [{ count: 3, reason: 'expired' }] } }),
  job('B58 a content type of text, priority 255', good, fine, { contentType: 'text/plain', priority: 255 }),
  job('B60 headers of many types', good, fine, {
    headers: {
      time: { '!': 'timestamp', value: 1 },
      decimal: { '!': 'decimal', value: { places: 1, digits: 15 } },
      nested: { a: { b: [1, null, { c: true }] } },
    },
  }),
];

const raw = (headers: Buffer): { readonly raw: RawProperties } => ({ raw: { headers } });
const unreadable = refused('HEADERS_UNREADABLE', /headers/);
const ones = Buffer.alloc(8, 0xff);
const kilobyte = longText('x'.repeat(1000));

export const rawJobs: readonly BadJob[] = [
  job('B56 a correlation id that is no UTF-8', good, fine, {
    raw: { correlationId: Buffer.from([0xff, 0xfe]) },
    repliesWith: '\ufffd\ufffd',
  }),
  job('B56 a correlation id that is no UTF-8 and does not fit then', good, fine, {
    raw: { correlationId: Buffer.alloc(255, 0xff) },
    repliesWith: null,
  }),
  job('- a reply address that is no UTF-8', good, gone, { raw: { replyTo: Buffer.from([0xff]) } }),
  job('- a reply address that is no UTF-8 and does not fit then', good, unaddressed, {
    raw: { replyTo: Buffer.alloc(255, 0xff) },
  }),
  job('B58 a timestamp beyond all dates', good, fine, { raw: { timestamp: ones } }),
  job('B60 headers of bytes, void and times', good, fine, {
    raw: {
      headers: Buffer.concat([field('a', 'x', longText('a')), field('b', 'V', ''), field('c', 'T', ones)]),
    },
  }),
  job('- a header whose key is __proto__', good, fine, {
    raw: { headers: field('__proto__', 'F', longText(field('x', 'V', ''))) },
  }),
  job('- 100 KB of headers', good, fine, {
    raw: { headers: Buffer.concat(Array.from({ length: 100 }, (_, n) => field(`${n}`, 'S', kilobyte))) },
  }),
  job('B61 a header of type L', good, unreadable, raw(field('x', 'L', ones))),
  job('B61 headers nested 9,000 deep', good, unreadable, raw(nested(9_000))),
];

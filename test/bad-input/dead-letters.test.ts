// Whatever came, its dead letter can be sent: brokers take more than clients can write.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JobContext, noJob } from '../../machines/job-outcome.js';
import { errorKinds, type Problem } from '../../src/contract/errors.js';
import { problem } from '../../src/contract/problem.js';
import type { Properties, Received } from '../../src/transport.js';
import { deadLetter } from '../../src/worker/dead-letter.js';
import { decodeTable, encodeProperties } from './amqplib-codec.js';
import { seeded } from './seed.js';
import { anyBytes, wireTable } from './wire-tables.js';

const text = anyBytes(255).map((bytes) => bytes.toString());
const properties: fc.Arbitrary<Properties> = fc.record(
  {
    contentType: text,
    contentEncoding: text,
    correlationId: text,
    replyTo: text,
    messageId: text,
    appId: text,
    type: text,
    timestamp: fc.oneof(fc.nat(), fc.constantFrom(2 ** 64, 2 ** 53, 18446744073709552000)),
    priority: fc.nat(255),
    persistent: fc.boolean(),
  },
  { requiredKeys: [] },
);
/** Cheap to make, of any length. */
const long = (unit: string, most: number) => fc.nat(most).map((count) => unit.repeat(count));
const key = fc.oneof(fc.string({ unit: 'binary' }), fc.nat(), long('\ud83d\ude00', 3000));
const issue = fc.record({ path: fc.array(key, { maxLength: 30 }), message: fc.string({ unit: 'binary' }) });
const problems: fc.Arbitrary<Problem> = fc
  .record({
    code: fc.constantFrom(...(Object.keys(errorKinds) as Problem['code'][])),
    message: fc.string({ unit: 'binary' }),
    issues: fc.array(issue, { maxLength: 25 }),
  })
  .map(({ code, message, issues }) => problem(code, message, issues));
const step = fc.option(fc.oneof(fc.string({ unit: 'binary' }), long('\n', 20_000)));
const path = long('replyUnknown ', 2000).map((states) => states.split(' '));

const letterOf = (
  received: Received,
  end: { problem: Problem | null; step: string | null; path: string[] },
) => {
  const address = { replyTo: null, correlationId: null };
  const context: JobContext = {
    ...noJob,
    delivery: received,
    parsed: { address, step: end.step, problem: end.problem },
  };
  return deadLetter({ exchange: 'dead' }, { context, facts: { queue: 'q', worker: 'w', path: end.path } });
};
const received = (own: Properties): Received => ({
  body: Buffer.from('x'),
  properties: own,
  exchange: 're',
  routingKey: 'worker.w',
  headersReadable: true,
});

describe('a dead letter', () => {
  it('can be encoded, whatever properties, headers and problem the job had', () => {
    const end = fc.record({ problem: fc.option(problems), step, path });
    const property = fc.property(wireTable, properties, end, (content, own, ended) => {
      const headers = decodeTable(content);
      const letter = letterOf(received({ ...own, headers }), ended);
      expect(encodeProperties({ ...letter.properties }).length).toBeLessThan(64 * 1024);
      const said = letter.properties.headers ?? {};
      expect(said['x-needful-reason']).toBe(ended.problem?.code ?? 'UNANSWERED');
      expect(() => JSON.parse(String(said['x-needful-issues'] ?? '[]'))).not.toThrow();
      for (const [name, value] of Object.entries(said)) {
        if (name.startsWith('x-needful-')) expect(String(value).length).toBeLessThanOrEqual(4000);
      }
      const [came, kept] = [Object.keys(headers), Object.keys(said)];
      const droppedCount = came.filter((name) => !kept.includes(name)).length;
      expect(said['x-needful-dropped-headers']).toBe(droppedCount || undefined);
    });
    fc.assert(property, seeded(200));
  });

  it('keeps what a broker said of its way', () => {
    const headers = {
      'x-death': [{ count: 3, reason: 'rejected', time: { '!': 'timestamp', value: 1_700_000_000 } }],
      price: { '!': 'decimal', value: { places: 2, digits: 1999 } },
      bytes: Buffer.from('x'),
      none: null,
      huge: -(2 ** 62),
    };
    const own = {
      contentType: 'text/x',
      correlationId: 'c',
      replyTo: 'r',
      priority: 255,
      timestamp: 5,
      headers,
    };
    const letter = letterOf(received(own), { problem: null, step: null, path: ['received'] });
    expect(letter.properties).toMatchObject(own);
    expect(letter.properties.headers).not.toHaveProperty('x-needful-dropped-headers');
  });

  it.each<[string, Properties]>([
    ['a timestamp that no number holds', { timestamp: 2 ** 64 }],
    ['an id that grew while it was read', { correlationId: '\ufffd'.repeat(200) }],
  ])('leaves %s behind', (_, own) => {
    const letter = letterOf(received(own), { problem: null, step: null, path: [] });
    expect(Object.keys(letter.properties)).toEqual(['persistent', 'headers']);
  });

  it.each<[string, unknown]>([
    ['a timestamp that no number holds', { '!': 'timestamp', value: 2 ** 64 }],
    ['a type that nobody knows', { '!': 'x' }],
    ['a decimal that is none', { '!': 'decimal', value: null }],
    ['what is no number', Number.NaN],
    ['an integer of more than 64 bits', -(2 ** 64)],
    ['a key that grew while it was read', { ['\ufffd'.repeat(200)]: 1 }],
    ['a function', () => {}],
    ['60 KB', 'x'.repeat(60_000)],
    ['tables in tables', JSON.parse(`${'{"x":'.repeat(1000)}1${'}'.repeat(1000)}`)],
  ])('leaves a header with %s behind, and says so', (_, value) => {
    const headers = { value, good: 1 };
    const letter = letterOf(received({ headers }), { problem: null, step: null, path: [] });
    expect(letter.properties.headers).toMatchObject({ good: 1, 'x-needful-dropped-headers': 1 });
    expect(letter.properties.headers).not.toHaveProperty('value');
  });
});

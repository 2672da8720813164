// Inputs as nobody would think of them: bytes, JSON, good jobs gone wrong, properties. Every text among the values of a JSON
// carries a mark, so that one sees whether any of it comes back where only names of keys and types may.
import fc from 'fast-check';
import type { Properties } from '../../src/contract/message.js';
import { encodeProperties } from './amqplib-codec.js';
import { changes } from './changes.js';
import { good, replyQueue } from './jobs.js';
import type { RawProperties } from './raw-publish.js';
import { anyBytes, wireTable } from './wire-tables.js';

export interface Input {
  readonly body: Uint8Array;
  /** Beside those of the good job. */
  readonly properties?: Properties;
  readonly raw?: RawProperties;
}

/** Shown as what makes it when it is a counterexample. */
const input = (given: Input): Input =>
  Object.defineProperty(given, fc.toStringMethod, {
    value: () =>
      `{ ...body('${Buffer.from(given.body).toString('base64')}') /* ${JSON.stringify(
        Buffer.from(given.body).toString().slice(0, 500),
      )} */, properties: ${JSON.stringify(given.properties ?? given.raw)} }`,
  });

export const mark = 'VALUE\u220e';

const oddTexts = [
  '',
  '\u0000',
  '\u001b[2J\u001b]0;title\u0007',
  '\r\nforged: line',
  '\u009b2J\u2028\u202e',
  '\ud800',
  '../../x',
  '$(id)',
  'x'.repeat(2000),
];
const oddKeys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  'toJSON',
  '!',
];
const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...oddTexts));
const key = fc
  .oneof(fc.constantFrom(...oddKeys, ...oddTexts), fc.string({ unit: 'binary', maxLength: 6 }))
  .map((text) => JSON.stringify(text));
/** As no JSON.stringify writes it. */
const spelledOut = (text: string) =>
  `"${[...text].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`;
const anyKey = fc.oneof({ weight: 5, arbitrary: key }, fc.constantFrom(...oddKeys).map(spelledOut));
const numbers = [
  '0',
  '-0',
  '1e400',
  '-1e400',
  '9007199254740993',
  '0.1e-400',
  '1'.repeat(400),
  '1E+2',
  '2147483648',
];

/** JSON as text: also what is read back as something else, or not at all. */
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('null', 'true', 'false', 'NaN', 'undefined', '"\\ud800"', '"\\u0000"'),
    fc.constantFrom(...numbers),
    fc.double().map(String),
    anyText.map((text) => JSON.stringify(mark + text)),
    fc.nat(80).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
    fc.nat(300).map((count) => `[${Array(count).fill('""')}]`),
    fc.array(tie('json'), { maxLength: 4 }).map((values) => `[${values}]`),
    fc
      .array(fc.tuple(anyKey, tie('json')), { maxLength: 4 })
      .map((members) => `{${members.map(([name, value]) => `${name}:${value}`)}}`),
  ),
}));

const utf8 = (text: string): Buffer => Buffer.from(text);
export const jsonBodies: fc.Arbitrary<Input> = json.map((text) => input({ body: utf8(text) }));
export const byteBodies: fc.Arbitrary<Input> = anyBytes(2000).map((body) => input({ body }));

const steps = ['Seconds', 'Shapes', 'Echo', 'Fail', 'Cart', 'OnHosts', 'Tell', 'Throw'];
const quoted = (texts: readonly string[]) => fc.constantFrom(...texts).map((text) => JSON.stringify(text));
const markedText = anyText.map((text) => JSON.stringify(mark + text));
/** Mostly of the right type: a job that is wrong in each member is refused for the first. */
const mostly = (right: fc.Arbitrary<string>) => fc.oneof({ weight: 15, arbitrary: right }, json);
const anyObject = fc
  .array(fc.tuple(anyKey, json), { maxLength: 4 })
  .map((members) => `{${members.map(([name, value]) => `${name}:${value}`)}}`);
const member = (name: string, value: fc.Arbitrary<string>) =>
  fc
    .option(value, { nil: undefined, freq: 2 })
    .map((text) => (text === undefined ? [] : [`"${name}":${text}`]));
const object = (...members: readonly fc.Arbitrary<readonly string[]>[]) =>
  fc.tuple(...members).map((all) => `{${all.flat()}}`);
const targets = fc.tuple(fc.oneof(quoted(['completed', 'failed']), anyKey), anyObject);
const notify = mostly(targets.map(([phase, transports]) => `{${phase}:${transports}}`));

const parameters = object(
  mostly(fc.oneof({ weight: 9, arbitrary: quoted(steps) }, quoted(oddKeys), markedText)).map((name) => [
    `"subcommand":${name}`,
  ]),
  member('command', mostly(markedText)),
  member('seconds', fc.oneof(fc.constantFrom(...numbers), json)),
  member('list', json),
  member('map', json),
  member('kind', json),
  member('hosts', mostly(fc.array(markedText, { maxLength: 3 }).map((hosts) => `[${hosts}]`))),
  member('notify', notify),
  fc.tuple(anyKey, json).map(([name, value]) => [`${name}:${value}`]),
);

/** A job that has what a job has, and anything in it. */
export const jobBodies: fc.Arbitrary<Input> = object(
  member('group', mostly(markedText)),
  mostly(parameters).map((text) => [`"parameters":${text}`]),
  member('dynamic', mostly(fc.oneof(anyObject, fc.constant('{"cart":"x"}')))),
  member('notify', notify),
  member('correlation_id', json),
  member('reply_to', json),
).map((text) => input({ body: utf8(text) }));

/** A good job with one to three things done to it. */
export const mutants: fc.Arbitrary<Input> = fc
  .array(changes(json), { minLength: 1, maxLength: 3 })
  .map((all) => input({ body: all.reduce((body, change) => change(body), utf8(good)) }));

const shortText = anyText.filter((text) => Buffer.byteLength(text) <= 255);
const headerValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    anyText,
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.dictionary(shortText, tie('value'), { maxKeys: 3 }),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
})).value;

function isSendable(properties: object): boolean {
  try {
    return encodeProperties(properties).length > 0;
  } catch {
    return false;
  }
}

/** As a client library takes them. */
export const properties: fc.Arbitrary<Input> = fc
  .record(
    {
      contentType: shortText,
      contentEncoding: fc.oneof({ weight: 3, arbitrary: fc.constant('utf-8') }, shortText),
      correlationId: shortText,
      replyTo: fc.oneof({ weight: 3, arbitrary: fc.constant(replyQueue) }, shortText),
      messageId: shortText,
      type: shortText,
      priority: fc.nat(255),
      timestamp: fc.nat(),
      headers: fc.dictionary(shortText, headerValue, { maxKeys: 4 }),
    },
    { requiredKeys: [] },
  )
  .filter(isSendable)
  .map((own) => input({ body: utf8(good), properties: own }));

const short = anyBytes(255);
/** As they may be on a wire. */
export const rawProperties: fc.Arbitrary<Input> = fc
  .record(
    {
      contentType: short,
      contentEncoding: fc.oneof({ weight: 3, arbitrary: fc.constant(utf8('utf-8')) }, short),
      headers: wireTable,
      correlationId: short,
      replyTo: fc.oneof({ weight: 3, arbitrary: fc.constant(utf8(replyQueue)) }, short),
      messageId: short,
      type: short,
      timestamp: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
    },
    { requiredKeys: [] },
  )
  .map((raw) => input({ body: utf8(good), raw }));

// Compares what is sent with the golden messages: recorded from the original engine and its workers. What may differ is
// written here and nowhere else: times, Python's way of writing objects, `1` and `1.0`, a message id and a content type,
// and the differences that docs/wire.md explains.
import { readFileSync } from 'node:fs';
import type { Message } from '../../src/contract/message.js';

/** A message in the form of test/golden-messages.json. */
export interface GoldenMessage {
  readonly exchange: string;
  readonly routing_key: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** A difference from the original that docs/wire.md gives a reason for. */
export type KnownDifference =
  /** Worker notifications go to `re`; the original sends them to the default exchange, where nobody hears them. */
  'notification exchange';

const recorded: { messages: Record<string, readonly GoldenMessage[]> } = JSON.parse(
  readFileSync(new URL('../golden-messages.json', import.meta.url), 'utf8'),
);

/** The recorded message of this kind; the last where several were recorded. */
export function golden(kind: string): GoldenMessage {
  const message = recorded.messages[kind]?.at(-1);
  if (message === undefined) throw new Error(`no golden message is called "${kind}"`);
  return message;
}

const propertyNames: Readonly<Record<string, string>> = {
  appId: 'app_id',
  correlationId: 'correlation_id',
  replyTo: 'reply_to',
  contentType: 'content_type',
  contentEncoding: 'content_encoding',
  messageId: 'message_id',
};

/** A message as it would have been recorded. Undefined properties count as absent. */
export function recordedForm(
  message: Pick<Message, 'exchange' | 'routingKey' | 'properties' | 'body'>,
): GoldenMessage {
  const properties = Object.entries(message.properties)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [propertyNames[name] ?? name, value]);
  return {
    exchange: message.exchange,
    routing_key: message.routingKey,
    properties: Object.fromEntries(properties),
    body: JSON.parse(new TextDecoder().decode(message.body)),
  };
}

/** What must be equal: compare the comparable form of both. `names` are values that differ per run, such as ids. */
export function comparable(
  message: GoldenMessage,
  options: {
    readonly names?: Readonly<Record<string, string>>;
    readonly known?: readonly KnownDifference[];
  } = {},
): GoldenMessage {
  const names = Object.entries(options.names ?? {});
  const rename = (text: string) => names.reduce((result, [from, to]) => result.replaceAll(from, to), text);
  const { message_id: _id, content_type: _type, ...properties } = message.properties;
  const exchange =
    options.known?.includes('notification exchange') && message.exchange === '' ? 're' : message.exchange;
  return {
    exchange,
    routing_key: rename(message.routing_key),
    properties: normal(properties, rename) as Record<string, unknown>,
    body: normal(message.body, rename),
  };
}

function normal(value: unknown, rename: (text: string) => string): unknown {
  if (typeof value === 'string') return rename(wholeNumbers(withoutTimes(withJson(value))));
  if (Array.isArray(value)) return value.map((item) => normal(item, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normal(item, rename)]));
}

// `2026-11-23 22:56:38.845937`: six digits in the original, as many as the clock has here.
function withoutTimes(text: string): string {
  return text.replace(/\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d+/g, '<time>');
}

// `sleep(1.0)` and `sleep(1)` are one text.
function wholeNumbers(text: string): string {
  return text.replace(/(?<![\d.])(\d+)\.0(?![\d.])/g, '$1');
}

// An object at the end of a text, be it Python's repr or JSON, in one form: members sorted, `1.0` as `1`.
function withJson(text: string): string {
  const start = text.indexOf('{');
  if (start < 0) return text;
  const object = parsed(text.slice(start)) ?? parsed(fromRepr(text.slice(start)));
  return object === undefined ? text : text.slice(0, start) + JSON.stringify(sorted(object));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Python 2's repr of plain data as JSON: `{u'a': None, 'b': True}` -> `{"a": null, "b": true}`. */
export function fromRepr(text: string): string {
  const token = /u?'((?:[^'\\]|\\.)*)'|u?"((?:[^"\\]|\\.)*)"|\b(None|True|False)\b/g;
  const words: Readonly<Record<string, string>> = { None: 'null', True: 'true', False: 'false' };
  return text.replace(token, (_all, single?: string, double?: string, word?: string) =>
    word === undefined ? JSON.stringify(unescaped(single ?? double ?? '')) : (words[word] ?? word),
  );
}

function unescaped(text: string): string {
  const named: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
  return text.replace(
    /\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|(.))/g,
    (_all, u?: string, x?: string, other?: string) =>
      other === undefined ? String.fromCharCode(Number.parseInt(u ?? x ?? '0', 16)) : (named[other] ?? other),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

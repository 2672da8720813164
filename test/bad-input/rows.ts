// What may come to a worker, row by row, and how it must end. Data: the cases of this folder take their names from it and are
// held to it; docs/reliability.md is held to both.

/**
 * `done`: completed, as if it were a good job. `refused`: invalid, one `failed` goes out. `muted`: invalid, and nobody can be
 * told. `gone`: `started` comes back, the needful is not begun. `never`: the broker or the sender's client refuses it, which a
 * test of that refusal shows.
 */
export type Ending = 'done' | 'refused' | 'muted' | 'gone' | 'never';

export interface BadInput {
  readonly input: string;
  readonly ends: readonly Ending[];
  /** What a reader must know besides. */
  readonly why?: string;
  /** Whether all of it is shown on the embedded broker too; else what is not, and why. */
  readonly embedded: true | string;
}

const row = (
  input: string,
  ends: BadInput['ends'],
  more: { readonly why?: string; readonly embedded?: string } = {},
): BadInput => ({ input, ends, embedded: true, ...more });
const refused = ['refused'] as const;
const done = ['done'] as const;

export const badInputs = {
  B1: row('a body of no bytes', refused),
  B2: row('a bare word', refused),
  B3: row('an object that is cut off', refused),
  B4: row('a string', refused),
  B5: row('a number, a truth value', refused),
  B6: row('an array', refused),
  B7: row('null', refused),
  B8: row('a byte order mark before a good job', done),
  B9: row('a good job in UTF-16, with and without its mark', refused),
  B10: row('a byte that is no UTF-8 within a string', refused),
  B11: row('gzip that says so', refused),
  B12: row('plain text that says it is gzip', refused),
  B13: row('gzip that does not say so', refused),
  B14: row('100,000 arrays in each other', refused, { why: 'not parsed' }),
  B15: row('a parameter of 16 MB', refused, { why: 'not decoded' }),
  B16: row('a body of 64 MB', refused, { why: 'not decoded, and its memory is free again' }),
  B17: row('a key twice', done, { why: 'the last one counts' }),
  B18: row('a key `__proto__`, anywhere', done, { why: 'dropped' }),
  B19: row('a key `constructor`', done),
  B20: row('a step called as a member that all objects have', refused),
  B21: row('an integer that no number holds', done),
  B22: row('minus zero', done, { why: 'as 0' }),
  B23: row('a number beyond all numbers', ['refused', 'done'], { why: 'done where no schema asks for it' }),
  B24: row('NaN and Infinity', refused),
  B25: row('half a surrogate pair', done, { why: 'in an id it becomes U+FFFD' }),
  B26: row('a raw control character within a string', refused),
  B27: row('escaped control characters', done, { why: 'in the log they stay escaped' }),
  B28: row('something behind the object', refused),
  B29: row('single quotes, a comment, a trailing comma', refused),
  B30: row('no parameters', refused),
  B31: row('parameters that are no object', refused),
  B32: row('a parameter missing', refused),
  B33: row('a parameter of the wrong type', refused, { why: 'nothing is coerced' }),
  B34: row('a number as decimal text', done),
  B35: row("a step's name in another case", refused),
  B36: row('an empty name of a step', refused),
  B37: row("a colon in a step's name", refused),
  B38: row('no step, or one that is no string', refused),
  B39: row("another worker's command, or none", done),
  B40: row('unknown members, no group', done),
  B41: row('no dynamic values', done),
  B42: row('dynamic values that are no object', refused),
  B43: row('a dynamic value missing that the step declares', refused),
  B44: row('no `notify`', done),
  B45: row('`notify` that is no object of objects', refused),
  B46: row('a target that is a string', done, { why: 'passed on as it is' }),
  B47: row('a phase and a transport that nobody knows', done),
  B48: row('`notify` at the top and in the parameters', done, { why: 'the top one, once' }),
  B49: row('no hosts, none in the list, three', done),
  B50: row('hosts that are no list of strings', refused),
  B51: row('no reply address, or an empty one', ['muted']),
  B52: row('the address of a queue that is gone', ['gone']),
  B53: row('an address of 255 bytes; of 256', ['gone', 'never'], {
    why: "256 do not fit into AMQP's short strings",
    embedded: 'a client that refuses 256 is amqplib',
  }),
  B54: row(
    'a direct reply address: of one who waits, of one who left, of nobody, without a waiter',
    ['done', 'gone', 'never'],
    {
      why: 'the broker is asked before `started`; one without a waiter ends the channel of its sender',
      embedded: 'direct reply is RabbitMQ’s',
    },
  ),
  B55: row('no correlation id; one in a header only', done, { why: 'replies without' }),
  B56: row('a correlation id that is no UTF-8, that is 64 KB in a header, that looks like a path', done, {
    why: 'sent back with U+FFFD, or not at all where it does not fit then',
    embedded: 'bytes that are no UTF-8 need a codec',
  }),
  B57: row('a job that expired, that was delivered before, that was dead-lettered', ['never', 'done'], {
    why: 'an expired one is not delivered; `redelivered` says what is done with the second',
    embedded: 'nothing expires there',
  }),
  B58: row('another content type, priority 255, a timestamp beyond all dates', done, {
    embedded: 'the timestamp needs a codec',
  }),
  B59: row("another user's id", ['never'], { why: '406 for its sender', embedded: 'no users there' }),
  B60: row('headers of every type that can be read', done, { embedded: 'bytes and void need a codec' }),
  B61: row('headers of a type that amqplib cannot read, or nested 9,000 deep', refused, {
    why: 'and the connection survives',
    embedded: 'needs a codec',
  }),
  B62: row('a header that is NaN, infinite, of an unknown type', ['never'], {
    why: '541 for its sender',
    embedded: 'needs a codec',
  }),
} as const satisfies Readonly<Record<`B${number}`, BadInput>>;

export type RowNumber = keyof typeof badInputs;

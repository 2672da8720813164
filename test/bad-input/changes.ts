// What may happen to the bytes of a good job on its way, or in the hands of whoever wrote its sender.
import fc from 'fast-check';
import { anyBytes } from './wire-tables.js';

export type Change = (body: Buffer) => Buffer;

const within = (place: number, body: Buffer) => (body.length === 0 ? 0 : place % body.length);
/** Everything before a place, something in between, everything from another place on. */
const splice = (body: Buffer, between: Uint8Array, places: readonly [end: number, start: number]) =>
  Buffer.concat([body.subarray(0, places[0]), between, body.subarray(places[1])]);
const nothing = Buffer.alloc(0);

const flip =
  (place: number, bit: number): Change =>
  (body) => {
    const flipped = Buffer.from(body);
    const at = within(place, body);
    if (flipped.length > 0) flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
    return flipped;
  };
const cut =
  (place: number): Change =>
  (body) =>
    body.subarray(0, within(place, body));
const double =
  (place: number, length: number): Change =>
  (body) => {
    const at = within(place, body);
    return splice(body, nothing, [at + length, at]);
  };
const drop =
  (place: number, length: number): Change =>
  (body) => {
    const at = within(place, body);
    return splice(body, nothing, [at, at + length]);
  };
const insert =
  (place: number, bytes: Buffer): Change =>
  (body) => {
    const at = within(place, body);
    return splice(body, bytes, [at, at]);
  };
/** In place of one of its values. */
const swap =
  (place: number, value: string): Change =>
  (body) => {
    const parts = String(body).split(/("[^"]*"|\d+|\{\}|\[[^\]]*\])(?=[,}])/);
    const values = parts.length >> 1;
    if (values > 0) parts[2 * (place % values) + 1] = value;
    return Buffer.from(parts.join(''));
  };

/** `json`: what is put in place of a value. */
export const changes = (json: fc.Arbitrary<string>): fc.Arbitrary<Change> =>
  fc.oneof(
    fc.tuple(fc.nat(), fc.nat(7)).map((given) => flip(...given)),
    fc.nat().map(cut),
    fc.tuple(fc.nat(), fc.nat(50)).map((given) => double(...given)),
    fc.tuple(fc.nat(), fc.nat(10)).map((given) => drop(...given)),
    fc.tuple(fc.nat(), anyBytes(10)).map((given) => insert(...given)),
    fc.tuple(fc.nat(), json).map((given) => swap(...given)),
  );

// Tables of headers as any client may put them on the wire, byte by byte: every type that RabbitMQ takes, with any value, any
// key. Not what amqplib would write: what it must read.
import fc from 'fast-check';

const bytes = (size: number, write: (buffer: Buffer) => unknown) => {
  const buffer = Buffer.alloc(size);
  write(buffer);
  return buffer;
};
const typed = (letter: string, content: Buffer) => Buffer.concat([Buffer.from(letter), content]);
const long = (content: Buffer) =>
  Buffer.concat([bytes(4, (buffer) => buffer.writeUInt32BE(content.length)), content]);

/** Of any bytes: nobody promises that text is UTF-8. */
export const anyBytes = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc
    .oneof(
      fc.uint8Array({ maxLength }).map((array) => Buffer.from(array)),
      fc.string({ unit: 'binary', maxLength: Math.floor(maxLength / 4) }).map((text) => Buffer.from(text)),
      fc.integer({ min: 0, max: maxLength }).map((length) => Buffer.alloc(length, 0xff)),
      fc
        .constantFrom('__proto__', 'constructor', '!', 'x-death', '\r\n', '\x1b[2J')
        .map((text) => Buffer.from(text)),
    )
    .map((text) => text.subarray(0, maxLength));

const whole = (letter: string, size: number) =>
  fc.uint8Array({ minLength: size, maxLength: size }).map((array) => typed(letter, Buffer.from(array)));
/** RabbitMQ refuses NaN and what is infinite. */
const finite = { noNaN: true, noDefaultInfinity: true };

const { table } = fc.letrec<{ value: Buffer; table: Buffer }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constant(Buffer.from('V')),
    fc.constantFrom(0, 1).map((truth) => typed('t', Buffer.from([truth]))),
    whole('b', 1),
    whole('B', 1),
    whole('s', 2),
    whole('u', 2),
    whole('I', 4),
    whole('i', 4),
    whole('l', 8),
    whole('T', 8),
    whole('D', 5),
    fc.float(finite).map((value) =>
      typed(
        'f',
        bytes(4, (buffer) => buffer.writeFloatBE(value)),
      ),
    ),
    fc.double(finite).map((value) =>
      typed(
        'd',
        bytes(8, (buffer) => buffer.writeDoubleBE(value)),
      ),
    ),
    anyBytes(600).map((text) => typed('S', long(text))),
    anyBytes(600).map((text) => typed('x', long(text))),
    fc.array(tie('value'), { maxLength: 4 }).map((values) => typed('A', long(Buffer.concat(values)))),
    tie('table').map((content) => typed('F', long(content))),
  ),
  table: fc
    .array(fc.tuple(anyBytes(255), tie('value')), { maxLength: 5 })
    .map((members) =>
      Buffer.concat(members.flatMap(([key, value]) => [Buffer.from([key.length]), key, value])),
    ),
}));

/** The content of a table, without its length. */
export const wireTable = table;

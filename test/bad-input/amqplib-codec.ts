// amqplib's own encoder and decoder of message properties, past the door that it has closed: what it says of a message in a
// microsecond a broker would say in milliseconds.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

interface Definitions {
  /** The header frame; throws for what cannot be there. */
  encodeProperties(id: number, channel: number, size: number, fields: object): Buffer;
}

const basicClass = 60;
const require = createRequire(import.meta.url);
const folder = join(dirname(require.resolve('amqplib')), 'lib');
const definitions = require(join(folder, 'defs.js')) as Definitions;
const codec = require(join(folder, 'codec.js')) as { decodeFields(table: Buffer): Record<string, unknown> };

/** The properties as they would go over the wire. Throws for those that cannot. */
export const encodeProperties = (properties: object): Buffer =>
  definitions.encodeProperties(basicClass, 1, 0, properties);

/** The content of a table of headers, as amqplib hands it on. Throws for those that it cannot read. */
export const decodeTable = (content: Buffer): Record<string, unknown> => codec.decodeFields(content);

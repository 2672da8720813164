// What the log is told of a message, as it leaves the process: one line of JSON that steers nothing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src/worker/default-logger.js';

function logged(fields: object, message: string): string {
  let text = '';
  createLogger('info', { write: (part) => (text += part) }).info(fields, message);
  return text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is sought
const raw = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

describe('a line of the log', () => {
  it.each(['\u001b[2J', '\u009b2J', '\r\nforged', '\u2028', '\u202elog', '\u0000', '\u007f'])(
    'has %j only as an escape',
    (text) => {
      const line = logged({ correlationId: text }, text);
      expect(line).toMatch(/\n$/);
      expect(line.slice(0, -1)).not.toMatch(raw);
      expect(JSON.parse(line)).toMatchObject({ correlationId: text, msg: text });
    },
  );

  it('says the same, whatever it is told', () => {
    const property = fc.property(fc.string({ unit: 'binary' }), fc.jsonValue(), (text, value) => {
      const line = logged({ step: text, value }, text);
      expect(line.slice(0, -1)).not.toMatch(raw);
      expect(JSON.parse(line)).toMatchObject({ msg: text, step: text });
    });
    fc.assert(property, { numRuns: 200, seed: 7 });
  });
});

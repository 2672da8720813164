// What a logger is told once it is rid of secrets.
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { rememberSecret } from '../../src/contract/secrets.js';
import { type Logger, redactingLogger, silentLogger } from '../../src/worker/logger.js';

rememberSecret('hunter2');

/** Keeps what it was told. */
function hearing() {
  const heard: unknown[][] = [];
  const write = (...said: unknown[]) => heard.push(said);
  const logger: Logger = {
    debug: write,
    info: write,
    warn: write,
    error: write,
    fatal: write,
    child: (bindings) => ({ ...logger, info: (...said) => heard.push([bindings, ...said]) }),
  };
  return { heard, logger };
}

describe('a redacting logger', () => {
  it('is told the very same where nothing is secret, and nothing secret else', () => {
    const { heard, logger } = hearing();
    const fields = { a: { b: 1 } };
    const redacting = redactingLogger(logger);
    redacting.info(fields, 'fine');
    redacting.fatal({ err: new Error('hunter2') }, 'is hunter2');
    expect(heard[0]?.[0]).toBe(fields);
    expect(heard[1]).toEqual([{ err: new Error('[redacted]') }, 'is [redacted]']);
  });

  it('has children that are, too, with what is bound to them', () => {
    const { heard, logger } = hearing();
    redactingLogger(logger).child({ a: 'hunter2' }).info({ b: 'hunter2' }, 'c');
    expect(heard).toEqual([[{ a: '[redacted]' }, { b: '[redacted]' }, 'c']]);
  });

  it('hands on whatever else it is told', () => {
    const { heard, logger } = hearing();
    const info = redactingLogger(logger).info as (...said: unknown[]) => void;
    info('%s and %s', 'hunter2', 1);
    expect(heard).toEqual([['%s and %s', '[redacted]', 1]]);
  });

  it('looks at nothing that nobody hears', () => {
    let looks = 0;
    const lines: string[] = [];
    const logger = redactingLogger(pino({ level: 'info' }, { write: (line) => lines.push(line) }));
    const fields = {
      get a() {
        looks += 1;
        return 'hunter2';
      },
    };
    logger.child({}).debug(fields, 'quiet');
    expect([looks, lines]).toEqual([0, []]);
    logger.child({}).info(fields, 'loud');
    expect(lines.join('')).toMatch(/"a":"\[redacted\]","msg":"loud"/);
  });

  it('is made once, and not for silence', () => {
    const redacting = redactingLogger(hearing().logger);
    expect(redactingLogger(redacting)).toBe(redacting);
    expect(redactingLogger(silentLogger)).toBe(silentLogger);
  });
});

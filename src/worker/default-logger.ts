// The logger a worker has unless it is given one: pino, one JSON object a line on stderr.
import { type DestinationStream, pino } from 'pino';
import { jsonLine } from './json-line.js';
import type { Logger } from './logger.js';

export function createLogger(
  level = 'info',
  stream: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Logger {
  return pino({ level, base: null, hooks: { streamWrite: jsonLine } }, stream);
}

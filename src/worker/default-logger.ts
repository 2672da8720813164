// The logger a worker has unless it is given one: pino, one JSON object a line on stderr.
import { pino } from 'pino';
import type { Logger } from './logger.js';

export function createLogger(level = 'info'): Logger {
  return pino({ level, base: null }, pino.destination({ fd: 2, sync: true }));
}

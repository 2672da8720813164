// A logger for those who want to hear nothing; the shape of loggers is the contract's.
import type { Logger } from '../contract/logger.js';

export type { Logger } from '../contract/logger.js';

const ignore = () => {};

/** Writes nothing. */
export const silentLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  fatal: ignore,
  child: () => silentLogger,
};

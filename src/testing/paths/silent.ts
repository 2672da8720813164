// A logger that nobody reads.
import type { Logger } from '../../contract/logger.js';

const ignore = () => {};

export const silent: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  fatal: ignore,
  child: () => silent,
};

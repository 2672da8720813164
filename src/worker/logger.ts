// Loggers as the worker uses them: the one it is given, rid of secrets, and one for those who want to hear nothing. The shape
// of loggers is the contract's.
import type { Logger } from '../contract/logger.js';
import { redactIn } from '../contract/redact-value.js';

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

type Level = Exclude<keyof Logger, 'child'>;

const redacted = new WeakSet<Logger>();

/** The logger is told what it was told before, but for the secrets that this process knows. */
export function redactingLogger(logger: Logger): Logger {
  if (logger === silentLogger || redacted.has(logger)) return logger;
  // pino and others know which levels nobody hears.
  const { isLevelEnabled } = logger as { readonly isLevelEnabled?: (level: string) => boolean };
  const isHeard = (level: Level) => isLevelEnabled?.call(logger, level) ?? true;
  const write =
    (level: Level): Logger[Level] =>
    (...said) => {
      // All of what was said: whoever knows his logger may tell it more than the two.
      if (isHeard(level)) logger[level](...(said.map(redactIn) as typeof said));
    };
  const made: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
    child: (bindings) => redactingLogger(logger.child(redactIn(bindings))),
  };
  redacted.add(made);
  return made;
}

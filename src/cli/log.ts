// The log of a command on stderr: JSON lines as pino writes them, or short lines where a person sees them.
import { type Logger, redactingLogger } from '../worker/logger.js';
import { clean } from './text.js';

/** pino is loaded here and not before. `show` is given the lines for people. */
export async function createLog(
  level: string,
  { stderr, show }: { readonly stderr: NodeJS.WriteStream; readonly show: (line: string) => void },
): Promise<Logger> {
  if (!stderr.isTTY) {
    const { createLogger } = await import('../worker/default-logger.js');
    return redactingLogger(createLogger(level));
  }
  const { pino } = await import('pino');
  const serializers = {
    err: (error: unknown) => ({ message: error instanceof Error ? error.message : String(error) }),
  };
  const people = { write: (line: string) => show(forPeople(line)) };
  return redactingLogger(pino({ level, base: null, serializers }, people));
}

const levels: Readonly<Record<number, string>> = {
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

interface LogLine {
  readonly level: number;
  readonly msg?: string;
  readonly worker?: string;
  readonly err?: { readonly message?: string };
  readonly problem?: string;
  /** With what is known beyond it: of a job that was refused, of a broker that does not answer, of a file. */
  readonly code?: string;
  readonly message?: string;
  readonly why?: string;
  readonly file?: string;
}

function forPeople(line: string): string {
  const { level, msg, worker, err, problem, code, message, why, file } = JSON.parse(line) as LogLine;
  const reason = err?.message ?? problem;
  const parts = reason === undefined ? [msg, code, message ?? why ?? file] : [msg, reason];
  const said = parts.filter((part) => part !== undefined).join(': ');
  return clean(`${levels[level] ?? level} ${worker === undefined ? '' : `${worker}: `}${said}`);
}

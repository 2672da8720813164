// How a command ends that could not do what it was asked for: one line with a stable code, a remedy, an exit code.
import { CommanderError } from 'commander';
import { type ErrorCode, errorKinds, NeedfulError } from '../contract/errors.js';
import type { Terminal } from './terminal.js';

/** Says what went wrong and returns the exit code. With `json` stdout gets `{ type: 'error', code, message, remedy, exit }`. */
export function reportFailure(
  error: unknown,
  { terminal, json }: { readonly terminal: Terminal; readonly json: boolean },
): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  // Called without a command: commander has shown the help.
  if (error instanceof CommanderError && error.code === 'commander.help') return 2;
  const { code, message, remedy, exit } = describe(error);
  if (json) terminal.out(JSON.stringify({ type: 'error', code, message, remedy, exit }));
  // Some errors say it themselves, for those who meet them in a program.
  const isSaid = remedy === null || message.includes(remedy);
  const lines = [`needful: ${code}: ${message}`, ...(isSaid ? [] : [remedy])];
  for (const line of lines) terminal.err(line);
  return exit;
}

interface Description {
  readonly code: ErrorCode | 'UNEXPECTED';
  readonly message: string;
  readonly remedy: string | null;
  readonly exit: number;
}

function describe(error: unknown): Description {
  if (error instanceof NeedfulError) {
    const { code, message, exit } = error;
    return { code, message, exit, remedy: errorKinds[code].remedy };
  }
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
    return { code: 'USAGE', message, exit: 2, remedy: errorKinds.USAGE.remedy };
  }
  // A defect of Needful's own: whoever reports it needs the stack.
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'UNEXPECTED', message, exit: 1, remedy: null };
}

// What every command is given, and what it owes: an exit code.
import type { Terminal } from './terminal.js';

export interface Surroundings {
  readonly terminal: Terminal;
  /** For signals, the environment and the log; written to by nobody but the terminal and the log. */
  readonly process: NodeJS.Process;
  /** What a command that ran to its end says it ends with. */
  finish(exitCode: number): void;
}

// What is shown of a release: a live table on a terminal, plain lines in a pipe, one JSON object a line with --json.
import type { ReleaseEvent } from '../release/release-event.js';
import type { TransitionRecord } from '../worker/running-worker.js';
import { createBoard } from './release-board.js';
import { createReleaseLines } from './release-lines.js';
import { createReleaseTable } from './release-table.js';
import type { Terminal } from './terminal.js';

export interface ReleaseView {
  release(event: ReleaseEvent): void;
  transition(transition: TransitionRecord): void;
  signal(signal: string, message: string): void;
  /** A line of the log that a person sees. */
  log(line: string): void;
  /** Ends what is live, also when no release came about. Idempotent. */
  close(): void;
}

export function createReleaseView(terminal: Terminal, { json }: { readonly json: boolean }): ReleaseView {
  if (json) return createReleaseJson(terminal);
  return terminal.isLive ? createReleaseTable(terminal) : createReleaseLines(terminal);
}

/** The contract is in the heads of `release.ts` and `demo.ts`. */
function createReleaseJson(terminal: Terminal): ReleaseView {
  const board = createBoard();
  const print = (line: object) => terminal.out(JSON.stringify(line));
  return {
    release(event) {
      board.release(event);
      print(event);
    },
    transition(transition) {
      print({ type: 'transition', index: board.transition(transition), ...transition });
    },
    signal: (signal, message) => print({ type: 'signal', signal, message }),
    log: terminal.err,
    close: () => undefined,
  };
}

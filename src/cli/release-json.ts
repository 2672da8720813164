// A release as one JSON object a line; the contract is in the head of release.ts.
import { createBoard } from './release-board.js';
import type { ReleaseView } from './release-view.js';
import type { Terminal } from './terminal.js';

export function createReleaseJson(terminal: Terminal): ReleaseView {
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

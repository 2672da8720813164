// What is shown of a release: a live table on a terminal, plain lines in a pipe, one JSON object a line with --json.
import { createReleaseJson } from './release-json.js';
import { createReleaseLines } from './release-lines.js';
import { createReleaseTable } from './release-table.js';
import type { ReleaseView } from './release-view.js';
import type { Terminal } from './terminal.js';

export function createReleaseView(terminal: Terminal, { json }: { readonly json: boolean }): ReleaseView {
  if (json) return createReleaseJson(terminal);
  return terminal.isLive ? createReleaseTable(terminal) : createReleaseLines(terminal);
}

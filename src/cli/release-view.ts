// What a view of a release is told. Its kinds: release-table.ts, release-lines.ts, release-json.ts.
import type { ReleaseEvent } from '../release/release-event.js';
import type { TransitionRecord } from '../worker/running-worker.js';

export interface ReleaseView {
  release(event: ReleaseEvent): void;
  transition(transition: TransitionRecord): void;
  signal(signal: string, message: string): void;
  /** A line of the log that a person sees. */
  log(line: string): void;
  /** Ends what is live, also when no release came about. Idempotent. */
  close(): void;
}

// What is known of every step of a release so far: told by the release's events, and by the lanes of workers in this
// process. Data for the views; no terminal, no clock.
import type { PlannedStep, ReleaseEvent, ReleaseSummary } from '../release/release-event.js';
import type { TransitionRecord } from '../worker/running-worker.js';

export interface BoardRow {
  readonly step: PlannedStep;
  phase: 'waiting' | 'running' | 'completed' | 'failed' | 'skipped';
  /** Of the lane where it is seen, else of the replies. */
  state: string;
  dispatchedAt: number | null;
  endedAt: number | null;
  /** States that the lane entered for it, `listening` left out. */
  readonly states: { readonly at: number; readonly state: string }[];
  readonly replies: { readonly at: number; readonly status: string }[];
  readonly lines: string[];
  /** Of the final reply, or why there was none. */
  data?: unknown;
  problem?: { readonly code: string; readonly message: string };
}

export interface Board {
  readonly rows: readonly BoardRow[];
  /** null until the release has started. */
  readonly startedAt: number | null;
  readonly summary: ReleaseSummary | null;
  release(event: ReleaseEvent): void;
  /** Returns the index of the step that the transition belongs to; null: to none. */
  transition(transition: TransitionRecord): number | null;
  /** The row of an output line: lines come late, but they say which worker they are of. */
  rowOf(line: { readonly step: PlannedStep | null; readonly appId: string | null }): BoardRow | undefined;
}

export function createBoard(): Board {
  const rows: BoardRow[] = [];
  /** Which step a lane is busy with: its last transitions may come when the next step is under way. */
  const lanes = new Map<string, BoardRow>();
  let release = '';
  let startedAt: number | null = null;
  let summary: ReleaseSummary | null = null;
  let current: BoardRow | undefined;

  const rowOf: Board['rowOf'] = ({ step, appId }) => {
    const heard = step === null ? current : rows[step.index];
    const said = (row: BoardRow) => `${row.step.step.split(':', 1)[0]}worker` === appId;
    if (heard === undefined || appId === null || said(heard)) return heard;
    return rows.slice(0, heard.step.index).findLast(said) ?? heard;
  };

  function end(event: ReleaseEvent & { readonly type: 'step.completed' | 'step.failed' }): void {
    const row = rows[event.step.index];
    if (row === undefined) return;
    const phase = event.type === 'step.completed' ? 'completed' : 'failed';
    row.phase = phase;
    row.endedAt = event.at;
    row.state = phase;
    if (event.data !== undefined) row.data = event.data;
    const problem = event.type === 'step.failed' ? event.problem : undefined;
    if (problem !== undefined) row.problem = problem;
    // A problem that did not come as data was found here: no worker said `failed`.
    if (problem === undefined || event.data !== undefined) row.replies.push({ at: event.at, status: phase });
  }

  return {
    rows,
    get startedAt() {
      return startedAt;
    },
    get summary() {
      return summary;
    },
    rowOf,
    release(event) {
      switch (event.type) {
        case 'release.started':
          release = event.release;
          startedAt = event.at;
          rows.push(...event.steps.map(waiting));
          return;
        case 'step.dispatched':
          current = rows[event.step.index];
          if (current === undefined) return;
          current.phase = 'running';
          current.state = 'dispatched';
          current.dispatchedAt = event.at;
          return;
        case 'step.started': {
          const row = rows[event.step.index];
          if (row?.states.length === 0) row.state = 'started';
          row?.replies.push({ at: event.at, status: 'started' });
          return;
        }
        case 'step.completed':
        case 'step.failed':
          return end(event);
        case 'step.skipped': {
          const row = rows[event.step.index];
          if (row !== undefined) row.phase = row.state = 'skipped';
          return;
        }
        case 'output':
          rowOf(event)?.lines.push(event.message);
          return;
        case 'warning':
          return;
        case 'release.ended':
          summary = event.summary;
      }
    },
    transition({ machine, worker, lane, to, at, correlationId }) {
      if (machine !== 'job') return null;
      const key = `${worker}/${lane}`;
      if (to === 'received' && current !== undefined && correlationId === release) lanes.set(key, current);
      const row = lanes.get(key);
      if (row === undefined) return null;
      if (to === 'listening' || to === 'stopped') lanes.delete(key);
      else {
        row.states.push({ at, state: to });
        if (row.phase === 'running') row.state = to;
      }
      return row.step.index;
    },
  };
}

const waiting = (step: PlannedStep): BoardRow => ({
  step,
  phase: 'waiting',
  state: 'waiting',
  dispatchedAt: null,
  endedAt: null,
  states: [],
  replies: [],
  lines: [],
});

// A release as plain lines, for pipes and logs: what happened when, to which step.
import type { PlannedStep, ReleaseEvent } from '../release/release-event.js';
import { createBoard } from './release-board.js';
import { summaryLines } from './release-summary.js';
import type { ReleaseView } from './release-view.js';
import type { Terminal } from './terminal.js';
import { clean, count, show } from './text.js';

export function createReleaseLines(terminal: Terminal): ReleaseView {
  const board = createBoard();
  const line = (at: number, ...[step, text]: [PlannedStep | null | undefined, string]) => {
    const time = ((at - (board.startedAt ?? at)) / 1000).toFixed(3).padStart(7);
    const where = step ? `${step.index + 1}/${board.rows.length} ${step.host} ${step.step}: ` : '';
    terminal.out(`${time} s  ${where}${text}`);
  };
  return {
    release(event) {
      board.release(event);
      print(event);
    },
    transition(transition) {
      const index = board.transition(transition);
      if (index !== null) line(transition.at, board.rows[index]?.step, `lane ${transition.to}`);
    },
    signal: (signal, message) => terminal.out(`${signal}: ${message}`),
    log: terminal.err,
    close: () => undefined,
  };

  function print(event: ReleaseEvent): void {
    switch (event.type) {
      case 'release.started':
        terminal.out(
          `release ${event.release} of group ${clean(event.group)}: ${count(event.steps.length, 'job')}`,
        );
        break;
      case 'release.ended':
        for (const said of summaryLines(event.summary, { rows: board.rows, paint: terminal.paint })) {
          terminal.out(said);
        }
        break;
      case 'output':
        line(event.at, board.rowOf(event)?.step, `output ${clean(event.message)}`);
        break;
      case 'warning':
        line(event.at, event.step, `warning ${clean(event.message)}`);
        break;
      default:
        line(event.at, event.step, wordsOf(event));
    }
  }
}

type StepEvent = Extract<ReleaseEvent, { readonly type: `step.${string}` }>;

function wordsOf(event: StepEvent): string {
  switch (event.type) {
    case 'step.dispatched':
      return 'sent';
    case 'step.started':
      return 'reply started';
    case 'step.completed':
      return `reply completed${withData(event.data)}`;
    case 'step.failed':
      return withReason(event);
    case 'step.skipped':
      return 'skipped';
  }
}

const withData = (data: unknown) => (data === undefined ? '' : `, data ${show(data)}`);

function withReason({ data, problem }: StepEvent & { readonly type: 'step.failed' }): string {
  if (problem === undefined) return `reply failed${withData(data)}`;
  return `${data === undefined ? 'failed' : 'reply failed'}, ${problem.code}: ${clean(problem.message)}`;
}

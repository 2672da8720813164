// How a release ended, in a few lines: what was done, what was not, and why.
import type { ReleaseSummary } from '../release/release-event.js';
import type { BoardRow } from './release-board.js';
import type { Paint } from './terminal.js';
import { clean, duration, show } from './text.js';

const longestReason = 600;

export function summaryLines(
  summary: ReleaseSummary,
  { rows, paint }: { readonly rows: readonly BoardRow[]; readonly paint: Paint },
): readonly string[] {
  const { outcome, steps, startedAt, endedAt, warnings } = summary;
  const number = (wanted: string) => steps.filter((step) => step.outcome === wanted).length;
  const numbers = `${number('completed')} completed, ${number('failed')} failed, ${number('skipped')} skipped`;
  const said = outcome === 'completed' ? paint.green('release completed') : paint.red('release failed');
  const lines = [`${said}: ${numbers} in ${duration(endedAt - startedAt)}`];
  for (const row of rows) {
    if (row.phase !== 'failed') continue;
    const { index, step, host, line } = row.step;
    lines.push(`step ${index + 1}, ${step} on ${host}, line ${line} of the playbook: ${reason(row)}`);
  }
  for (const warning of warnings) lines.push(paint.yellow(`warning: ${clean(warning)}`));
  return lines;
}

/** Why a step failed; where its worker gave no reason in its reply, what it said last. */
export function reason({ problem, data, lines }: BoardRow): string {
  if (problem !== undefined) return `${problem.code}: ${clean(problem.message)}`.slice(0, longestReason);
  if (data !== undefined) return show(data).slice(0, longestReason);
  const last = lines.map(clean).findLast((line) => line !== '' && !isFrame(line));
  return last === undefined
    ? 'its worker gave no reason'
    : `its worker said: ${last.slice(0, longestReason)}`;
}

/** The original's first and last line of every job. */
export function isFrame(line: string): boolean {
  return /^(Starting|Finished) \w+\.[\w-]+ - \d{4}-/.test(line);
}

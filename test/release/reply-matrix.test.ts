// What the engine does with replies that the original engine was shown, row by row: it never hangs and never throws.
// `original`: what that one did; `hung` and `died` leave its release in progress for ever.
import { describe, expect, it } from 'vitest';
import { type Answer, completed, failed, started } from '../client/foreign-worker.js';
import { createStage } from './stage.js';

interface Row {
  readonly answers: readonly Answer[];
  readonly original: 'completed' | 'failed' | 'hung' | 'died';
  readonly outcome: 'completed' | 'failed';
  /** Of the first step that failed. */
  readonly problem?: string;
  readonly warnings?: number;
  readonly notify?: true;
  /** Steps that were sent, of three. */
  readonly sent: number;
}

const text = (body: string): Answer => ({ text: body });
const body = (value: unknown): Answer => ({ body: value });
const malformed = { outcome: 'failed', problem: 'REPLY_MALFORMED', sent: 1 } as const;
const errored = body({ status: 'errored' });
const foreign = { properties: { correlationId: 'another' } };

// The answers are those to the first step; the other two are answered by started, completed.
const rows: Readonly<Record<string, Row>> = {
  normal: { answers: [started, completed], original: 'completed', outcome: 'completed', sent: 3 },
  'failed first': { answers: [failed], original: 'failed', outcome: 'failed', sent: 1 },
  'started, failed': { answers: [started, failed], original: 'failed', outcome: 'failed', sent: 1 },
  // The original marks the release failed and does all the remaining steps.
  'completed without started': {
    answers: [completed],
    original: 'failed',
    outcome: 'failed',
    problem: 'REPLY_OUT_OF_ORDER',
    warnings: 1,
    sent: 1,
  },
  'completed twice without started': {
    answers: [completed, completed],
    original: 'failed',
    outcome: 'failed',
    problem: 'REPLY_OUT_OF_ORDER',
    warnings: 1,
    sent: 1,
  },
  'unknown status first': { answers: [errored], original: 'failed', ...malformed },
  'unknown status first, with notify': { answers: [errored], original: 'died', notify: true, ...malformed },
  'started, unknown status': { answers: [started, errored], original: 'failed', ...malformed },
  'no status': { answers: [body({ state: 1 })], original: 'died', ...malformed },
  'started, no status': { answers: [started, body({})], original: 'died', ...malformed },
  'not JSON': { answers: [text('completed')], original: 'died', ...malformed },
  'started, not JSON': { answers: [started, text('{')], original: 'died', ...malformed },
  'a JSON list': { answers: [body(['started'])], original: 'died', ...malformed },
  'JSON null': { answers: [body(null)], original: 'died', ...malformed },
  // A broker that gives the job to another worker makes this; the original fails the release.
  'started twice': {
    answers: [started, started, completed],
    original: 'failed',
    outcome: 'completed',
    warnings: 1,
    sent: 3,
  },
  // Read as an answer to the second step, which shares the id: the release ends instead of going on out of step.
  'completed again after completed': {
    answers: [started, completed, completed],
    original: 'failed',
    outcome: 'failed',
    problem: 'REPLY_OUT_OF_ORDER',
    warnings: 1,
    sent: 2,
  },
  'completed again, under the same message id': {
    answers: [started, ...['m', 'm'].map((messageId) => ({ ...completed, properties: { messageId } }))],
    original: 'failed',
    outcome: 'completed',
    sent: 3,
  },
  'extra members and data': {
    answers: [body({ status: 'started', at: 1 }), body({ status: 'completed', data: [1], message: 'm' })],
    original: 'completed',
    outcome: 'completed',
    sent: 3,
  },
  'failed with data': {
    answers: [started, body({ status: 'failed', data: 'why' })],
    original: 'failed',
    outcome: 'failed',
    sent: 1,
  },
  'a wrong correlation id': {
    answers: [
      { ...started, ...foreign },
      { ...completed, ...foreign },
    ],
    original: 'completed',
    outcome: 'completed',
    warnings: 2,
    sent: 3,
  },
  'no reply': { answers: [], original: 'hung', outcome: 'failed', problem: 'REPLY_DEADLINE_PASSED', sent: 1 },
  'started only': {
    answers: [started],
    original: 'hung',
    outcome: 'failed',
    problem: 'REPLY_DEADLINE_PASSED',
    sent: 1,
  },
  'STARTED in capitals': { answers: [body({ status: 'STARTED' })], original: 'failed', ...malformed },
};

const playbook = (options: string) =>
  `group: g\nexecution:\n- hosts: [h]\n  steps:\n  - a:First: ${options}\n  - a:Second\n  - a:Third\n`;

describe('the engine and odd replies', () => {
  it.each(Object.entries(rows))('%s', async (_, row) => {
    const { worker, play, clock, broker } = createStage();
    const a = await worker('a', ({ body: { parameters } }) =>
      parameters.subcommand === 'First' ? row.answers : [started, completed],
    );
    const notify = '{ notify: { started: { irc: [x] }, completed: { irc: [x] }, failed: { irc: [x] } } }';
    const { ended } = play(playbook(row.notify ? notify : '{}'), { deadlineMs: 1_000 });
    await a.job(0);
    await broker.idle();
    if (row.problem === 'REPLY_DEADLINE_PASSED') clock.increment(1_000);
    const { outcome, steps, warnings } = await ended;
    const problem = steps.find((step) => step.outcome === 'failed')?.problem?.code;
    expect({ outcome, problem, sent: a.jobs.length, warnings: warnings.length }).toEqual({
      outcome: row.outcome,
      problem: row.problem,
      sent: row.sent,
      warnings: row.warnings ?? 0,
    });
  });

  it('a worker that nobody started: hung in the original', async () => {
    const { worker, play } = createStage();
    await worker('b');
    const { outcome, steps } = await play(playbook('{}')).ended;
    expect(outcome).toBe('failed');
    expect(steps[0]?.problem?.code).toBe('JOB_UNDELIVERABLE');
  });
});

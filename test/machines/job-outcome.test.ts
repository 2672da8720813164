// What the job's machine knows of a job, state by state: the delivery, what was parsed of it, its outcome.
import { describe, expect, test } from 'vitest';
import { transition } from 'xstate';
import { type JobContext, type JobEvent, noJob } from '../../machines/index.js';
import { type At, at, delivery, invalid, machine, machineThat, refusal, valid } from './job-at.js';

const completed: Partial<JobContext> = { outcome: { status: 'completed' } };

describe('what a lane knows of its job', () => {
  const contextAfter = (from: At, given: JobEvent, through = machine) => {
    const [snapshot] = transition(through, at(from, through), given);
    return snapshot.context as JobContext;
  };

  test('a delivery is parsed and kept', () => {
    expect(contextAfter({ state: 'listening' }, { type: 'delivery.received', delivery })).toEqual({
      delivery,
      parsed: valid,
      outcome: null,
      history: null,
    });
  });

  test('a refused job is failed with the problem as data', () => {
    const context = contextAfter(
      { state: 'listening' },
      { type: 'delivery.received', delivery },
      machineThat(invalid),
    );
    expect(context).toEqual({
      delivery,
      parsed: invalid,
      outcome: { status: 'failed', data: refusal, problem: refusal },
      history: null,
    });
  });

  test.each<readonly [string, At, JobEvent, JobContext['outcome']]>([
    [
      'what the step returns goes out as completed',
      { state: 'doingTheNeedful' },
      { type: 'step.completed', data: 7 },
      { status: 'completed', data: 7 },
    ],
    [
      'a failure on purpose goes out as it is',
      { state: 'doingTheNeedful' },
      { type: 'step.failed', data: { why: 'full' } },
      { status: 'failed', data: { why: 'full' } },
    ],
    [
      'a failure that the library found carries its problem',
      { state: 'doingTheNeedful' },
      { type: 'step.failed', problem: refusal },
      { status: 'failed', data: refusal, problem: refusal },
    ],
    [
      'a step over its deadline fails as DEADLINE_PASSED',
      { state: 'doingTheNeedful' },
      { type: 'deadline.passed' },
      failure('DEADLINE_PASSED', 'the step ran longer than its deadline'),
    ],
    [
      'a cancelled step fails as CANCELLED, with the reason',
      { state: 'doingTheNeedful' },
      { type: 'cancel', reason: 'the worker stops' },
      failure('CANCELLED', 'the job was cancelled: the worker stops'),
    ],
    [
      'a job cancelled before its needful began fails as CANCELLED too',
      { state: 'verified' },
      { type: 'cancel' },
      failure('CANCELLED', 'the job was cancelled: no reason given'),
    ],
    [
      'a lost confirm of started fails as REPLY_UNKNOWN',
      { state: 'verified' },
      { type: 'reply.lost' },
      failure('REPLY_UNKNOWN', 'whether `started` arrived is not known; the step was not begun'),
    ],
    [
      'a confirm of started that does not come fails as REPLY_UNKNOWN',
      { state: 'verified' },
      { type: 'deadline.passed' },
      failure('REPLY_UNKNOWN', 'whether `started` arrived is not known; the step was not begun'),
    ],
    [
      'a lost confirm of completed leaves the outcome as it was',
      { state: 'completed', context: completed },
      { type: 'reply.lost' },
      { status: 'completed' },
    ],
  ])('%s', (_, from, given, outcome) => {
    expect(contextAfter(from, given).outcome).toEqual(outcome);
  });

  test('the confirm of the final reply: all is forgotten', () => {
    const history = { retryCount: 1, refusalCount: 0, settled: false, lost: false, doubtful: false };
    const context = { ...completed, history };
    expect(contextAfter({ state: 'completed', context }, { type: 'reply.confirmed' })).toEqual(noJob);
  });

  test('attempts and refusals are counted, and a doubt is kept', () => {
    const history = (from: At, type: JobEvent['type']) => contextAfter(from, { type } as JobEvent).history;
    expect(history({ state: 'retrying' }, 'deadline.passed')).toMatchObject({ retryCount: 1 });
    const once = {
      ...completed,
      history: history({ state: 'completed', context: completed }, 'reply.refused'),
    };
    expect(once.history).toMatchObject({ refusalCount: 1, doubtful: false });
    expect(history({ state: 'completed', context: once }, 'reply.refused')).toMatchObject({
      refusalCount: 2,
    });
    expect(history({ state: 'completed', context: once }, 'reply.lost')).toMatchObject({ doubtful: true });
  });

  test('a failure that is final is not tried again', () => {
    const from: At = { state: 'doingTheNeedful' };
    const [again] = transition(machine, at(from), { type: 'step.failed' });
    expect(again.value).toBe('retrying');
    const [final] = transition(machine, at(from), { type: 'step.failed', final: true });
    expect(final.value).toBe('failed');
  });
});

function failure(code: 'DEADLINE_PASSED' | 'CANCELLED' | 'REPLY_UNKNOWN', message: string) {
  const problem = { code, message };
  return { status: 'failed', data: problem, problem } as const;
}

import { describe, expect, it } from 'vitest';
import { getInitialMicrosteps, getMicrosteps, initialTransition, transition } from 'xstate';
import { type ReleaseEngineEvent, releaseMachine } from '../../machines/release.js';

const opened: ReleaseEngineEvent = { type: 'replyQueue.opened' };
const refused: ReleaseEngineEvent = {
  type: 'replyQueue.refused',
  problem: { code: 'ACCESS_REFUSED', message: 'no' },
};
const started: ReleaseEngineEvent = { type: 'reply.started' };
const completed: ReleaseEngineEvent = { type: 'reply.completed', data: 1 };
const failed: ReleaseEngineEvent = { type: 'reply.failed', data: 'why' };
const lost: ReleaseEngineEvent = {
  type: 'job.lost',
  problem: { code: 'JOB_UNDELIVERABLE', message: 'no queue' },
};
const late: ReleaseEngineEvent = { type: 'deadline.passed', afterMs: 100 };
const abort: ReleaseEngineEvent = { type: 'abort' };

const effects = new Set([
  'openReplyQueue',
  'dispatchStep',
  'recordStarted',
  'recordCompleted',
  'recordFailed',
  'recordSkipped',
]);

/** Plays events on the machine as a function: where it is, what it asked the runtime to do, why it failed. */
function play(stepCount: number, ...events: readonly ReleaseEngineEvent[]) {
  const [first, firstActions] = initialTransition(releaseMachine, { stepCount });
  const asked = firstActions.map(({ type }) => type);
  let snapshot = first;
  for (const event of events) {
    const [next, actions] = transition(releaseMachine, snapshot, event);
    asked.push(...actions.map(({ type }) => type));
    snapshot = next;
  }
  const problem = snapshot.context.outcome?.problem?.code ?? null;
  return { at: snapshot.value, problem, asked: asked.filter((type) => effects.has(type)).join(' ') };
}

const step = 'dispatchStep recordStarted recordCompleted';

describe('the release machine', () => {
  it.each<[string, number, readonly ReleaseEngineEvent[], string, string | null, string]>([
    ['waits for its reply queue', 2, [], 'preparing', null, 'openReplyQueue'],
    ['sends the first step', 2, [opened], 'awaitingStarted', null, 'openReplyQueue dispatchStep'],
    ['has nothing to send', 0, [opened], 'completed', null, 'openReplyQueue'],
    [
      'waits for the final reply',
      2,
      [opened, started],
      'awaitingFinal',
      null,
      'openReplyQueue dispatchStep recordStarted',
    ],
    [
      'goes on to the next step',
      2,
      [opened, started, completed],
      'awaitingStarted',
      null,
      `openReplyQueue ${step} dispatchStep`,
    ],
    [
      'ends after the last step',
      2,
      [opened, started, completed, started, completed],
      'completed',
      null,
      `openReplyQueue ${step} ${step}`,
    ],
    [
      'skips the rest when a step fails',
      3,
      [opened, started, failed],
      'failed',
      null,
      'openReplyQueue dispatchStep recordStarted recordFailed recordSkipped',
    ],
    [
      'skips the rest when a job is refused',
      3,
      [opened, failed],
      'failed',
      null,
      'openReplyQueue dispatchStep recordFailed recordSkipped',
    ],
    [
      'has nothing to skip behind the last step',
      1,
      [opened, failed],
      'failed',
      null,
      'openReplyQueue dispatchStep recordFailed',
    ],
    [
      'ends at completed without started',
      2,
      [opened, completed],
      'failed',
      'REPLY_OUT_OF_ORDER',
      'openReplyQueue dispatchStep recordFailed recordSkipped',
    ],
    [
      'waits anew when a job starts again',
      1,
      [opened, started, started],
      'awaitingFinal',
      null,
      'openReplyQueue dispatchStep recordStarted',
    ],
    [
      'ends when nobody starts in time',
      2,
      [opened, late],
      'failed',
      'REPLY_DEADLINE_PASSED',
      'openReplyQueue dispatchStep recordFailed recordSkipped',
    ],
    [
      'ends when nobody finishes in time',
      2,
      [opened, started, late],
      'failed',
      'REPLY_DEADLINE_PASSED',
      'openReplyQueue dispatchStep recordStarted recordFailed recordSkipped',
    ],
    [
      'ends when a job is undeliverable',
      2,
      [opened, lost],
      'failed',
      'JOB_UNDELIVERABLE',
      'openReplyQueue dispatchStep recordFailed recordSkipped',
    ],
    [
      'ends when a job is lost under way',
      1,
      [opened, started, lost],
      'failed',
      'JOB_UNDELIVERABLE',
      'openReplyQueue dispatchStep recordStarted recordFailed',
    ],
    [
      'sends nothing without a reply queue',
      2,
      [refused],
      'failed',
      'ACCESS_REFUSED',
      'openReplyQueue recordSkipped',
    ],
    [
      'sends nothing when the reply queue is late',
      2,
      [late],
      'failed',
      'BROKER_UNREACHABLE',
      'openReplyQueue recordSkipped',
    ],
    ['sends nothing when aborted first', 2, [abort], 'failed', 'CANCELLED', 'openReplyQueue recordSkipped'],
    [
      'is aborted before started',
      2,
      [opened, abort],
      'failed',
      'CANCELLED',
      'openReplyQueue dispatchStep recordFailed recordSkipped',
    ],
    [
      'is aborted under way',
      1,
      [opened, started, abort],
      'failed',
      'CANCELLED',
      'openReplyQueue dispatchStep recordStarted recordFailed',
    ],
    [
      'takes nothing after its end',
      1,
      [opened, failed, started, completed],
      'failed',
      null,
      'openReplyQueue dispatchStep recordFailed',
    ],
  ])('%s', (_, stepCount, events, at, problem, asked) => {
    expect(play(stepCount, ...events)).toEqual({ at, problem, asked });
  });

  it('keeps what the worker sent with its failed reply', () => {
    let [snapshot] = initialTransition(releaseMachine, { stepCount: 1 });
    for (const event of [opened, started, failed]) [snapshot] = transition(releaseMachine, snapshot, event);
    expect(snapshot.context).toEqual({
      stepCount: 1,
      position: 0,
      outcome: { status: 'failed', data: 'why' },
    });
  });

  it('says how long it waited', () => {
    let [snapshot] = initialTransition(releaseMachine, { stepCount: 1 });
    for (const event of [opened, started, late]) [snapshot] = transition(releaseMachine, snapshot, event);
    expect(snapshot.context.outcome?.problem?.message).toBe(
      'expected a final reply within 100 ms, none came',
    );
  });

  it('reaches every state', () => {
    const reached = new Set<unknown>();
    const all = [opened, refused, started, completed, failed, lost, late, abort];
    const [initial] = initialTransition(releaseMachine, { stepCount: 2 });
    for (const [{ value }] of getInitialMicrosteps(releaseMachine, { stepCount: 2 })) reached.add(value);
    const open = [initial];
    const seen = new Set<string>();
    for (let snapshot = open.pop(); snapshot !== undefined; snapshot = open.pop()) {
      for (const event of snapshot.status === 'done' ? [] : all) {
        const steps = getMicrosteps(releaseMachine, snapshot, event);
        for (const [{ value }] of steps) reached.add(value);
        const next = steps.at(-1)?.[0] ?? snapshot;
        const key = `${JSON.stringify(next.value)} ${next.context.position}`;
        if (!seen.has(key)) open.push(next);
        seen.add(key);
      }
    }
    expect([...reached].sort()).toEqual(Object.keys(releaseMachine.states).sort());
  });

  it('describes every state, and gives every waiting one a deadline', () => {
    for (const node of Object.values(releaseMachine.states)) {
      expect(node.description, node.key).toMatch(/\.$|\?$/);
      const isWaiting = node.type !== 'final' && (node.always ?? []).length === 0;
      expect(node.meta !== undefined, node.key).toBe(isWaiting);
      if (isWaiting)
        expect(node.ownEvents, node.key).toEqual(expect.arrayContaining(['deadline.passed', 'abort']));
    }
  });
});

// A state that waits is left for certain: what only seems to answer an event is a defect, what answers it is none.
import { describe, expect, test } from 'vitest';
import { jobFlow } from '../../machines/index.js';
import { type AnyFlow, extendFlow, type Flow, flowDefects } from '../../src/statechart/index.js';

type Change = Parameters<
  typeof extendFlow<string, string, string, string, string, string, string, string>
>[1];
const failing = { target: 'failed' };

/** jobFlow with a state `mid` before the needful. */
const withMid = (on: object, more: object = {}): AnyFlow =>
  extendFlow(
    jobFlow as unknown as Flow,
    {
      guards: { isEasy: () => true },
      states: {
        verified: {
          on: { 'reply.confirmed': [{ guard: 'isEasy', target: 'doingTheNeedful' }, { target: 'mid' }] },
        },
        mid: { description: 'Waits.', deadline: 1000, on: { 'deadline.passed': failing, ...on }, ...more },
      },
    } as Change,
  );
const told = (flow: AnyFlow) => flowDefects(flow).map(({ code, state, message }) => [code, state, message]);

const guarded = [{ guard: 'isEasy', target: 'failed' }];
const onlyGuarded = 'only where a guard holds, and its last way must have none';
const stays = 'and stays as it is';
const unarmed = 'where no deadline is armed again without `reenter: true`';
const cancelHint = "give it `on: { cancel: { target: 'failed', actions: 'keepOutcome' } }`";

describe('a state that waits', () => {
  test.each<[string, unknown, string]>([
    ['is empty', {}, `answers "deadline.passed" ${stays}`],
    ['has no way', [], 'does not answer "deadline.passed"'],
    ['is guarded', guarded, `answers "deadline.passed" ${onlyGuarded}`],
    ['only does something', { actions: 'noteDoubt' }, `answers "deadline.passed" ${stays}`],
    ['leads to itself', { target: 'mid' }, `leads to itself on "deadline.passed", ${unarmed}`],
    [
      'leads to itself where a guard holds',
      [{ guard: 'isEasy', target: 'mid' }, failing],
      `leads to itself on "deadline.passed", ${unarmed}`,
    ],
    [
      'stays where a guard holds',
      [{ guard: 'isEasy', actions: 'noteDoubt' }, failing],
      `answers "deadline.passed" ${stays}`,
    ],
  ])('may wait for ever if its deadline %s', (_, way, text) => {
    expect(told(withMid({ 'deadline.passed': way }))).toEqual([
      ['EVENT_UNANSWERED', 'mid', `state mid ${text}; give it \`on: { 'deadline.passed': { target: … } }\``],
    ]);
  });

  test('may begin its wait anew', () => {
    expect(told(withMid({ 'deadline.passed': { target: 'mid', reenter: true } }))).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ['is empty', {}, `answers "cancel" ${stays}`],
    ['has no way', [], 'does not answer "cancel"'],
    ['is guarded', guarded, `answers "cancel" ${onlyGuarded}`],
    ['leads to itself', { target: 'mid', reenter: true }, 'leads to itself on "cancel"'],
  ])('cannot be cancelled if its cancel %s', (_, way, text) => {
    expect(told(withMid({ cancel: way }))).toEqual([
      ['CANCEL_UNANSWERED', 'mid', `state mid ${text}; ${cancelHint}`],
    ]);
  });

  test('cannot be stopped by a stop of its own that leads nowhere', () => {
    expect(told(withMid({ stop: {} }))).toEqual([
      [
        'STOP_UNANSWERED',
        'mid',
        `state mid answers "stop" ${stays}; give the flow \`on: { stop: { target: … } }\``,
      ],
    ]);
  });

  test('is left by a way of the flow where no guard of its own holds', () => {
    const flow = withMid({ cancel: guarded }) as Flow;
    const on = { ...flow.on, cancel: { target: 'unanswered' } };
    expect(told({ ...flow, on } as AnyFlow)).toEqual([]);
  });

  test('answers what its actor says', () => {
    const running = { run: 'needful' };
    const on = { 'step.completed': {}, 'step.failed': guarded };
    expect(told(withMid(on, running)).map(([code, , text]) => [code, text?.split(';')[0]])).toEqual([
      ['EVENT_UNANSWERED', `state mid answers "step.completed" ${stays}`],
      ['EVENT_UNANSWERED', `state mid answers "step.failed" ${onlyGuarded}`],
    ]);
  });

  test('may note a loss and go on, but not leave it alone', () => {
    const lost = (way: object) => told(withMid({ 'delivery.lost': way })).map(([code]) => code);
    expect(lost({ actions: 'noteLoss' })).toEqual([]);
    const early = extendFlow(jobFlow as unknown as Flow, {
      states: { verified: { on: { 'delivery.lost': {} } } },
    });
    expect(told(early)[0]).toEqual([
      'LOSS_UNANSWERED',
      'verified',
      `state verified answers "delivery.lost" ${stays}, but the delivery may be lost in it; give it \`on: { 'delivery.lost': { target: 'lost' } }\``,
    ]);
  });

  test('is not idle for ever: what comes leads on', () => {
    const deaf = extendFlow(jobFlow as unknown as Flow, {
      states: {
        listening: {
          on: { 'delivery.received': [{ guard: 'isDoubtful', target: 'received', actions: 'take' }] },
        },
      },
    });
    expect(told(deaf)).toContainEqual([
      'EVENT_UNANSWERED',
      'listening',
      `state listening is idle and answers "delivery.received" ${onlyGuarded}; give it \`on: { 'delivery.received': { target: …, actions: 'take' } }\``,
    ]);
  });
});

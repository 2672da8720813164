// A job whose delivery is settled is neither lost nor given back: ways that say so leave it without an end.
import { describe, expect, test } from 'vitest';
import { createJobFlow, jobFlow } from '../../machines/index.js';
import { extendFlow, type Flow, flowDefects } from '../../src/statechart/index.js';

const told = (change: object) =>
  flowDefects(extendFlow(jobFlow as unknown as Flow, change)).map(({ code, state }) => `${code} ${state}`);

/** On the confirm of `started` a guard may choose this way. */
const mayGo = (way: object) => ({
  guards: { isMine: () => true },
  states: {
    verified: { on: { 'reply.confirmed': [{ guard: 'isMine', ...way }, { target: 'doingTheNeedful' }] } },
  },
});

describe('a job that is acknowledged', () => {
  test.each<[string, object]>([
    ['given back', { target: 'stopped' }],
    ['lost', { target: 'lost' }],
    ['lost in passing', { target: 'listening', actions: 'recordLost' }],
    ['given back in passing', { target: 'listening', actions: 'giveBack' }],
  ])('does not end by being called %s', (_, way) => {
    expect(told(mayGo(way))).toEqual([expect.stringMatching(/^REPLY_MISSING /)]);
  });

  test('may end as unanswered: its letter and the log have it whole', () => {
    expect(told(mayGo({ target: 'unanswered' }))).toEqual([]);
  });

  test('is not answered again once the answer was confirmed, whatever is recorded', () => {
    const again = { on: { 'reply.confirmed': { target: 'replyUnknown' } } };
    expect(told({ states: { completed: again } })).toContain('REPLY_TWICE completed');
  });
});

test('a job that is not acknowledged may be given back', () => {
  const settled = createJobFlow({ acknowledge: 'settled' }) as unknown as Flow;
  const givenBack = {
    description: 'Not now.',
    entry: 'giveBack',
    always: { target: 'listening' },
  };
  const way = mayGo({ target: 'givenBack' });
  const flow = extendFlow(settled, { ...way, states: { ...way.states, givenBack } });
  expect(flowDefects(flow)).toEqual([]);
});

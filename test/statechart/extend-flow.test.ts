// What extendFlow makes of a flow: what is given replaces, null removes, the flow given stays as it is.
import { describe, expect, test } from 'vitest';
import approval from '../../examples/approval.js';
import rehearsed from '../../examples/dry-run.js';
import silent from '../../examples/silent.js';
import { createJobMachine, jobFlow } from '../../machines/index.js';
import { extendFlow, type Flow, machineGraph, toMermaid } from '../../src/statechart/index.js';

const base = jobFlow.states;
const description = 'Asks.';

describe('extendFlow', () => {
  test('replaces state by state, key by key, and event by event', () => {
    const flow = extendFlow(jobFlow, {
      states: {
        verified: { deadline: 5, on: { cancel: { target: 'unanswered' } } },
        completed: { exit: 'forget' },
      },
    });
    expect(flow.states.verified).toEqual({
      ...base.verified,
      deadline: 5,
      on: { ...base.verified.on, cancel: { target: 'unanswered' } },
    });
    expect(flow.states.completed).toEqual({ ...base.completed, exit: 'forget' });
    expect(flow.states.failed).toBe(base.failed);
  });

  test('null removes an event, a key, or what all states answer', () => {
    const flow = extendFlow(jobFlow, {
      on: { stop: null },
      states: { verified: { entry: null, on: { cancel: null } }, completed: { on: null } },
    });
    const { cancel, ...on } = base.verified.on as Record<string, unknown>;
    const { entry, ...verified } = base.verified;
    expect(flow.states.verified).toEqual({ ...verified, on });
    expect('on' in flow.states.completed).toBe(false);
    expect(flow.on).toEqual({});
  });

  test('leaves the flow that it was given alone', () => {
    const before = JSON.stringify(jobFlow);
    extendFlow(jobFlow, { on: { stop: null }, states: { verified: { on: { cancel: null } } } });
    expect(JSON.stringify(jobFlow)).toBe(before);
  });

  test('gives a new state that waits what it did not name', () => {
    const flow = extendFlow(jobFlow, {
      events: ['no', 'later'],
      states: {
        asking: {
          description,
          deadline: 1,
          on: {
            no: { target: 'failed' },
            later: { target: 'verified' },
            'step.failed': { target: 'failed', actions: 'refuse' },
          },
        },
      },
    });
    expect(flow.states.asking.on).toEqual({
      cancel: [{ target: 'failed', actions: 'keepOutcome' }],
      'delivery.lost': [{ target: 'lost' }],
      no: [{ target: 'failed', actions: ['keepOutcome'] }],
      later: [{ target: 'verified' }],
      'step.failed': [{ target: 'failed', actions: 'refuse' }],
    });
  });

  test('takes what a new state names itself', () => {
    const cancel = { target: 'unanswered' } as const;
    const flow = extendFlow(jobFlow, { states: { asking: { description, deadline: 1, on: { cancel } } } });
    expect(flow.states.asking.on).toMatchObject({ cancel: [cancel] });
  });

  test('adds names, and a second extension keeps those of the first', () => {
    const first = extendFlow(jobFlow, { events: ['a'], guards: { isA: () => true } });
    const second = extendFlow(first, { events: ['b'], guards: { isB: () => true, isA: () => false } });
    expect(second.events).toEqual(['a', 'b']);
    expect(Object.keys(second.guards ?? {})).toEqual(['isA', 'isB']);
    expect(second.guards?.isA?.({} as never)).toBe(false);
  });
});

test.each([approval, rehearsed, silent])(
  'the flow of $name is drawn with every state and way',
  ({ flow }) => {
    const given = flow as Flow;
    const never = () => {
      throw new Error('a drawing parses nothing');
    };
    const graph = machineGraph(createJobMachine({ parse: never, effects: {} }, given));
    expect(graph.nodes.slice(1).map(({ key }) => key)).toEqual(Object.keys(given.states));
    expect(toMermaid(graph).match(/^ {2}\w+ --> \w+/gm)).toHaveLength(graph.edges.length);
  },
);

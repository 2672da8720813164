// What extendFlow makes of a flow: what is given replaces, null removes, the flow given stays as it is.
import { describe, expect, test } from 'vitest';
import approval from '../../examples/approval.js';
import rehearsed from '../../examples/dry-run.js';
import silent from '../../examples/silent.js';
import { createJobMachine, jobFlow } from '../../machines/index.js';
import { extendFlow, type Flow, flowDefects, machineGraph, toMermaid } from '../../src/statechart/index.js';

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

  test('null takes a state away; a way that still leads there is a defect', () => {
    const less = extendFlow(jobFlow, { states: { retrying: null } });
    expect(Object.keys(less.states)).toEqual(Object.keys(base).filter((name) => name !== 'retrying'));
    expect(new Set(flowDefects(less).map(({ code, state }) => `${code} ${state}`))).toEqual(
      new Set(['TARGET_UNKNOWN doingTheNeedful']),
    );
    const failing = { target: 'failed', actions: 'keepOutcome' } as const;
    const on = { 'step.failed': failing, 'deadline.passed': failing };
    const calm = extendFlow(jobFlow, { states: { retrying: null, doingTheNeedful: { on } } });
    expect(flowDefects(calm)).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ['null', null, 'SHAPE_INVALID: it must be an object'],
    ['a text', 'x', 'SHAPE_INVALID: it must be an object'],
    ['a key that it has not', { state: {} }, 'KEY_UNKNOWN: it has `state`, did you mean "states"?'],
  ])('is given an extension: %s', (_, extension, message) => {
    expect(() => extendFlow(jobFlow, extension as never)).toThrow(
      `the extension of a flow has one defect: ${message}`,
    );
    expect(() => extendFlow(extension as never, {})).toThrow(
      expect.objectContaining({ code: 'FLOW_INVALID' }),
    );
  });

  test.each([
    { states: null },
    { states: { asking: null } },
    { states: { asking: { on: { cancel: null } } } },
    { states: { asking: { description, on: 'cancel' } } },
    { states: { verified: 'x' } },
    { states: { verified: { on: { cancel: 'failed' } } } },
    { states: { verified: { on: 'failed' } } },
    { events: 'go' },
    { guards: null },
    { on: 3 },
  ])('leaves it to the check to say what has no form: %j', (extension) => {
    const flow = extendFlow(jobFlow, extension as never);
    expect(new Set(flowDefects(flow).map(({ code }) => code))).toEqual(new Set(['SHAPE_INVALID']));
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

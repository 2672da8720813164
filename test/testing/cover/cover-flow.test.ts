// Paths over flows and machines drawn by hand, each with one thing that is easily missed.
import { describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import type { Flow } from '../../../src/statechart/flow.js';
import { type Coverage, type CoverTarget, coverFlow } from '../../../src/testing/cover/index.js';

function flowOf(states: Record<string, Partial<Flow['states'][string]>>, rest: Partial<Flow> = {}): Flow {
  const described = Object.entries(states).map(([name, state]) => [name, { description: name, ...state }]);
  return { kind: 'flow', id: 'f', initial: 'a', states: Object.fromEntries(described), ...rest };
}

const descriptions = (target: CoverTarget) => coverFlow(target).paths.map(({ description }) => description);
const missed = (coverage: Coverage) =>
  [coverage.states, coverage.transitions, coverage.guards]
    .flat()
    .flatMap(({ name, status, reason }) => (status === 'covered' ? [] : [`${status} ${name}: ${reason}`]));

describe('paths', () => {
  test('a loop is one path, back to where it began', () => {
    const flow = flowOf({ a: { on: { go: { target: 'b' } } }, b: { on: { back: { target: 'a' } } } });
    expect(descriptions(flow)).toEqual(['go, back -> a']);
  });

  test('what needs no event is a step of its own, and its guards belong to the event that led to it', () => {
    const flow = flowOf({
      a: { on: { go: { target: 'b' } } },
      b: { always: [{ guard: 'isGood', target: 'c' }, { target: 'a' }] },
      c: { type: 'final' },
    });
    const { paths } = coverFlow(flow);
    expect(paths.map(({ description }) => description)).toEqual(['go (isGood) -> c', 'go (not isGood) -> a']);
    expect(paths[0]?.steps).toMatchObject([
      { from: 'a', event: 'go', to: 'b', transient: false, taken: true, guards: {} },
      { from: 'b', event: 'always', to: 'c', transient: true, taken: true, guards: { isGood: true } },
    ]);
  });

  test('a guard without else is false too: then nothing happens', () => {
    const flow = flowOf({ a: { on: { go: { guard: 'isGood', target: 'b' } } }, b: { type: 'final' } });
    const { paths, coverage } = coverFlow(flow);
    expect(paths.map(({ description }) => description)).toEqual(['go (isGood) -> b', 'go (not isGood) -> a']);
    expect(paths[1]?.steps).toMatchObject([{ taken: false, guards: { isGood: false }, to: 'a' }]);
    expect(missed(coverage)).toEqual([]);
  });

  test('an `always` whose guard is false lets the state rest', () => {
    const flow = flowOf({
      a: { on: { go: { target: 'b' } } },
      b: { always: { guard: 'isOver', target: 'a' }, on: { end: { target: 'a' } } },
    });
    expect(descriptions(flow)).toEqual(['go (not isOver), end -> a', 'go (isOver) -> a']);
  });

  test('a guard is one claim: in one moment it does not say two things', () => {
    const flow = flowOf({
      a: {
        on: {
          go: [
            { guard: 'isGood', target: 'b' },
            { guard: 'isGood', target: 'c' },
          ],
        },
      },
      b: { on: { back: { target: 'a' } } },
      c: { on: { back: { target: 'a' } } },
    });
    const { coverage } = coverFlow(flow);
    expect(missed(coverage)).toEqual([
      'unreachable c: no way leads to it',
      'unreachable a + go [isGood] -> c: another way of a is taken first',
      'unreachable c + back -> a: no way leads to c',
    ]);
  });

  test('guards with parameters, and functions without a name, are not taken for one', () => {
    const machine = createMachine({
      initial: 'a',
      states: {
        a: {
          on: {
            go: [
              { guard: { type: 'isOver', params: { limit: 1 } }, target: 'b' },
              { guard: { type: 'isOver', params: { limit: 2 } }, target: 'c' },
              { guard: () => true, target: 'b' },
              { guard: () => true, target: 'c' },
            ],
          },
        },
        b: { type: 'final' },
        c: { type: 'final' },
      },
    } as never);
    expect(missed(coverFlow(machine).coverage)).toEqual([]);
    expect(coverFlow(machine).paths).toHaveLength(5);
  });

  test('what the whole flow answers is tried in every state that waits', () => {
    const flow = flowOf(
      {
        a: { on: { go: { target: 'b' } } },
        b: { always: { target: 'c' } },
        c: { on: { stop: { target: 'a' } } },
        z: { type: 'final' },
      },
      { on: { stop: { target: 'z' } } },
    );
    const { coverage } = coverFlow(flow);
    expect(coverage.transitions.map(({ name }) => name)).toEqual([
      'a + go -> b',
      'a + stop -> z',
      'b + always -> c',
      'c + stop -> a',
    ]);
  });

  test('a machine that can do nothing has one path, of no step', () => {
    const { paths, coverage } = coverFlow(flowOf({ a: { type: 'final' } }));
    expect(paths).toEqual([{ steps: [], description: 'it begins, and nothing can happen' }]);
    expect(missed(coverage)).toEqual([]);
  });

  test('a machine that does not come back is gone through in one', () => {
    const flow = flowOf({
      a: { on: { go: { target: 'b' } } },
      b: { on: { on: { target: 'c' }, in: {} } },
      c: { on: { back: { target: 'b' } } },
    });
    expect(descriptions(flow)).toHaveLength(1);
  });
});

describe('what cannot be done', () => {
  test('a state without a way to it, and an event where nothing waits', () => {
    const flow = flowOf({
      a: { always: { target: 'b' }, on: { go: { target: 'b' } } },
      b: { type: 'final' },
      lonely: { on: { go: { target: 'a' } } },
    });
    expect(missed(coverFlow(flow).coverage)).toEqual([
      'unreachable lonely: no way leads to it',
      'unreachable a + go -> b: a is left before an event can come',
      'unreachable lonely + go -> a: no way leads to lonely',
    ]);
  });

  test('a branch behind one that is always taken', () => {
    const flow = flowOf({ a: { on: { go: [{ target: 'b' }, { target: 'a' }] } }, b: { type: 'final' } });
    expect(missed(coverFlow(flow).coverage)).toEqual([
      'unreachable a + go [else] -> a: another way of a is taken first',
    ]);
  });

  test('what no path may do that is allowed, also where it would need a second round', () => {
    const flow = flowOf({
      a: { on: { go: { target: 'b' } } },
      b: { on: { back: { target: 'a' }, out: { target: 'c' } } },
      c: { type: 'final' },
    });
    const never = coverFlow(flow, { allows: (steps) => steps.at(-1)?.event !== 'out' });
    expect(missed(never.coverage)).toEqual([
      'unreachable c: `allows` refuses every path that would do it',
      'unreachable b + out -> c: `allows` refuses every path that would do it',
    ]);
    const third = coverFlow(flow, {
      allows: (steps) => {
        const rounds = Math.min(steps.filter(({ event }) => event === 'go').length, 3);
        return steps.at(-1)?.event === 'out' && rounds < 3 ? false : `${rounds} rounds`;
      },
    });
    expect(missed(third.coverage)).toEqual([]);
    expect(third.paths.map(({ description }) => description)).toContain('go, back, go, back, go, out -> c');
  });

  test('where there is too much to look at, nothing is called unreachable', () => {
    const flow = flowOf({ a: { on: { left: {}, right: {} } }, b: { type: 'final' } });
    const { coverage } = coverFlow(flow, { allows: (steps) => steps.map(({ event }) => event).join() });
    expect(missed(coverage)).toEqual(['unknown b: there are more places than were looked at']);
  });
});

describe('machines with more than a flow has', () => {
  test('nested states: the inner one answers first, and the end of all is a step of its own', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'out',
      states: {
        out: {
          initial: 'one',
          on: { next: { target: 'done' }, quit: { target: 'done' } },
          onDone: { target: 'done' },
          states: { one: { on: { next: { target: 'two' } } }, two: { type: 'final' } },
        },
        done: { on: { again: { target: 'out' } } },
      },
    } as never);
    const { paths, coverage } = coverFlow(machine);
    expect(missed(coverage)).toEqual(['unreachable out + next -> done: another way of out is taken first']);
    expect(paths.map(({ description }) => description)).toEqual([
      'next, again -> out.one',
      'quit, again -> out.one',
    ]);
    expect(paths[0]?.steps[1]).toMatchObject({
      from: 'out.two',
      event: 'xstate.done.state.m.out',
      transient: true,
    });
  });

  test('invoked actors and timers are events like others', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: { invoke: { id: 'ask', src: 'ask', onDone: { target: 'b' }, onError: { target: 'b' } } },
        b: { after: { 1000: { target: 'a' } } },
      },
    } as never);
    expect(descriptions(machine)).toEqual([
      'xstate.done.actor.ask, xstate.after.1000.m.b -> a',
      'xstate.error.actor.ask, xstate.after.1000.m.b -> a',
    ]);
  });
});

test('what is no flow and no machine, or a flow that cannot be read, is named', () => {
  expect(() => coverFlow({} as never)).toThrow(
    expect.objectContaining({
      code: 'OPTION_INVALID',
      message: 'expected a flow or an XState machine, got object',
    }),
  );
  const misspelt = flowOf({ a: { on: { go: { target: 'bee' } } }, b: {} });
  expect(() => coverFlow(misspelt)).toThrow(expect.objectContaining({ code: 'FLOW_INVALID' }));
});

// What is said of paths that were run and of transitions that were recorded.
import { describe, expect, test } from 'vitest';
import { jobFlow, workerMachine } from '../../../machines/index.js';
import type { Flow } from '../../../src/statechart/flow.js';
import {
  type Coverage,
  coverage,
  coverageJson,
  coverageText,
  coverFlow,
  mergeCoverage,
} from '../../../src/testing/cover/index.js';

const flow: Flow = {
  kind: 'flow',
  id: 'door',
  initial: 'shut',
  states: {
    shut: {
      description: 'shut',
      on: { push: [{ guard: 'isStuck', target: 'stuck' }, { target: 'open' }], knock: {} },
    },
    stuck: { description: 'stuck', on: { kick: { guard: 'isStrong', target: 'open' } } },
    open: {
      description: 'open',
      always: { guard: 'isWindy', target: 'shut' },
      on: { pull: { target: 'shut' }, slam: { target: 'shut' } },
    },
    walled: { description: 'walled' },
  },
};

const statusOf = ({ states, transitions, pairs, guards }: Coverage, name: string) =>
  [states, transitions, pairs, guards].flat().find((item) => item.name === name)?.status;
const lane = (...all: readonly (readonly [from: string, event: string, to: string])[]) =>
  all.map(([from, event, to]) => ({ from, event, to }));

describe('paths', () => {
  test('cover their states, transitions, pairs and what their guards said', () => {
    const { paths } = coverFlow(flow);
    const first = paths.filter(({ steps }) => steps.some(({ event }) => event === 'pull'));
    const found = coverage(flow, first);
    expect(statusOf(found, 'open + pull -> shut')).toBe('covered');
    expect(statusOf(found, 'open + slam -> shut')).toBe('uncovered');
    expect(statusOf(found, 'walled')).toBe('unreachable');
    expect(statusOf(found, 'open + always, not isWindy')).toBe('covered');
  });

  test('a reason says how what is left can be done', () => {
    const { transitions } = coverage(flow, []);
    expect(transitions.find(({ name }) => name === 'stuck + kick [isStrong] -> open')).toEqual({
      name: 'stuck + kick [isStrong] -> open',
      status: 'uncovered',
      reason: 'as by push, kick',
    });
  });

  test('of another flow they are no steps of this one', () => {
    const found = coverage(flow, coverFlow(jobFlow).paths);
    expect(found.unexplained).toContain('verified + cancel -> failed');
  });
});

describe('records', () => {
  test('tell which branch was taken, and so what its guards said', () => {
    const found = coverage(flow, lane(['shut', 'push', 'open'], ['open', 'pull', 'shut']));
    expect(statusOf(found, 'shut + push, not isStuck')).toBe('covered');
    expect(statusOf(found, 'shut + push, isStuck')).toBe('uncovered');
    expect(statusOf(found, 'shut + push [else] -> open, then open + pull -> shut')).toBe('covered');
  });

  test('of a state that waited tell that its `always` was not to be', () => {
    const found = coverage(flow, lane(['shut', 'push', 'open'], ['open', 'pull', 'shut']));
    expect(statusOf(found, 'open + always, not isWindy')).toBe('covered');
    const gone = coverage(flow, lane(['shut', 'push', 'open'], ['open', 'push', 'shut']));
    expect(statusOf(gone, 'open + always, isWindy')).toBe('covered');
    expect(statusOf(gone, 'open + always, not isWindy')).toBe('uncovered');
  });

  test('do not show what leaves and enters nothing: it is unknown', () => {
    const found = coverage(flow, lane(['shut', 'push', 'stuck']));
    const hidden = 'no state is left or entered then, so that records do not show it';
    expect(found.transitions.find(({ name }) => name === 'shut + knock stays')).toEqual({
      name: 'shut + knock stays',
      status: 'unknown',
      reason: hidden,
    });
    expect(statusOf(found, 'stuck + kick, not isStrong')).toBe('unknown');
    expect(statusOf(found, 'stuck + kick, isStrong')).toBe('uncovered');
  });

  test('do not tell two ways apart that lead from the same to the same', () => {
    const states = {
      ...flow.states,
      shut: {
        description: 'shut',
        on: {
          push: [{ guard: 'isStuck', target: 'open', actions: 'creak' }, { target: 'open' }],
        },
      },
    };
    const found = coverage({ ...flow, states } as Flow, lane(['shut', 'push', 'open']));
    expect(statusOf(found, 'shut + push [isStuck] -> open')).toBe('unknown');
    expect(statusOf(found, 'shut + push, isStuck')).toBe('unknown');
    expect(statusOf(found, 'open')).toBe('covered');
  });

  test('of several lanes do not follow one another', () => {
    const [first, second] = lane(['shut', 'push', 'open'], ['open', 'pull', 'shut']);
    const two = [
      { ...first, lane: 0 },
      { ...second, lane: 1 },
    ] as never;
    expect(statusOf(coverage(flow, two), 'shut + push [else] -> open, then open + pull -> shut')).toBe(
      'uncovered',
    );
  });

  test('that the machine cannot make are told', () => {
    expect(coverage(flow, lane(['shut', 'pull', 'walled'])).unexplained).toEqual(['shut + pull -> walled']);
  });

  test('of nested states are told one inside the other, or as one', () => {
    const steps = [
      ['initializing', 'start', 'connecting'],
      ['connecting', 'xstate.done.actor.0.worker.connecting', 'consuming'],
    ] as const;
    const done = 'xstate.done.actor.0.worker.consuming';
    const whole = lane(...steps, ['consuming', done, 'listening.flowing']);
    const parts = lane(...steps, ['consuming', done, 'listening'], ['listening', done, 'listening.flowing']);
    expect(coverage(workerMachine, whole).unexplained).toEqual([]);
    expect(coverage(workerMachine, parts)).toEqual(coverage(workerMachine, whole));
  });
});

describe('a coverage', () => {
  test('is a small table, with what is not covered below', () => {
    const text = coverageText(coverage(flow, lane(['shut', 'push', 'open'], ['open', 'pull', 'shut'])));
    expect(text.split('\n').slice(0, 8)).toEqual([
      'door              covered  uncovered  unreachable  unknown',
      'states                  2          1            1        0',
      'transitions             2          4            0        1',
      'transition pairs        1         18            0        0',
      'guard outcomes          2          4            0        0',
      '',
      'uncovered states',
      '  stuck: as by push',
    ]);
  });

  test('is JSON with a version', () => {
    const given = coverage(flow, []);
    expect(JSON.parse(coverageJson(given))).toEqual({ version: 1, ...given });
  });

  test('of several runs is the best of each', () => {
    const one = coverage(flow, lane(['shut', 'push', 'open']));
    const other = coverage(flow, lane(['shut', 'push', 'stuck']));
    const both = mergeCoverage([one, other]);
    expect(statusOf(both, 'open')).toBe('covered');
    expect(statusOf(both, 'stuck')).toBe('covered');
    expect(statusOf(both, 'walled')).toBe('unreachable');
    expect(statusOf(both, 'shut + knock stays')).toBe('unknown');
    expect(mergeCoverage([one, one])).toEqual(one);
  });

  test('of another flow, or none, cannot be merged', () => {
    const one = coverage(flow, []);
    const message = 'expected coverages of one flow or machine, got door, job';
    expect(() => mergeCoverage([one, coverage(jobFlow, [])])).toThrow(message);
    expect(() => mergeCoverage([])).toThrow('got none');
  });
});

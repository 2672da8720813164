// The worker's machine as a function: XState's pure transitions, no actor, no runtime.
import { describe, expect, test } from 'vitest';
import {
  type AnyMachineSnapshot,
  getMicrosteps,
  initialTransition,
  type StateValue,
  transition,
} from 'xstate';
import { type WorkerContext, workerMachine } from '../../machines/worker.js';
import { machineGraph } from '../../src/statechart/index.js';

const graph = machineGraph(workerMachine);

interface Given extends Partial<WorkerContext> {
  readonly isTooLate?: boolean;
  readonly hasFreeLane?: boolean;
  readonly isBlocked?: boolean;
  readonly isDisconnected?: boolean;
}

const gone = new Error('gone');
const passing = Object.assign(new Error('not now'), { retry: true });
const unreadable = Object.assign(new Error('what is this'), { retry: true, code: 'FRAME_UNREADABLE' });
const errors: Readonly<Record<string, Error>> = { passing, unreadable };

/** `listening.full` -> `{ listening: 'full' }`. */
const stateValue = (state: string): StateValue => {
  const [outer = '', inner] = state.split('.');
  return inner === undefined ? outer : { [outer]: inner };
};
const nameOf = (value: StateValue): string =>
  typeof value === 'string' ? value : Object.entries(value).flat().join('.');

function machineWhere(given: Given) {
  const { isTooLate = false, hasFreeLane = false, isBlocked = false, isDisconnected = false } = given;
  return workerMachine.provide({
    guards: {
      isTooLate: () => isTooLate,
      hasFreeLane: () => hasFreeLane,
      isBlocked: () => isBlocked,
      isDisconnected: () => isDisconnected,
    },
  });
}

function at(state: string, given: Given = {}): AnyMachineSnapshot {
  const { topology = 'check', attempt = 0, hasListened = false, unreadableCount = 0, error = null } = given;
  const context = { topology, attempt, hasListened, unreadableCount, error };
  return machineWhere(given).resolveState({ value: stateValue(state), context });
}

/** `done`, `error` and `after` are those of the state. */
function eventOf(state: string, name: string) {
  if (name === 'after') return { type: `xstate.after.backoff.worker.${state}` };
  if (name === 'done') return { type: `xstate.done.actor.0.worker.${state}` };
  const [kind, what] = name.split(' ');
  const type = kind === 'error' ? `xstate.error.actor.0.worker.${state}` : kind;
  return { type, error: errors[what ?? ''] ?? gone };
}

function next(state: string, name: string, given: Given = {}): AnyMachineSnapshot {
  const steps = getMicrosteps(machineWhere(given), at(state, given) as never, eventOf(state, name) as never);
  return steps.at(-1)?.[0] ?? at(state, given);
}

const routes: readonly (readonly [state: string, event: string, to: string, given?: Given])[] = [
  ['initializing', 'start', 'connecting'],
  ['initializing', 'stop', 'stopped'],
  ['connecting', 'done', 'declaring', { topology: 'declare' }],
  ['connecting', 'done', 'checking', { topology: 'check' }],
  ['connecting', 'done', 'consuming', { topology: 'none' }],
  ['connecting', 'error passing', 'reconnecting'],
  ['connecting', 'error passing', 'faulted', { isTooLate: true }],
  ['connecting', 'error final', 'faulted'],
  ['connecting', 'error final', 'reconnecting', { hasListened: true }],
  ['connecting', 'error unreadable', 'faulted', { unreadableCount: 2 }],
  ['checking', 'done', 'consuming'],
  ['checking', 'broker.deaf', 'reconnecting'],
  ['checking', 'error unreadable', 'faulted', { unreadableCount: 2 }],
  ['checking', 'connection.lost unreadable', 'faulted', { unreadableCount: 2 }],
  ['checking', 'error passing', 'reconnecting'],
  ['checking', 'error passing', 'faulted', { isTooLate: true }],
  ['checking', 'error final', 'faulted'],
  ['checking', 'error final', 'reconnecting', { hasListened: true }],
  ['checking', 'connection.lost', 'reconnecting', { hasListened: true }],
  ['checking', 'connection.lost passing', 'reconnecting'],
  ['checking', 'connection.lost passing', 'faulted', { isTooLate: true }],
  ['checking', 'connection.lost', 'faulted'],
  ['declaring', 'done', 'consuming'],
  ['declaring', 'broker.deaf', 'reconnecting'],
  ['declaring', 'error unreadable', 'faulted', { unreadableCount: 2 }],
  ['declaring', 'connection.lost unreadable', 'faulted', { unreadableCount: 2 }],
  ['declaring', 'error passing', 'reconnecting'],
  ['declaring', 'error passing', 'faulted', { isTooLate: true }],
  ['declaring', 'error final', 'faulted'],
  ['declaring', 'error final', 'reconnecting', { hasListened: true }],
  ['declaring', 'connection.lost', 'reconnecting', { hasListened: true }],
  ['declaring', 'connection.lost passing', 'reconnecting'],
  ['declaring', 'connection.lost passing', 'faulted', { isTooLate: true }],
  ['declaring', 'connection.lost', 'faulted'],
  ['consuming', 'done', 'listening.flowing'],
  ['consuming', 'broker.deaf', 'reconnecting'],
  ['consuming', 'error unreadable', 'faulted', { unreadableCount: 2 }],
  ['consuming', 'connection.lost unreadable', 'faulted', { unreadableCount: 2 }],
  ['consuming', 'done', 'listening.blocked', { isBlocked: true }],
  ['consuming', 'error passing', 'reconnecting'],
  ['consuming', 'error passing', 'faulted', { isTooLate: true }],
  ['consuming', 'error final', 'faulted'],
  ['consuming', 'error final', 'reconnecting', { hasListened: true }],
  ['consuming', 'connection.lost', 'reconnecting', { hasListened: true }],
  ['consuming', 'connection.lost passing', 'reconnecting'],
  ['consuming', 'connection.lost passing', 'faulted', { isTooLate: true }],
  ['consuming', 'connection.lost', 'faulted'],
  ['listening.flowing', 'lanes.filled', 'listening.pausing'],
  ['listening.flowing', 'connection.blocked', 'listening.blocked'],
  ['listening.pausing', 'done', 'listening.full'],
  ['listening.pausing', 'done', 'listening.resuming', { hasFreeLane: true }],
  ['listening.pausing', 'error final', 'reconnecting'],
  ['listening.full', 'lane.freed', 'listening.resuming'],
  ['listening.resuming', 'done', 'listening.flowing'],
  ['listening.resuming', 'done', 'listening.blocked', { isBlocked: true }],
  ['listening.resuming', 'error final', 'reconnecting'],
  ['listening.blocked', 'connection.unblocked', 'listening.flowing'],
  ['reconnecting', 'after', 'connecting'],
  ['listening.flowing', 'stop', 'draining.reconnecting', { isDisconnected: true }],
  ['draining', 'done', 'stopped'],
  ['draining', 'error final', 'stopped'],
  ['draining.connected', 'connection.lost', 'draining.reconnecting'],
  ['draining.connected', 'broker.deaf', 'draining.reconnecting'],
  ['draining.reconnecting', 'after', 'draining.connecting'],
  ['draining.connecting', 'done', 'draining.connected'],
  ['draining.connecting', 'error final', 'draining.reconnecting'],
];

const lossesOfListening = ['connection.lost', 'consumer.cancelled', 'broker.deaf'];
const leaves = graph.nodes
  .filter(({ type, parent }) => parent !== null && type !== 'compound')
  .map(({ id }) => id.slice('worker.'.length));

describe("the worker's machine as a function", () => {
  test('begins in initializing, and asks nothing of the broker', () => {
    const [snapshot, actions] = initialTransition(workerMachine, { topology: 'check' });
    expect(snapshot.value).toBe('initializing');
    expect(actions).toEqual([]);
  });

  for (const [state, event, to, given] of routes) {
    const [where] = Object.entries(given ?? {}).map(([key, value]) => ` (${key}: ${value})`);
    test(`${state} + ${event}${where ?? ''} -> ${to}`, () => {
      expect(nameOf(next(state, event, given).value)).toBe(to);
    });
  }

  const listening = leaves.filter((state) => state.startsWith('listening.'));
  test.each(listening.flatMap((state) => lossesOfListening.map((event) => [state, event])))(
    '%s + %s -> reconnecting',
    (state = '', event = '') => {
      expect(nameOf(next(state, event).value)).toBe('reconnecting');
    },
  );

  const settled = leaves.filter((state) => /^(draining|faulted)/.test(state));
  const others = leaves.filter((state) => !['initializing', 'stopped', ...settled].includes(state));
  test.each(others)('I6 %s + stop -> draining', (state) => {
    expect(nameOf(next(state, 'stop').value)).toBe('draining.connected');
  });

  test.each(settled)('I6 %s + stop: nothing begins anew', (state) => {
    const before = at(state);
    const [after, actions] = transition(workerMachine, before as never, { type: 'stop' });
    expect(nameOf(after.value)).toBe(state);
    expect(actions).toEqual([]);
  });

  test('the tables above have every transition of the machine', () => {
    const taken = new Set(
      routes.map(([state, event, to]) => `${state} ${event.split(' ')[0]} ${to.replace('.flowing', '')}`),
    );
    const drawn = graph.edges
      .filter(
        ({ source, targetless, event }) =>
          source !== 'worker' && !targetless && !isOfListening(source, event) && event !== '',
      )
      .map(({ source, event, target }) => {
        const [from, to] = [source, target].map((id) => id.slice('worker.'.length));
        return `${from} ${event.replace(/^xstate\.(\w+)\..*/, '$1')} ${to?.replace('.flowing', '')}`;
      });
    expect(drawn.filter((edge) => !taken.has(edge))).toEqual([]);
  });
});

/** Those are held for each of its inner states. */
const isOfListening = (source: string, event: string) =>
  source === 'worker.listening' && lossesOfListening.includes(event);

describe('what the worker knows', () => {
  test('an error is kept until it listens again', () => {
    const lost = next('listening.flowing', 'connection.lost', { hasListened: true });
    expect(lost.context).toMatchObject({ error: gone, attempt: 1 });
    const back = next('consuming', 'done', { error: gone, attempt: 3 });
    expect(back.context).toMatchObject({ error: null, attempt: 0, hasListened: true });
  });

  test('what cannot be read ends it the third time in a row, not when other losses lie between', () => {
    const first = next('listening.flowing', 'connection.lost unreadable', { hasListened: true });
    expect([first.value, first.context.unreadableCount]).toEqual(['reconnecting', 1]);
    const known = { hasListened: true, unreadableCount: 2 };
    expect(next('listening.flowing', 'connection.lost', known).context.unreadableCount).toBe(0);
    const third = next('listening.flowing', 'connection.lost unreadable', known);
    expect([third.value, third.context.error]).toEqual(['faulted', unreadable]);
  });

  test('every attempt is counted', () => {
    expect(next('connecting', 'error passing', { attempt: 4 }).context).toMatchObject({ attempt: 5 });
  });

  test('only a consumer on a connection that is read makes it ready; stopped and faulted are ended', () => {
    const tagged = (tag: string) => leaves.filter((state) => at(state).hasTag(tag));
    expect(tagged('ready')).toEqual(['listening.flowing']);
    expect(tagged('ended')).toEqual(['stopped', 'faulted']);
  });
});

describe("the worker's machine as a drawing", () => {
  test('has 18 states, 2 levels deep, each described in a sentence', () => {
    expect(graph.nodes).toHaveLength(1 + 18);
    for (const { id, parent, description } of graph.nodes) {
      if (parent !== null) expect(description, id).toMatch(/^[A-Z].{10,}\.$/);
    }
  });

  test('waits for its own actor or for time, for a fact of bus and lanes, or has ended', () => {
    const external = [
      'initializing',
      'listening.flowing',
      'listening.full',
      'listening.blocked',
      'draining.connected',
      'stopped',
      'faulted',
    ];
    const bounded = leaves.filter((state) => {
      const edges = graph.edges.filter(({ source }) => source === `worker.${state}`);
      return edges.some(({ event }) => /^xstate\.(done|after)\./.test(event));
    });
    expect([...bounded, ...external].sort()).toEqual([...leaves].sort());
  });
});

// The job's flow as a function: XState's pure transitions, no actor, no runtime.
import { describe, expect, test } from 'vitest';
import { getMicrosteps, initialTransition, transition } from 'xstate';
import { type JobContext, type JobEvent, type JobState, jobFlow } from '../../machines/index.js';
import { machineGraph } from '../../src/statechart/index.js';
import { defectOf, ways } from './flow-walk.js';
import { type At, at, delivery, invalid, machine, machineThat } from './job-at.js';

const graph = machineGraph(machine);

/** States that are passed, joined by arrows; '' when nothing happens. */
function routeOf(from: At, event: JobEvent, through = machine): string {
  const steps = getMicrosteps(through, at(from, through), event).map(([snapshot]) => String(snapshot.value));
  return steps.join(' -> ');
}

const event = (type: JobEvent['type']): JobEvent =>
  type === 'delivery.received' ? { type, delivery } : ({ type } as JobEvent);

const resting = Object.entries(jobFlow.states).flatMap(([state, { always }]) =>
  always === undefined ? [state as JobState] : [],
);
const completed: Partial<JobContext> = { outcome: { status: 'completed' } };
const failed: Partial<JobContext> = { outcome: { status: 'failed' } };
const refused: Partial<JobContext> = { parsed: invalid, outcome: { status: 'failed' } };

const routes: readonly (readonly [at: At, type: JobEvent['type'], route: string])[] = [
  [{ state: 'listening' }, 'delivery.received', 'received -> acknowledged -> parsing -> verified'],
  [{ state: 'verified' }, 'reply.confirmed', 'doingTheNeedful'],
  [{ state: 'verified' }, 'reply.undeliverable', 'unanswered -> listening'],
  [{ state: 'verified' }, 'reply.lost', 'replyUnknown'],
  [{ state: 'verified' }, 'deadline.passed', 'replyUnknown'],
  [{ state: 'verified' }, 'delivery.lost', 'lost -> listening'],
  [{ state: 'verified' }, 'cancel', 'failed'],
  [{ state: 'invalid', context: refused }, 'reply.confirmed', 'listening'],
  [{ state: 'invalid', context: refused }, 'reply.undeliverable', 'unanswered -> listening'],
  [{ state: 'invalid', context: refused }, 'reply.lost', 'replyUnknown'],
  [{ state: 'invalid', context: refused }, 'deadline.passed', 'replyUnknown'],
  [{ state: 'invalid', context: refused }, 'delivery.lost', 'lost -> listening'],
  [{ state: 'doingTheNeedful' }, 'step.completed', 'completed'],
  [{ state: 'doingTheNeedful' }, 'step.failed', 'failed'],
  [{ state: 'doingTheNeedful' }, 'deadline.passed', 'failed'],
  [{ state: 'doingTheNeedful' }, 'cancel', 'failed'],
  [{ state: 'completed', context: completed }, 'reply.confirmed', 'listening'],
  [{ state: 'completed', context: completed }, 'reply.undeliverable', 'unanswered -> listening'],
  [{ state: 'completed', context: completed }, 'reply.lost', 'replyUnknown'],
  [{ state: 'completed', context: completed }, 'deadline.passed', 'replyUnknown'],
  [{ state: 'failed', context: failed }, 'reply.confirmed', 'listening'],
  [{ state: 'failed', context: failed }, 'reply.undeliverable', 'unanswered -> listening'],
  [{ state: 'failed', context: failed }, 'reply.lost', 'replyUnknown'],
  [{ state: 'failed', context: failed }, 'deadline.passed', 'replyUnknown'],
  [{ state: 'replyUnknown', context: refused }, 'connection.opened', 'invalid'],
  [{ state: 'replyUnknown', context: completed }, 'connection.opened', 'completed'],
  [{ state: 'replyUnknown', context: failed }, 'connection.opened', 'failed'],
  [{ state: 'replyUnknown', context: failed }, 'deadline.passed', 'unanswered -> listening'],
  [{ state: 'replyUnknown', context: failed }, 'cancel', 'unanswered -> listening'],
];

describe('the job flow as a function', () => {
  test('begins in listening with no job', () => {
    const [snapshot] = initialTransition(machine);
    expect(snapshot.value).toBe('listening');
    expect(snapshot.context).toEqual({ delivery: null, parsed: null, outcome: null });
  });

  for (const [from, type, route] of routes) {
    const job = from.context === refused ? ' (a job that is refused)' : '';
    const outcome = from.context?.outcome && job === '' ? ` (${from.context.outcome.status})` : '';
    test(`${from.state} + ${type}${job || outcome} -> ${route}`, () => {
      expect(routeOf(from, event(type))).toBe(route);
    });
  }

  test('listening + delivery.received (a job that is refused) -> received -> acknowledged -> parsing -> invalid', () => {
    const route = routeOf({ state: 'listening' }, event('delivery.received'), machineThat(invalid));
    expect(route).toBe('received -> acknowledged -> parsing -> invalid');
  });

  for (const state of resting.filter((name) => name !== 'stopped')) {
    test(`${state} + stop -> stopped`, () => {
      expect(routeOf({ state }, { type: 'stop' })).toBe('stopped');
    });

    test(`${state} keeps still for every other event`, () => {
      const answered = new Set(routes.filter(([from]) => from.state === state).map(([, type]) => type));
      const others = allEvents.filter((type) => type !== 'stop' && !answered.has(type));
      const snapshot = at({ state });
      for (const type of others) expect(transition(machine, snapshot, event(type))[0], type).toBe(snapshot);
    });
  }

  test('the table above has every transition of the machine', () => {
    const answered = graph.edges.filter(({ source, event }) => source !== 'job' && event !== '');
    expect(routes).toHaveLength(answered.length);
    expect(new Set(routes.map(([from, type]) => `${from.state} ${type}`))).toEqual(
      new Set(answered.map(({ source, event }) => `${source.slice('job.'.length)} ${event}`)),
    );
  });
});

const allEvents = [...new Set(graph.edges.map(({ event }) => event))].filter(
  (type): type is JobEvent['type'] => type !== '',
);

describe('the job flow as a drawing', () => {
  test('has 13 states and 35 transitions, and stop from all of them', () => {
    expect(graph.nodes).toHaveLength(1 + 13);
    expect(graph.edges.filter(({ source }) => source !== 'job')).toHaveLength(35);
    expect(graph.edges.filter(({ source }) => source === 'job')).toMatchObject([
      { event: 'stop', target: 'job.stopped' },
    ]);
  });

  test('describes every state in a sentence', () => {
    for (const [state, { description }] of Object.entries(jobFlow.states)) {
      expect(description, state).toMatch(/^[A-Z`].{10,}\.$/);
    }
  });

  test('bounds every wait by a deadline that is answered, or calls the state idle', () => {
    for (const state of resting) {
      const { type, tags = [], deadline, on } = jobFlow.states[state];
      if (type === 'final') continue;
      expect(tags.includes('idle') || deadline !== undefined, state).toBe(true);
      if (deadline !== undefined) expect(on, state).toHaveProperty(['deadline.passed']);
    }
    expect(jobFlow.states.listening.tags).toEqual(['idle']);
  });

  test('leads every job from received to listening over one final reply, unanswered or lost', () => {
    const all = ways(graph, { from: 'received', to: 'listening' });
    expect(all.length).toBeGreaterThan(20);
    expect(all.map((way) => [defectOf(way), way.join(' -> ')]).filter(([defect]) => defect)).toEqual([]);
  });

  test('is walked so that a second final reply and a missing one are found', () => {
    const edge = (source: string, target: string) => ({
      id: '',
      source: `job.${source}`,
      target: `job.${target}`,
      event: 'x',
      guard: undefined,
      actions: [],
      targetless: false,
    });
    const spoiled = (source: string, target: string) =>
      ways({ ...graph, edges: [...graph.edges, edge(source, target)] }, { from: 'received', to: 'listening' })
        .map(defectOf)
        .filter((defect) => defect !== null);
    expect(spoiled('completed', 'failed')).toContain('sends a second final reply');
    expect(spoiled('doingTheNeedful', 'listening')).toContain('ends without a final reply');
  });
});

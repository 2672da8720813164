// The job's flow as a function, one drawing a policy: XState's pure transitions, no actor, no runtime.
import { describe, expect, test } from 'vitest';
import { getMicrosteps, initialTransition, transition } from 'xstate';
import {
  type Acknowledge,
  createJobFlow,
  type JobContext,
  type JobEvent,
  type JobPolicy,
  type JobState,
} from '../../machines/index.js';
import type { AnyState } from '../../src/statechart/flow.js';
import { flowDefects, machineGraph } from '../../src/statechart/index.js';
import { defectOf, ways } from './flow-walk.js';
import { type At, at, delivery, invalid, machineThat, valid } from './job-at.js';

const calm = { retryCount: 0, refusalCount: 0, settled: false, lost: false, doubtful: false };
const completed: Partial<JobContext> = { outcome: { status: 'completed' } };
const failed: Partial<JobContext> = { outcome: { status: 'failed' } };
const refused: Partial<JobContext> = { parsed: invalid, outcome: { status: 'failed' } };
const tired: Partial<JobContext> = { history: { ...calm, retryCount: 2 } };
const refusedOften = { history: { ...calm, refusalCount: 7 } };
const acked = { history: { ...calm, settled: true } };
const lost = { history: { ...calm, lost: true } };

const key = (id: string) => id.slice('job.'.length);
const nameOf = ([{ state, context = {} }, type]: Route) => {
  const { outcome, parsed, history } = context;
  const about = [parsed === invalid ? 'refused' : outcome?.status, history && JSON.stringify(history)];
  return `${state} + ${type} (${about.filter(Boolean).join(' ')})`;
};

type Route = readonly [at: At, type: JobEvent['type'], route: string];
const on = (state: JobState<Acknowledge>, context: Partial<JobContext>, answers: Record<string, string>) =>
  Object.entries(answers).map(
    ([type, route]): Route => [{ state, context }, type as JobEvent['type'], route],
  );

interface Drawing {
  readonly policy: JobPolicy;
  readonly states: number;
  readonly transitions: number;
  readonly routes: readonly Route[];
}

/** What is the same whatever the policy. */
const common: readonly Route[] = [
  ...on(
    'verified',
    {},
    {
      'reply.confirmed': 'doingTheNeedful',
      'reply.undeliverable': 'unanswered -> deadLettering',
      'reply.refused': 'unanswered -> deadLettering',
      'reply.lost': 'replyUnknown',
      'deadline.passed': 'replyUnknown',
      'delivery.lost': 'lost -> listening',
      cancel: 'failed',
    },
  ),
  ...on('invalid', refused, {
    'reply.confirmed': 'deadLettering',
    'reply.undeliverable': 'unanswered -> deadLettering',
    'reply.refused': 'replyRefused',
    'delivery.lost': 'lost -> listening',
  }),
  ...on('invalid', { ...refused, ...refusedOften }, { 'reply.refused': 'unanswered -> deadLettering' }),
  ...on(
    'doingTheNeedful',
    {},
    {
      'step.completed': 'completed',
      'step.failed': 'retrying',
      'deadline.passed': 'retrying',
      cancel: 'failed',
    },
  ),
  ...on('doingTheNeedful', tired, { 'step.failed': 'failed', 'deadline.passed': 'failed' }),
  ...on('retrying', {}, { 'deadline.passed': 'doingTheNeedful', cancel: 'failed' }),
  ...[completed, failed].flatMap((context) => {
    const state = context === completed ? 'completed' : 'failed';
    return [
      ...on(state, context, {
        'reply.undeliverable': 'unanswered -> deadLettering',
        'reply.refused': 'replyRefused',
      }),
      ...on(state, { ...context, ...refusedOften }, { 'reply.refused': 'unanswered -> deadLettering' }),
    ];
  }),
  ...on('replyUnknown', refused, { 'connection.opened': 'invalid' }),
  ...on('replyUnknown', completed, { 'connection.opened': 'completed' }),
  ...on('replyUnknown', failed, {
    'connection.opened': 'failed',
    'deadline.passed': 'unanswered -> deadLettering',
    cancel: 'unanswered -> deadLettering',
  }),
  ...on('replyRefused', refused, { 'deadline.passed': 'invalid' }),
  ...on('replyRefused', completed, { 'deadline.passed': 'completed' }),
  ...on('replyRefused', failed, { 'deadline.passed': 'failed', cancel: 'unanswered -> deadLettering' }),
  ...on('deadLettering', failed, { 'connection.opened': 'deadLettering' }),
];
const doubts = ([state, context]: readonly [JobState, Partial<JobContext>], route: string) =>
  on(state, context, { 'reply.lost': route, 'deadline.passed': route });
const finals = [
  ['invalid', refused],
  ['completed', completed],
  ['failed', failed],
] as const;
const resends = finals.flatMap((final) => doubts(final, 'replyUnknown'));
const buried = (context: Partial<JobContext>, route: string) =>
  on('deadLettering', context, { 'letter.sent': route, 'letter.failed': route, 'deadline.passed': route });
const redelivered = (...states: JobState[]) =>
  states.flatMap((state) => on(state, failed, { 'delivery.lost': 'lost -> listening' }));
const confirmed = (route: string) =>
  [completed, failed].flatMap((context) =>
    on(context === completed ? 'completed' : 'failed', context, { 'reply.confirmed': route }),
  );
const received = (route: string) => on('listening', {}, { 'delivery.received': route });
const waitingForChannel = redelivered('replyUnknown', 'replyRefused', 'deadLettering');

const settled = [
  ...received('received -> parsing -> verified'),
  ...confirmed('acknowledged -> listening'),
  ...buried(failed, 'rejected -> listening'),
  ...waitingForChannel,
  ...redelivered('retrying', 'completed', 'failed'),
  ...resends,
];
const drawings: readonly Drawing[] = [
  {
    policy: {},
    states: 16,
    transitions: 54,
    routes: [
      ...received('received -> acknowledged -> parsing -> verified'),
      ...confirmed('listening'),
      ...buried(failed, 'listening'),
      ...resends,
    ],
  },
  {
    policy: { acknowledge: 'verified' },
    states: 17,
    transitions: 61,
    routes: [
      ...received('received -> parsing -> acknowledged -> verified'),
      ...confirmed('listening'),
      ...buried({ ...failed, ...acked }, 'listening'),
      ...buried(refused, 'rejected -> listening'),
      ...waitingForChannel,
      ...resends,
    ],
  },
  {
    policy: { acknowledge: 'settled' },
    states: 17,
    transitions: 62,
    routes: [...settled, ...redelivered('doingTheNeedful')],
  },
  {
    policy: { acknowledge: 'settled', deliveryLost: 'finish' },
    states: 17,
    transitions: 66,
    routes: [
      ...settled,
      ...on('doingTheNeedful', {}, { 'delivery.lost': 'doingTheNeedful' }),
      ...on('doingTheNeedful', lost, {
        'step.completed': 'lost -> listening',
        'step.failed': 'lost -> listening',
        'deadline.passed': 'lost -> listening',
        cancel: 'lost -> listening',
      }),
    ],
  },
  {
    policy: { unknownReply: 'giveUp' },
    states: 16,
    transitions: 55,
    routes: [
      ...received('received -> acknowledged -> parsing -> verified'),
      ...confirmed('listening'),
      ...buried(failed, 'listening'),
      ...finals.flatMap((final) => doubts(final, 'replyUnknown -> unanswered -> deadLettering')),
    ],
  },
];

describe.each(drawings)('the job flow of $policy', ({ policy, states, transitions, routes: own }) => {
  const flow = createJobFlow(policy);
  const machine = machineThat(valid, policy);
  const graph = machineGraph(machine);
  const routes = [...common, ...own];
  const drawn = Object.entries<AnyState>(flow.states) as [JobState<Acknowledge>, AnyState][];
  const resting = drawn.filter(([, { always, type }]) => always === undefined || type === 'final');
  const allEvents = [...new Set(graph.edges.map(({ event }) => event))].filter(Boolean) as JobEvent['type'][];
  const event = (type: JobEvent['type']): JobEvent =>
    type === 'delivery.received' ? { type, delivery } : ({ type } as JobEvent);
  /** States that are passed, joined by arrows; the state itself where it is kept. */
  const routeOf = (from: At, type: JobEvent['type'], through = machine) => {
    const steps = getMicrosteps(through, at(from, through), event(type));
    return steps.map(([snapshot]) => String(snapshot.value)).join(' -> ');
  };

  test('begins in listening with no job', () => {
    const [snapshot] = initialTransition(machine);
    expect(snapshot.value).toBe('listening');
    expect(snapshot.context).toEqual({ delivery: null, parsed: null, outcome: null, history: null });
  });

  test.each(routes.map((route) => [`${nameOf(route)} -> ${route[2]}`, route] as const))(
    '%s',
    (_, [from, type, route]) => {
      expect(routeOf(from, type)).toBe(route);
    },
  );

  test('a job that is refused is parsed, and is invalid', () => {
    const route = routeOf({ state: 'listening' }, 'delivery.received', machineThat(invalid, policy));
    expect(route).toMatch(/parsing -> invalid$/);
  });

  test.each(resting.filter(([state]) => state !== 'stopped'))('I6 %s + stop -> stopped', (state) => {
    expect(routeOf({ state }, 'stop')).toBe('stopped');
  });

  test('keeps still for every other event', () => {
    for (const [state] of resting) {
      const answered = new Set(routes.filter(([from]) => from.state === state).map(([, type]) => type));
      if (state === 'stopped') continue;
      answered.add('stop');
      const snapshot = at({ state }, machine);
      for (const type of allEvents.filter((name) => !answered.has(name)))
        expect(transition(machine, snapshot, event(type))[0], `${state} ${type}`).toBe(snapshot);
    }
  });

  test('the table has every transition of the machine', () => {
    const taken = routes.map(([{ state }, type, route]) => `${state} ${type} ${route.split(' ')[0]}`);
    const edges = graph.edges.filter(({ source, event }) => source !== 'job' && event !== '');
    expect(
      new Set(edges.map(({ source, event, target }) => `${key(source)} ${event} ${key(target)}`)),
    ).toEqual(new Set(taken));
  });

  test('is drawn, and stop leads out of every state', () => {
    expect(graph.nodes).toHaveLength(1 + states);
    expect(graph.edges.filter(({ source }) => source !== 'job')).toHaveLength(transitions);
    expect(graph.edges.filter(({ source }) => source === 'job')).toMatchObject([
      { event: 'stop', target: 'job.stopped' },
    ]);
  });

  test('describes every state in a sentence', () => {
    for (const [state, { description }] of drawn) expect(description, state).toMatch(/^[A-Z`].{10,}\.$/);
  });

  test('bounds every wait by a deadline that is answered, or calls the state idle', () => {
    for (const [state, { type, tags = [], deadline, on: answers }] of resting) {
      if (type === 'final') continue;
      expect(tags.includes('idle') || deadline !== undefined, state).toBe(true);
      if (deadline !== undefined) expect(answers, state).toHaveProperty(['deadline.passed']);
    }
    expect(flow.states.listening.tags).toEqual(['idle']);
  });

  test('keeps the promises of a job on every way', () => {
    expect(flowDefects(flow)).toEqual([]);
  });

  test('leads every job from received to listening over one final reply, unanswered or lost', () => {
    const all = ways(graph, { from: 'received', to: 'listening' });
    expect(all.length).toBeGreaterThan(20);
    expect(all.map((way) => [defectOf(way), way.join(' -> ')]).filter(([defect]) => defect)).toEqual([]);
  });

  test('is walked so that a second final reply and a missing one are found', () => {
    const [some] = graph.edges;
    if (some === undefined) throw new Error('no edges');
    const spoiled = (source: string, target: string) => {
      const edge = { ...some, source: `job.${source}`, target: `job.${target}` };
      const all = ways({ ...graph, edges: [...graph.edges, edge] }, { from: 'received', to: 'listening' });
      return all.map(defectOf).filter((defect) => defect !== null);
    };
    expect(spoiled('completed', 'failed')).toContain('sends a second final reply');
    expect(spoiled('doingTheNeedful', 'listening')).toContain('ends without a final reply');
  });
});

describe('giving up an unknown reply', () => {
  test('still tells once that a step was not begun', () => {
    const machine = machineThat(valid, { unknownReply: 'giveUp' });
    const steps = getMicrosteps(machine, at({ state: 'verified' }, machine), { type: 'reply.lost' });
    expect(steps.map(([{ value }]) => value)).toEqual(['replyUnknown']);
    const [unknown] = steps.at(-1) ?? [];
    if (unknown === undefined) throw new Error('nothing happened');
    const [told] = transition(machine, unknown, { type: 'connection.opened' });
    expect(told.value).toBe('failed');
    const [gaveUp] = transition(machine, told, { type: 'reply.lost' });
    expect(gaveUp.value).toBe('deadLettering');
  });
});

// The flows and machines of the project: every transition counted from their own data is in a path, no fewer paths would do,
// and the real functions of a job's machine go each path.
import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import {
  createJobFlow,
  createJobMachine,
  type JobPolicy,
  noJob,
  type ParsedJob,
  releaseMachine,
  workerMachine,
} from '../../../machines/index.js';
import { type AnyState, type Flow, list } from '../../../src/statechart/flow.js';
import { type CoverPath, coverageText, coverFlow, jobAllows } from '../../../src/testing/cover/index.js';
import { fewestPaths } from './fewest-paths.js';

const policies: readonly (readonly [name: string, policy: JobPolicy, paths: number])[] = [
  ['received', {}, 25],
  ['verified', { acknowledge: 'verified' }, 27],
  ['settled', { acknowledge: 'settled' }, 31],
  ['settled, steps finish', { acknowledge: 'settled', deliveryLost: 'finish' }, 34],
  ['unknown replies are given up', { unknownReply: 'giveUp' }, 26],
];

/** A final reply that is given up is not known again: only the one for a step that was not begun, which is `failed`. */
const givenUp = [
  'replyUnknown + connection.opened [isInvalid] -> invalid',
  'replyUnknown + connection.opened [hasCompleted] -> completed',
  'replyUnknown + connection.opened, isInvalid',
  'replyUnknown + connection.opened, hasCompleted',
];

/** Branches that a flow without nested states can take, each state's own and those of the whole flow. */
function countWays(flow: Flow): number {
  const reached = new Set([flow.initial]);
  let count = 0;
  for (const name of reached) {
    const state = flow.states[name] as AnyState;
    const always = list(state.always);
    const waits = state.type !== 'final' && !always.some(({ guard }) => guard === undefined);
    const on = Object.values({ ...flow.on, ...state.on }).flatMap((branches) => list(branches));
    const ways = [...always, ...(waits ? on : [])];
    count += ways.length;
    for (const { target } of ways) if (target !== undefined) reached.add(target);
  }
  return count;
}

const takenBy = (paths: readonly CoverPath[]) =>
  new Set(
    paths.flatMap(({ steps }) =>
      steps.flatMap(({ covers }) => covers.filter((name) => !name.includes(', '))),
    ),
  );

describe.each(policies)('acknowledge: %s', (_, policy, paths) => {
  const flow = createJobFlow(policy) as unknown as Flow;
  const cover = coverFlow(flow);

  test('every transition is in a path, and both outcomes of every guard', () => {
    expect(takenBy(cover.paths).size).toBe(countWays(flow));
    const { states, transitions, guards } = cover.coverage;
    expect(states.map(({ name }) => name)).toEqual(Object.keys(flow.states));
    const statuses = [states, transitions, guards].flatMap((items) => items.map(({ status }) => status));
    expect(new Set(statuses)).toEqual(new Set(['covered']));
  });

  test('each path is one job: it ends where the lane listens or has stopped, and nowhere before', () => {
    for (const { steps } of cover.paths) {
      expect(steps[0]?.from).toBe('listening');
      const ends = steps.flatMap(({ to }, at) => (to === 'listening' || to === 'stopped' ? [at] : []));
      expect(ends).toEqual([steps.length - 1]);
      for (const [at, { from }] of steps.entries()) if (at > 0) expect(from).toBe(steps[at - 1]?.to);
    }
  });

  test('no fewer paths would do', () => {
    expect(cover.paths).toHaveLength(paths);
    expect(fewestPaths(flow)).toBe(paths);
  });

  test('with what the guards of the runtime say, all that can be done is covered, and the real functions do it', () => {
    const { paths, coverage } = coverFlow(flow, { allows: jobAllows() });
    const open = [coverage.states, coverage.transitions, coverage.guards].flat();
    const missed = open.flatMap(({ name, status }) => (status === 'covered' ? [] : [name]));
    expect(missed).toEqual(policy.unknownReply === 'giveUp' ? givenUp : []);
    for (const { steps, description } of paths) {
      const went: string[] = [];
      let moment = 0;
      const parse = (): ParsedJob => {
        const isValid = steps.slice(moment).find(({ guards }) => guards.isValid !== undefined)
          ?.guards.isValid;
        const problem = isValid ? null : ({ code: 'JOB_MALFORMED', message: '' } as const);
        return { address: {} as never, step: null, problem, attemptLimit: 2 };
      };
      const entered = (state: string, { event }: { event: { type: string } }) => {
        if (event.type !== 'xstate.init') went.push(state);
      };
      const actor = createActor(createJobMachine({ parse, effects: {}, entered }, flow)).start();
      for (const [at, { event, transient, guards }] of steps.entries()) {
        if (transient) continue;
        moment = at;
        const final = guards.hasAttemptsLeft === false;
        actor.send({ type: event, delivery: {}, ...(final && { final }) });
      }
      // What leads to the state itself without leaving it enters nothing.
      const entering = steps.filter(
        ({ taken, from, to, actions }) => taken && (from !== to || actions.includes('deadLetter')),
      );
      expect(went, description).toEqual(entering.map(({ to }) => to));
      if (went.at(-1) === 'listening') expect(actor.getSnapshot().context).toMatchObject(noJob);
    }
  });
});

test('the machine of a release: every transition of it is in a path, each to an end', () => {
  const { paths, coverage } = coverFlow(releaseMachine);
  const states = Object.values(releaseMachine.root.states);
  const ways = states.flatMap((node) => [...[...node.transitions.values()].flat(), ...(node.always ?? [])]);
  expect(takenBy(paths).size).toBe(ways.length);
  expect(coverage.transitions.every(({ status }) => status === 'covered')).toBe(true);
  for (const { steps } of paths) expect(['completed', 'failed']).toContain(steps.at(-1)?.to);
  expect(paths).toHaveLength(fewestPaths(releaseMachine));
});

test('the machine of a worker: nested states take what those around them answer', () => {
  const { paths, coverage } = coverFlow(workerMachine);
  const leaves = (node: typeof workerMachine.root): (typeof workerMachine.root)[] =>
    Object.values(node.states).flatMap((child) => (child.type === 'atomic' ? [child] : leaves(child)));
  // Every atomic state, with what the ones around it answer and it does not; none of those guards lets an event through.
  let count = 0;
  for (const leaf of leaves(workerMachine.root as never)) {
    const answered = new Set<string>();
    for (let node: typeof leaf | undefined = leaf; node; node = node.parent as typeof leaf | undefined) {
      for (const [event, ways] of node.transitions) {
        if (answered.has(event)) continue;
        answered.add(event);
        count += ways.length;
      }
      count += node.always?.length ?? 0;
    }
  }
  expect(coverage.transitions).toHaveLength(count);
  expect(takenBy(paths).size).toBe(count);
  const all = [coverage.states, coverage.transitions, coverage.guards].flat();
  expect(all.filter(({ status }) => status !== 'covered')).toEqual([]);
  expect(coverageText(coverage)).toContain('worker');
});

// What a run is made of: time, turns, chance, and how a plan is made smaller.
import { describe, expect, test } from 'vitest';
import { mutated } from '../../../scripts/mutants/tree.js';
import { SimulatedTime } from '../../../src/testing/simulator/clock.js';
import { makePlan } from '../../../src/testing/simulator/make-plan.js';
import { choose, createRandom } from '../../../src/testing/simulator/random.js';
import { shrink } from '../../../src/testing/simulator/shrink.js';
import { shapeOf } from '../../../src/testing/simulator/simulate.js';
import { toDiagram } from '../../../src/testing/simulator/trace.js';
import { settling } from '../../../src/testing/simulator/turn.js';

describe('simulated time', () => {
  test('passes from timer to timer, and those of one moment fire in the order in which they were set', () => {
    const time = new SimulatedTime();
    const clock = time.of();
    const fired: string[] = [];
    for (const [name, ms] of [
      ['c', 20],
      ['a', 10],
      ['b', 10],
      ['now', -5],
    ] as const) {
      clock.setTimeout(() => fired.push(`${name} at ${clock.now()}`), ms);
    }
    while (time.pass()) expect(fired.length).toBeGreaterThan(0);
    expect(fired).toEqual(['now at 0', 'a at 10', 'b at 10', 'c at 20']);
  });

  test('takes the timers of a process with it, and lets it set no more', () => {
    const time = new SimulatedTime();
    const [dead, alive] = [time.of(), time.of()];
    const fired: string[] = [];
    dead.setTimeout(() => fired.push('dead'), 1);
    alive.clearTimeout(alive.setTimeout(() => fired.push('cleared'), 1));
    alive.setTimeout(() => fired.push('alive'), 2);
    dead.end();
    dead.setTimeout(() => fired.push('dead again'), 1);
    while (time.pass()) expect(time.now).toBe(2);
    expect(fired).toEqual(['alive']);
  });
});

test('between two steps everything that was promised has settled', async () => {
  const seen: string[] = [];
  const deep = async (depth: number): Promise<void> => {
    if (depth > 0) await deep(depth - 1);
    else process.nextTick(() => seen.push('tick'));
  };
  let count = 0;
  await settling(() => {
    count += 1;
    seen.push(`step ${count}`);
    void deep(20).then(() => seen.push(`settled ${count}`));
    return count < 3;
  });
  expect(seen.slice(0, 6)).toEqual(['step 1', 'tick', 'settled 1', 'step 2', 'tick', 'settled 2']);
  await expect(
    settling(() => {
      throw new Error('a step that throws');
    }),
  ).rejects.toThrow('a step that throws');
});

test('a seed fixes its numbers, and weights are kept', () => {
  const [one, same, other] = [createRandom(1), createRandom(1), createRandom(2)];
  const take = (random: () => number) => Array.from({ length: 5 }, random);
  const numbers = take(one);
  expect(take(same)).toEqual(numbers);
  expect(take(other)).not.toEqual(numbers);
  const chosen = Array.from({ length: 4_000 }, () => choose(one, { often: 3, never: 0, seldom: 1 }));
  expect(chosen).not.toContain('never');
  expect(chosen.filter((key) => key === 'often').length / chosen.length).toBeCloseTo(0.75, 1);
});

test('a plan that fails is made as small as it can be', async () => {
  const plan = {
    ...makePlan(5, ['received']),
    disorder: 0,
    picks: [
      [3, 1],
      [17, 2],
      [40, 1],
    ] as const,
    faults: [
      ...makePlan(5, ['received']).faults,
      { kind: 'crash', state: 'completed', step: 44, target: 3, amount: 7, other: 2 } as const,
    ],
  };
  const fails = async ({ faults, jobs, picks }: typeof plan | ReturnType<typeof makePlan>) =>
    faults.some(({ kind, step }) => kind === 'crash' && step >= 12) &&
    jobs.length >= 3 &&
    picks.some(([step]) => step > 10);
  const smallest = await shrink(plan, { fails });
  expect(smallest).toMatchObject({
    seed: 5,
    workerCount: 1,
    laneCount: 1,
    talks: false,
    faults: [{ kind: 'crash', state: '', step: 12, target: 0, amount: 0, other: 0 }],
    picks: [[11, 0]],
  });
  expect(smallest.jobs).toEqual(
    Array.from({ length: 3 }, () => ({ is: 'quick', afterMs: 0, takesMs: 0, persistent: true })),
  );
});

test('broken promises are alike whichever job and worker they are about', () => {
  expect(shapeOf('j12: w3 answered it 2 times')).toBe(shapeOf('probe: w1 answered it 3 times'));
  expect(shapeOf('j1: w1 never settled it')).not.toBe(shapeOf('j1: w1 answered it 2 times'));
});

test('a diagram joins what happens at one place, and keeps what Mermaid would read', () => {
  const line = { step: 1, ms: 0 };
  const there = { ...line, from: 'w1', to: 'w1' };
  const lane = (state: string) => ({ ...there, text: `to ${state}`, machine: 'lane 0', state });
  const drawn = toDiagram([
    { ...line, from: 'engine', to: 'broker', text: 'job; #1' },
    { ...there, text: 'has it' },
    lane('received'),
    lane('verified'),
    { ...line, from: 'w1', to: 'broker', text: 'started' },
  ]);
  expect(drawn.split('\n')).toEqual([
    'sequenceDiagram',
    '  participant engine',
    '  participant broker',
    '  participant w1',
    '  engine->>broker: job, ,1',
    '  Note over w1: has it<br/>lane 0: received, verified',
    '  w1->>broker: started',
  ]);
});

describe('mutants', () => {
  test('one that does not fit is called by its name', () => {
    const mutant = { name: 'a bug', about: 'promise I1', file: 'a.ts', find: 'x', replace: 'y' };
    expect(() => mutated('x x', mutant)).toThrow('mutant "a bug": what it changes in a.ts is there 2 times');
    expect(() => mutated('', mutant)).toThrow('is there 0 times');
  });
});

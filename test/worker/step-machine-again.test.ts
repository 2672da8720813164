// A state of a step's machine that leads to itself begins anew: its work, its wait, its deadline.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { defineWorker, step } from '../../src/worker/define-worker.js';
import type { Worker } from '../../src/worker/definition.js';
import { turn } from '../adapters/bus.js';
import { Stage, type StagedWorker } from './stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.end());

const end = { completed: ({ count }: { count: number }) => count };
const context = () => ({ count: 0 });
const guards = { again: ({ count }: { count: number }) => count < 3 };
const more = (input: { context: { count: number } }) => ({ count: input.context.count + 1 });
const ways = [{ guard: 'again', target: 'a' }, { target: 'end' }] as const;

const play = async (machine: object) => {
  const clock = new SimulatedClock();
  const Again = step({}).machine(machine as never);
  const definition = defineWorker({ name: 'again', steps: { Again } }) as Worker;
  const running = await stage.play(definition, { clock });
  return { clock, running, job: await stage.engine.send('again:Again') };
};
const seen = (running: StagedWorker) =>
  running.transitions.all
    .filter(({ machine }) => machine === 'step')
    .map(({ from, to }) => `${from} > ${to}`);

it('when its work is done', async () => {
  const { running, job } = await play({
    context,
    guards,
    initial: 'a',
    states: { a: { run: more, done: ways }, end },
  });
  expect(await job.final()).toMatchObject({ status: 'completed', data: 3 });
  expect(seen(running)).toEqual([' > a', 'a > a', 'a > a', 'a > end']);
});

it('when its work failed', async () => {
  let count = 0;
  const { running, job } = await play({
    context,
    guards: { again: () => count < 3 },
    initial: 'a',
    states: {
      a: {
        run: () => {
          count += 1;
          if (count < 3) throw new Error('not yet');
          return { count };
        },
        done: { target: 'end' },
        failed: ways,
      },
      end,
    },
  });
  expect(await job.final()).toMatchObject({ status: 'completed', data: 3 });
  expect(seen(running)).toEqual([' > a', 'a > a', 'a > a', 'a > end']);
});

it('when its deadline passed', async () => {
  let count = 0;
  const { clock, running, job } = await play({
    context,
    guards: { again: () => count < 3 },
    initial: 'a',
    states: {
      a: {
        deadlineMs: 100,
        run: () => {
          count += 1;
          return new Promise(() => {});
        },
        done: { target: 'end' },
        failed: ways,
      },
      end: { refused: () => count },
    },
  });
  for (let n = 1; n <= 3; n++) {
    await running.reached('a', n);
    await turn();
    clock.increment(100);
  }
  expect(await job.final()).toMatchObject({ status: 'failed', data: 3 });
});

it('when its wait is over', async () => {
  let asked = 0;
  const { clock, running, job } = await play({
    context,
    guards: { again: () => asked < 3 },
    initial: 'a',
    states: {
      a: {
        waitMs: () => {
          asked += 1;
          return 100;
        },
        done: ways,
      },
      end,
    },
  });
  await running.reached('a', 1);
  clock.increment(100);
  clock.increment(100);
  clock.increment(100);
  expect(await job.final()).toMatchObject({ status: 'completed', data: 0 });
  expect(seen(running)).toEqual([' > a', 'a > a', 'a > a', 'a > end']);
});

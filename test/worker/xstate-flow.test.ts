// Workers whose flow is an XState machine, made with `setup`: nested states, `after` and `invoke` run as XState runs them.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fromPromise, SimulatedClock, setup } from 'xstate';
import { type JobContext, type JobEvent, jobVocabulary, laneSetup, noJob } from '../../machines/index.js';
import { checkMachine, machineDefects } from '../../src/statechart/index.js';
import { defineWorker } from '../../src/worker/define-worker.js';
import type { Worker } from '../../src/worker/definition.js';
import { Stage } from './stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.end());

const awaitConfirm = {
  'reply.confirmed': { target: 'listening' },
  'reply.undeliverable': { target: 'unanswered' },
  'reply.lost': { target: 'unanswered' },
  'deadline.passed': { target: 'unanswered' },
} as const;
const failing = { target: 'failed', actions: 'keepOutcome' } as const;

const { createMachine } = setup({
  ...laneSetup,
  types: {} as { context: JobContext; events: JobEvent | { type: 'go' } },
  actors: { look: fromPromise(async () => {}) },
});

const ends = {
  invalid: {
    description: 'Refused.',
    meta: { deadline: 'reply' },
    entry: ['keepProblem', 'reportInvalid'],
    on: { ...awaitConfirm, 'delivery.lost': { target: 'lost' } },
  },
  completed: {
    description: 'Done.',
    meta: { deadline: 'reply' },
    entry: 'reportCompleted',
    on: awaitConfirm,
  },
  failed: { description: 'Not done.', meta: { deadline: 'reply' }, entry: 'reportFailed', on: awaitConfirm },
  unanswered: { description: 'Nobody to tell.', entry: 'recordUnanswered', always: { target: 'listening' } },
  lost: { description: 'Gone.', entry: 'recordLost', always: { target: 'listening' } },
  stopped: { description: 'Ended.', type: 'final', entry: 'giveBack' },
} as const;
const begin = {
  listening: {
    description: 'Waits.',
    tags: ['idle'],
    entry: ['forget', 'rest'],
    on: { 'delivery.received': { target: 'received', actions: 'take' } },
  },
  received: {
    description: 'In hand.',
    entry: ['acknowledge', 'parse'],
    always: [{ guard: 'isValid', target: 'verified' }, { target: 'invalid' }],
  },
  verified: {
    description: 'Valid.',
    meta: { deadline: 'reply' },
    entry: 'reportStarted',
    on: {
      'reply.confirmed': { target: 'doingTheNeedful' },
      'reply.undeliverable': { target: 'unanswered' },
      'reply.lost': { target: 'unanswered' },
      'deadline.passed': { target: 'unanswered' },
      'delivery.lost': { target: 'lost' },
      cancel: failing,
    },
  },
} as const;
const needful = {
  description: 'The step runs.',
  meta: { run: 'needful', deadline: 'step' },
  on: {
    'step.completed': { target: 'completed', actions: 'keepOutcome' },
    'step.failed': failing,
    'deadline.passed': failing,
    cancel: failing,
  },
} as const;

const flat = createMachine({
  id: 'flat',
  context: noJob,
  initial: 'listening',
  on: { stop: { target: '.stopped' } },
  states: { ...begin, doingTheNeedful: needful, ...ends },
});

const nested = createMachine({
  id: 'nested',
  context: noJob,
  initial: 'listening',
  on: { stop: { target: '.stopped' } },
  states: {
    ...begin,
    verified: { ...begin.verified, on: { ...begin.verified.on, 'reply.confirmed': { target: 'approval' } } },
    approval: {
      description: 'Looked at by a machine and by somebody.',
      initial: 'looking',
      on: { cancel: failing },
      after: { 5000: { target: 'failed', actions: { type: 'refuse', params: { data: 'too late' } } } },
      states: {
        looking: { description: 'Invoked.', invoke: { src: 'look', onDone: { target: 'asking' } } },
        asking: { description: 'Asked.', on: { go: { target: '#nested.doingTheNeedful' } } },
      },
    },
    doingTheNeedful: needful,
    ...ends,
  },
});

const workerOf = (flow: typeof flat | typeof nested) =>
  defineWorker({ name: 'own', flow, steps: { Do: { run: () => 'done' } } }) as Worker;
const send = () => stage.engine.send('own:Do');

test('a machine with only what flows have is checked as a flow', () => {
  expect(machineDefects(flat, jobVocabulary)).toEqual([]);
  const spoiled = createMachine({ ...(flat.config as object), on: {} } as never);
  expect(machineDefects(spoiled, jobVocabulary).map(({ code }) => code)).toContain('STOP_UNANSWERED');
});

test('of any other the names are checked, and that the events of every flow are answered', () => {
  expect(machineDefects(nested, jobVocabulary)).toEqual([]);
  const { on, ...config } = nested.config;
  const spoiled = createMachine({ ...config, context: noJob } as never);
  expect(() => checkMachine(spoiled, jobVocabulary)).toThrow(
    'machine nested has one defect: EVENT_UNANSWERED: no state answers "stop"',
  );
});

test('it carries jobs, and refuses those that are invalid', async () => {
  const worker = await stage.play(workerOf(flat));
  expect(await (await send()).final()).toMatchObject({ status: 'completed', data: 'done' });
  const wrong = await stage.engine.send('own:Dont');
  expect(await wrong.final()).toMatchObject({ status: 'failed', data: { code: 'STEP_UNKNOWN' } });
  expect(worker.route('job').slice(-3)).toEqual(['received', 'invalid', 'listening']);
  expect(worker.status().counts).toMatchObject({ received: 2, completed: 1, invalid: 1 });
});

test('nested states are seen by their path; an own event and `after` lead out of them', async () => {
  const clock = new SimulatedClock();
  const worker = await stage.play(workerOf(nested), { clock });
  const first = await send();
  await worker.reached('approval.asking');
  expect(worker.status().lanes[0]).toMatchObject({ state: 'approval.asking' });
  expect(worker.send(first.correlationId, { type: 'go' })).toBe(true);
  expect(await first.final()).toMatchObject({ status: 'completed', data: 'done' });
  const second = await send();
  await worker.reached('approval.asking', 2);
  clock.increment(5000);
  expect(await second.final()).toMatchObject({ status: 'failed', data: 'too late' });
});

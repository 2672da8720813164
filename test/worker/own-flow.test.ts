// Workers with a flow of their own, on the embedded broker, with the protocol's judge beside them.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SimulatedClock } from 'xstate';
import approval from '../../examples/approval.js';
import rehearsed from '../../examples/dry-run.js';
import silent from '../../examples/silent.js';
import { defineFlow, jobFlow } from '../../machines/index.js';
import { extendFlow } from '../../src/statechart/index.js';
import { defineWorker } from '../../src/worker/define-worker.js';
import { failed, type Worker, type WorkerDefinition } from '../../src/worker/definition.js';
import { loggerThat, Stage } from './stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.end());

const finalOf = async (...of: Parameters<Stage['engine']['send']>) =>
  (await stage.engine.send(...of)).final();

function workerWith(
  flow: WorkerDefinition<string, unknown, unknown, unknown, unknown>['flow'] & object,
): Worker {
  return defineWorker({ name: 'own', flow, steps: { Do: { run: () => 'done' } } }) as Worker;
}

describe('a flow with an approval', () => {
  test('waits until the event comes, then does the needful', async () => {
    const worker = await stage.play(approval as Worker);
    const job = await stage.engine.send('deployer:Deploy', { parameters: { package: 'web' } });
    await worker.reached('approval');
    expect(worker.send(job.correlationId, { type: 'approval.granted' })).toBe(true);
    expect(await job.final()).toMatchObject({ status: 'completed', data: 'web deployed' });
    expect(job.statuses).toEqual(['started', 'completed']);
    expect(worker.route('job').slice(-5)).toEqual([
      'verified',
      'approval',
      'doingTheNeedful',
      'completed',
      'listening',
    ]);
  });

  test('answers with the text of the event that refuses', async () => {
    const worker = await stage.play(approval as Worker);
    const job = await stage.engine.send('deployer:Deploy', { parameters: { package: 'web' } });
    await worker.reached('approval');
    worker.send(job.correlationId, { type: 'approval.refused', data: 'not on a Friday' });
    expect(await job.final()).toMatchObject({ status: 'failed', data: 'not on a Friday' });
  });

  test('answers with its own text when nobody answers before the deadline', async () => {
    const clock = new SimulatedClock();
    const worker = await stage.play(approval as Worker, { clock });
    const job = await stage.engine.send('deployer:Deploy', { parameters: { package: 'web' } });
    await worker.reached('approval');
    clock.increment(60_000);
    expect(await job.final()).toMatchObject({ status: 'failed', data: 'nobody approved in time' });
  });

  test('is cancelled while it waits', async () => {
    const worker = await stage.play(approval as Worker);
    const job = await stage.engine.send('deployer:Deploy', { parameters: { package: 'web' } });
    await worker.reached('approval');
    expect(worker.send(job.correlationId, { type: 'cancel', reason: 'changed my mind' })).toBe(true);
    expect(await job.final()).toMatchObject({
      status: 'failed',
      data: { code: 'CANCELLED', message: 'the job was cancelled: changed my mind' },
    });
  });

  test('send is false for a job that no lane has, and refuses events that the flow does not name', async () => {
    const worker = await stage.play(approval as Worker);
    expect(worker.send('nobody', { type: 'approval.granted' })).toBe(false);
    expect(() => worker.send('nobody', { type: 'aproval.granted' })).toThrow(
      /did you mean "approval.granted"/,
    );
    expect(() => worker.send('nobody', { type: 'reply.confirmed' })).toThrow(/OPTION_INVALID|no event/);
  });
});

describe('functions of a flow', () => {
  const asking = (ask: Parameters<typeof extendFlow>[1]['actors'] & object) =>
    workerWith((base) =>
      extendFlow(base, {
        actors: { ask: ask.ask as () => unknown },
        states: {
          verified: { on: { 'reply.confirmed': { target: 'asking' } } },
          asking: {
            description: 'An actor of its own says yes or no.',
            run: 'ask',
            deadline: 1000,
            on: {
              'step.completed': { target: 'doingTheNeedful' },
              'step.failed': { target: 'failed' },
              'deadline.passed': { target: 'failed' },
            },
          },
        },
      }),
    );

  test.each<[string, () => unknown, object]>([
    ['an actor that returns lets the job go on', async () => 'yes', { status: 'completed', data: 'done' }],
    [
      'an actor that returns failed() ends it with its data',
      () => failed('no'),
      { status: 'failed', data: 'no' },
    ],
    [
      'an actor that throws ends it with what it threw',
      () => Promise.reject(new Error('no line')),
      { status: 'failed', data: { code: 'STEP_THREW', message: 'the step threw Error: no line' } },
    ],
  ])('%s', async (_, ask, final) => {
    await stage.play(asking({ ask } as never));
    expect(await finalOf('own:Do')).toMatchObject(final);
  });

  test('an actor sees the job, and its signal is aborted at the deadline of its state', async () => {
    const clock = new SimulatedClock();
    const seen: unknown[] = [];
    const ask = ({
      job,
      signal,
      worker,
      state,
      step,
    }: { job: { parameters: { a: number } }; signal: AbortSignal } & Record<string, unknown>) => {
      seen.push([job.parameters.a, worker, state, step]);
      signal.addEventListener('abort', () => seen.push(signal.reason.message));
      return new Promise(() => {});
    };
    const worker = await stage.play(asking({ ask } as never), { clock });
    const job = await stage.engine.send('own:Do', { parameters: { a: 7 } });
    await worker.reached('asking');
    clock.increment(1000);
    expect(await job.final()).toMatchObject({
      data: { code: 'DEADLINE_PASSED', message: 'the job was longer in asking than its deadline' },
    });
    expect(seen).toEqual([[7, 'own', 'asking', 'Do'], 'the job was longer in asking than its deadline']);
  });

  test('an action sends an event of its own; one that throws fails the job; the lane lives on', async () => {
    const flow = (base: typeof jobFlow) =>
      extendFlow(base, {
        events: ['weighed'],
        actions: {
          weigh: ({ job, send }) => {
            if (job?.parameters.heavy) throw new Error('too heavy');
            send({ type: 'weighed' });
          },
        },
        states: {
          verified: { on: { 'reply.confirmed': { target: 'weighing' } } },
          weighing: {
            description: 'An action of its own looks at the job.',
            entry: 'weigh',
            deadline: 1000,
            on: {
              weighed: { target: 'doingTheNeedful' },
              'step.failed': { target: 'failed' },
              'deadline.passed': { target: 'failed' },
            },
          },
        },
      });
    await stage.play(workerWith(flow));
    const heavy = await stage.engine.send('own:Do', { parameters: { heavy: true } });
    expect(await heavy.final()).toMatchObject({
      status: 'failed',
      data: { code: 'STEP_THREW', message: 'the action weigh threw Error: too heavy' },
    });
    expect(await finalOf('own:Do')).toMatchObject({ status: 'completed' });
  });

  test('a guard decides by the job; one that throws is false and is logged; a promise is no yes', async () => {
    const logged: string[] = [];
    const guarded = (isEasy: (job: unknown) => unknown) =>
      workerWith((base) =>
        extendFlow(base, {
          guards: { isEasy: ({ job }) => isEasy(job) as boolean },
          states: {
            verified: {
              on: {
                'reply.confirmed': [
                  { guard: 'isEasy', target: 'doingTheNeedful' },
                  { target: 'failed', actions: { type: 'refuse', params: { data: 'too hard' } } },
                ],
              },
            },
          },
        }),
      );
    const logger = loggerThat((line) => logged.push(line));
    const easy = (job: unknown) => (job as { parameters: { easy?: boolean } }).parameters.easy === true;
    const first = await stage.play(guarded(easy));
    expect(await finalOf('own:Do', { parameters: { easy: true } })).toMatchObject({
      status: 'completed',
    });
    expect(await finalOf('own:Do')).toMatchObject({
      status: 'failed',
      data: 'too hard',
    });
    await first.stop();
    const throwing = () => {
      throw new Error('no');
    };
    const second = stage.worker(guarded(throwing), { logger, random: () => 0.5 });
    await second.start();
    expect(await finalOf('own:Do')).toMatchObject({ data: 'too hard' });
    expect(logged).toContain('the guard isEasy threw');
    await second.stop();
    const third = stage.worker(
      guarded(async () => true),
      { random: () => 0.7 },
    );
    await third.start();
    expect(await finalOf('own:Do')).toMatchObject({ data: 'too hard' });
  });

  test('a guard under a name of the runtime narrows it', async () => {
    const isValid = ({ job }: { readonly job: { readonly hosts: readonly string[] } | null }) =>
      job?.hosts.length === 1;
    const worker = await stage.play(workerWith((base) => extendFlow(base, { guards: { isValid } })));
    expect(await finalOf('own:Do', { hosts: ['a'] })).toMatchObject({ status: 'completed' });
    expect(await finalOf('own:Do', { hosts: ['a', 'b'] })).toMatchObject({ status: 'failed' });
    expect(await finalOf('own:Unknown', { hosts: ['a'] })).toMatchObject({ data: { code: 'STEP_UNKNOWN' } });
    expect(worker.status().counts).toMatchObject({ completed: 1, invalid: 2 });
  });

  test('the needful itself is replaced by name', async () => {
    const worker = workerWith((base) =>
      extendFlow(base, { actors: { needful: ({ step }) => `dry run of ${step}` } }),
    );
    await stage.play(worker);
    expect(await finalOf('own:Do')).toMatchObject({ data: 'dry run of Do' });
  });
});

test('a whole flow of its own carries jobs', async () => {
  const flow = defineFlow({ id: 'mine', initial: 'listening', on: jobFlow.on ?? {}, states: jobFlow.states });
  await stage.play(workerWith(flow));
  expect(await finalOf('own:Do')).toMatchObject({ status: 'completed' });
});

test('a guard of its own leads past the needful, with a result of its own', async () => {
  await stage.play(rehearsed as Worker);
  const parameters = { path: '/srv/old' };
  expect(await finalOf('remover:Remove', { parameters: { ...parameters, rehearse: true } })).toMatchObject({
    status: 'completed',
    data: 'nothing was removed',
  });
  expect(await finalOf('remover:Remove', { parameters })).toMatchObject({ data: '/srv/old removed' });
});

test('a flow that never replies does its jobs and settles them', async () => {
  const quiet = new Stage();
  const logged: string[] = [];
  const worker = await quiet.play(silent as Worker, { logger: loggerThat((line) => logged.push(line)) });
  await quiet.engine.send('notes:Keep', { parameters: { note: 1 }, replyTo: null });
  await worker.reached('listening');
  expect(worker.route('job')).toEqual(['parsing', 'doingTheNeedful', 'listening']);
  expect(logged).toContain('noted');
  expect(quiet.replies).toEqual([]);
  await worker.stop();
});

test('a job whose ack never arrives is run again, and counted as redelivered', async () => {
  const quiet = new Stage();
  let cuts = 0;
  const flow = extendFlow(silent.flow as ReturnType<typeof defineFlow>, {
    actions: { cut: () => cuts++ === 0 && quiet.broker.cut('worker-1') },
    states: {
      listening: {
        on: { 'delivery.received': { target: 'parsing', actions: ['take', 'cut', 'acknowledge'] } },
      },
    },
  });
  const worker = await quiet.play(workerWith(flow));
  await quiet.engine.send('own:Do', { replyTo: null });
  await worker.reached('parsing', 2);
  await worker.reached('listening', 2);
  expect(worker.status().counts).toMatchObject({ received: 2, redelivered: 1, lost: 0 });
  await worker.stop();
});

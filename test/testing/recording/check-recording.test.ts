// What real workers did on the embedded broker is a path of their machines; a recording that was tampered with is not.
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { z } from 'zod';
import { jobFlow } from '../../../machines/index.js';
import { workerMachine } from '../../../machines/worker.js';
import {
  checkRecording,
  type RecordedLine,
  readRecording,
  recordingLines,
} from '../../../src/testing/recording/index.js';
import { defineWorker, step } from '../../../src/worker/define-worker.js';
import { failed } from '../../../src/worker/definition.js';
import { Stage } from '../../worker/stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.end());

const worker = defineWorker({
  name: 'kitchen',
  steps: {
    Cook: { parameters: z.object({ portions: z.int() }), run: ({ parameters }) => parameters.portions },
    Burn: { retry: { attempts: 2, backoffMs: 1 }, run: () => failed('burnt') },
    Brew: step({ result: z.string() }).machine({
      context: () => ({ cups: 0 }),
      guards: { isFull: ({ cups }) => cups > 1 },
      initial: 'pouring',
      states: {
        pouring: {
          run: async ({ context: { cups } }) => ({ cups: cups + 1 }),
          done: [{ guard: 'isFull', target: 'poured' }, { target: 'waiting' }],
        },
        waiting: { waitMs: 1000, done: { target: 'pouring' } },
        poured: { completed: ({ cups }) => `${cups} cups` },
      },
    }),
  },
});

/** Jobs of every kind, a lost connection and a stop, on two lanes. */
async function recorded(): Promise<readonly RecordedLine[]> {
  const clock = new SimulatedClock();
  const staged = await stage.play(worker, { clock, concurrency: 2 });
  const jobs = [
    await stage.engine.send('kitchen:Cook', { parameters: { portions: 2 } }),
    await stage.engine.send('kitchen:Cook', { parameters: { portions: 'two' } }),
    await stage.engine.send('kitchen:Burn'),
    await stage.engine.send('kitchen:Brew'),
  ];
  await staged.reached('waiting');
  clock.increment(1000);
  for (const job of jobs) {
    let isOver = false;
    void job.final().then(() => {
      isOver = true;
    });
    while (!isOver) {
      clock.increment(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  stage.broker.cut(staged.name);
  await staged.reached('reconnecting');
  clock.increment(60_000);
  await staged.reached('listening.flowing', 2);
  await staged.stop();
  return staged.transitions.all;
}

const moves = (records: readonly RecordedLine[]) =>
  records.map(({ machine, lane, from, event, to }) => `${machine} ${lane}: ${from} + ${event} -> ${to}`);

describe('a recording of a worker', () => {
  it('is a path: its own machine, each lane, each step that is a machine', async () => {
    const records = await recorded();
    expect(new Set(records.map(({ machine }) => machine))).toEqual(new Set(['worker', 'job', 'step']));
    const checked = checkRecording(worker, records);
    expect(checked).toEqual({
      checkedCount: records.length,
      trackCount: expect.any(Number),
      divergence: null,
      unchecked: [],
    });
    expect(recordingLines(checked, { name: 'kitchen.jsonl' })).toEqual([
      `kitchen.jsonl: a path of the machine, ${records.length} transitions, ${checked.trackCount} of lanes and machines`,
    ]);
    // Bare machines, by their own records or all that are given.
    expect(checkRecording(jobFlow, records).divergence).toBeNull();
    const ofWorker = records.filter(({ machine }) => machine === 'worker');
    expect(checkRecording(workerMachine, ofWorker)).toMatchObject({ divergence: null, trackCount: 1 });
  });

  it('is none where any transition is left out that others follow', async () => {
    const records = await recorded();
    const lanes = records.filter(({ machine }) => machine === 'job');
    for (const [index, left] of lanes.entries()) {
      const rest = records.filter((record) => record !== left);
      const isLast = !lanes.slice(index + 1).some(({ lane }) => lane === left.lane);
      const { divergence } = checkRecording(worker, rest);
      expect(divergence === null, moves([left])[0]).toBe(isLast);
    }
  });

  it('is none where a transition leads somewhere else, or comes of another event', async () => {
    const records = await recorded();
    for (const [index, record] of records.entries()) {
      for (const change of [{ to: 'doingTheNeedful' }, { to: 'elsewhere' }, { event: 'reply.resent' }]) {
        const tampered = records.with(index, { ...record, ...change });
        if (change.to === record.to) continue;
        expect(
          checkRecording(worker, tampered).divergence,
          moves([tampered[index] ?? record])[0],
        ).not.toBeNull();
      }
    }
  });
});

describe('the first divergence', () => {
  const lane = (from: string, event: string, to: string): RecordedLine => ({
    run: 'a1',
    worker: 'kitchen',
    machine: 'job',
    lane: 0,
    from,
    event,
    to,
  });
  const start: RecordedLine = {
    run: 'a1',
    worker: 'kitchen',
    machine: 'worker',
    lane: null,
    from: 'initializing',
    event: 'start',
    to: 'connecting',
  };

  it('is shown with its line, what came before it and what the machine would have done', () => {
    const checked = checkRecording(worker, [
      start,
      lane('listening', 'delivery.received', 'received'),
      lane('received', 'delivery.received', 'acknowledged'),
      lane('acknowledged', 'delivery.received', 'parsing'),
      lane('parsing', 'delivery.received', 'verified'),
      lane('verified', 'reply.confirmed', 'completed'),
    ]);
    expect(checked.divergence).toMatchObject({ line: 6, of: 'job of kitchen, lane 0' });
    expect(recordingLines(checked, { name: 'k.jsonl', tornCount: 1 })).toEqual([
      'k.jsonl:6: job of kitchen, lane 0: verified + reply.confirmed -> completed is on no path of the machine',
      '  2  listening + delivery.received -> received',
      '  3  received + delivery.received -> acknowledged',
      '  4  acknowledged + delivery.received -> parsing',
      '  5  parsing + delivery.received -> verified',
      '> 6  verified + reply.confirmed -> completed',
      'the machine would have done: verified + reply.confirmed -> doingTheNeedful',
      'lines that are cut off: 1',
    ]);
    const page = readFileSync(new URL('../../../docs/running.md', import.meta.url), 'utf8');
    const printed = recordingLines(checked, { name: 'greeter.jsonl' }).join('\n');
    expect(page).toContain(printed.replace('kitchen', 'greeter'));
  });

  it('is the one of the lowest line, whichever lane it is of', () => {
    const other = { ...lane('received', 'stop', 'completed'), lane: 1 };
    const { divergence } = checkRecording(worker, [start, other, lane('verified', 'x', 'failed')]);
    expect(divergence).toMatchObject({ line: 2, of: 'job of kitchen, lane 1' });
  });

  it('is a lane that begins elsewhere, but only where the worker was seen to begin', () => {
    const middle = [lane('verified', 'reply.confirmed', 'doingTheNeedful')];
    expect(checkRecording(worker, middle).divergence).toBeNull();
    expect(checkRecording(worker, [start, ...middle]).divergence).toMatchObject({
      line: 2,
      expected: ['listening + delivery.received -> received', 'listening + stop -> stopped'],
    });
  });

  it('is none between runs: each process begins anew', () => {
    const again = (run: string) => [
      { ...start, run },
      { ...lane('listening', 'delivery.received', 'received'), run },
    ];
    const both = [...again('a1'), ...again('b2')];
    expect(checkRecording(worker, both)).toMatchObject({ divergence: null, trackCount: 4 });
    expect(
      checkRecording(
        worker,
        both.map(({ run: _, ...record }) => record),
      ).divergence,
    ).not.toBeNull();
  });

  it('is looked for only in what the worker has', () => {
    const { unchecked, divergence } = checkRecording(worker, [
      { ...lane('', 'xstate.init', 'heating'), machine: 'step', step: 'Boil' },
      { ...start, worker: 'bar' },
    ]);
    expect(divergence).toBeNull();
    expect(unchecked).toEqual([
      '1 transitions of step Boil of kitchen, lane 0: the worker has no such step that is a machine',
      '1 transitions of the worker bar: another worker',
    ]);
  });
});

describe('the file of a recording', () => {
  const line = '{"run":"a1","machine":"job","from":"listening","event":"stop","to":"stopped"}';

  it('is read line by line; what a killed process left is counted', () => {
    const { records, tornCount } = readRecording(`${line}\n{"run":"a1","fro\n\n${line}\n`);
    expect(records.map((record) => record.line)).toEqual([1, 4]);
    expect(tornCount).toBe(1);
  });

  it.each([
    ['no transitions', '', 'there is no transition in it'],
    ['other JSON', `${line}\n{"type":"listening"}\n`, 'line 2 is JSON, but no transition'],
    ['text', 'hello\nworld\n', 'there is no transition in it'],
  ])('is none with %s', (_, text, why) => {
    expect(() => readRecording(text)).toThrow(
      expect.objectContaining({ code: 'RECORDING_UNREADABLE', message: expect.stringContaining(why) }),
    );
  });
});

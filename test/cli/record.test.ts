// What a worker does in production is recorded, and held against its machine afterwards.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRecorder } from '../../src/cli/record.js';
import { rememberSecret } from '../../src/index.js';
import { checkRecording, readRecording } from '../../src/testing/recording/index.js';
import type { TransitionRecord } from '../../src/worker/running-worker.js';
import sleep from '../../workers/sleep.js';
import { describeRabbitMQ } from '../rabbitmq.js';
import { called } from './in-process.js';
import { build, endAll, needful, start } from './needful.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/needful-`);
});
afterAll(() => rm(folder, { recursive: true }));

const transition = (to: string): TransitionRecord => ({
  at: 1,
  machine: 'job',
  worker: 'sleep',
  lane: 0,
  from: 'listening',
  to,
  event: 'delivery.received',
  correlationId: 'c1',
  step: null,
});

describe('a recording', () => {
  test('has a line for each transition, behind what was in the file, and the run that it is of', async () => {
    const file = `${folder}/lines.jsonl`;
    for (const to of ['received', 'stopped']) {
      const recorder = await createRecorder(file, { onEnd: () => undefined });
      recorder.add(transition(to));
      await recorder.end();
    }
    const { records, tornCount } = readRecording(await readFile(file, 'utf8'));
    expect(records.map(({ to, line }) => [to, line])).toEqual([
      ['received', 1],
      ['stopped', 2],
    ]);
    expect(new Set(records.map(({ run }) => run)).size).toBe(2);
    expect(tornCount).toBe(0);
  });

  test('does not go on in a line that a killed process left', async () => {
    const file = `${folder}/torn.jsonl`;
    await writeFile(file, '{"run":"a1","fro');
    const recorder = await createRecorder(file, { onEnd: () => undefined });
    recorder.add(transition('received'));
    await recorder.end();
    expect(readRecording(await readFile(file, 'utf8'))).toMatchObject({
      records: [{ to: 'received', line: 2 }],
      tornCount: 1,
    });
  });

  test('tells no secret', async () => {
    const file = `${folder}/secret.jsonl`;
    const forget = rememberSecret('hunter2-hunter2');
    const recorder = await createRecorder(file, { onEnd: () => undefined });
    recorder.add({ ...transition('received'), correlationId: 'hunter2-hunter2', step: 'of hunter2-hunter2' });
    await recorder.end();
    forget();
    const text = await readFile(file, 'utf8');
    expect(text).not.toContain('hunter2');
    expect(JSON.parse(text)).toMatchObject({ to: 'received' });
  });

  test.skipIf(!existsSync('/dev/full'))(
    'ends on a disk that is full, which is told once; the worker goes on',
    async () => {
      const told: string[] = [];
      const recorder = await createRecorder('/dev/full', { onEnd: (why) => told.push(why) });
      recorder.add(transition('received'));
      await recorder.end();
      recorder.add(transition('stopped'));
      expect(told).toEqual(['the file cannot be written (ENOSPC)']);
    },
  );

  test('is not begun in a file that cannot be opened: exit code 78, before anything is done', async () => {
    const { code, stdout, stderr } = await called([
      'run',
      'noop',
      '--record',
      `${folder}/none/noop.jsonl`,
      '--log-level',
      'silent',
    ]);
    expect(code).toBe(78);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^needful: RECORD_UNWRITABLE: .*none\/noop\.jsonl cannot be .*\(ENOENT\)\n/);
  });
});

describeRabbitMQ('needful run --record', ({ url }) => {
  beforeAll(build);
  afterEach(endAll);

  test('writes what the worker did, whole when it has ended: a path of its machine', async () => {
    const file = `${folder}/sleep.jsonl`;
    for (const seconds of ['0.01', 'soon']) {
      const worker = start(['run', 'sleep', '--declare', '--amqp', url, '--record', file]);
      await worker.line(/listens on/);
      await needful(['send', 'sleep:Seconds', '--param', `seconds=${seconds}`, '--amqp', url]);
      await worker.line(/-> (completed|invalid)/);
      worker.child.kill('SIGTERM');
      expect(await worker.exit).toBe(0);
    }
    const text = await readFile(file, 'utf8');
    expect(text.endsWith('\n')).toBe(true);
    expect(text).not.toContain(`:${new URL(url).password}@`);
    const { records } = readRecording(text);
    expect(new Set(records.map(({ run }) => run)).size).toBe(2);
    expect(records.map(({ to }) => to)).toEqual(expect.arrayContaining(['completed', 'invalid', 'stopped']));
    expect(checkRecording(sleep, records)).toMatchObject({
      divergence: null,
      checkedCount: records.length,
      unchecked: [],
    });
  });
});

// The ready-made worker output: what it writes where, and that it is silent on the bus whatever it is sent.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { NeedfulError } from '../../src/contract/errors.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { silentLogger } from '../../src/worker/logger.js';
import type { WorkerOptions } from '../../src/worker/running-worker.js';
import output, { fileName, linesOf } from '../../workers/output.js';
import { turn } from '../adapters/bus.js';
import { build } from '../cli/needful.js';
import { openMemory } from '../worker/foreign-bus.js';
import { loggerThat, Stage } from '../worker/stage.js';

let folder = '';
const ends: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'needful-output-'));
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await rm(folder, { recursive: true, force: true });
});

async function writer(options: Partial<WorkerOptions> & { readonly redactions?: string[] } = {}) {
  const { redactions = [], ...rest } = options;
  const bus = await openMemory();
  const definition = output({ output_dir: join(folder, 'logs'), redactions });
  const worker = createWorker(definition, { transport: bus.connect(), logger: silentLogger, ...rest });
  ends.push(
    () => bus.end(),
    () => worker.stop({ deadlineMs: 0 }),
  );
  await worker.start();
  const ended = (count: number) =>
    new Promise<void>((resolve) => {
      let left = count;
      worker.subscribe(({ machine, to, from }) => {
        if (machine === 'job' && to === 'listening' && from !== 'listening' && --left === 0) resolve();
      });
    });
  return {
    worker,
    bus,
    async write(body: string | Uint8Array, ...ids: (string | undefined)[]) {
      const all = ended(ids.length);
      for (const correlationId of ids) {
        const properties = { replyTo: 'log', ...(correlationId !== undefined && { correlationId }) };
        await bus.send({
          routingKey: 'output',
          body: typeof body === 'string' ? body : Buffer.from(body),
          properties,
        });
      }
      await all;
    },
    read: (name: string) => readFile(join(folder, 'logs', name), 'utf8'),
    files: async () => (await readdir(join(folder, 'logs')).catch(() => [])).sort(),
  };
}

const message = (text: unknown) => JSON.stringify({ message: text });

describe('the output worker', () => {
  it('appends each line to the file of its release, and is silent on the bus', async () => {
    const { bus, worker, write, read, files } = await writer();
    const mark = bus.heard.all.length;
    await write(message('one'), 'abc');
    await write(message('zwei – ü 漢字 😀\n'), 'abc', 'def');
    await write(message('a\\nb'), 'abc');
    expect(await read('abc.log')).toBe('one\nzwei – ü 漢字 😀\na\nb\n');
    expect(await read('def.log')).toBe('zwei – ü 漢字 😀\n');
    expect(await files()).toEqual(['abc.log', 'def.log']);
    // All that is heard is what was sent.
    expect(bus.heard.all.slice(mark).every(({ properties }) => properties.replyTo === 'log')).toBe(true);
    expect(bus.heard.all.slice(mark).filter(({ routingKey }) => routingKey === 'log')).toEqual([]);
    expect(worker.status().counts).toMatchObject({ received: 4, completed: 4, failed: 0, unanswered: 0 });
  });

  it.each([
    ['{}', 'OUTPUT_MALFORMED'],
    ['', 'BODY_NOT_JSON'],
    ['[]', 'BODY_NOT_OBJECT'],
    ['"x"', 'BODY_NOT_OBJECT'],
    ['{"message"', 'BODY_NOT_JSON'],
  ])('only logs %s, and goes on', async (body, code) => {
    const refusals: unknown[] = [];
    const logger = loggerThat(
      (text, fields) => text.startsWith('the message is no output line') && refusals.push(fields.code),
    );
    const { write, files, read } = await writer({ logger });
    await write(body, 'abc');
    expect(refusals).toEqual([code]);
    expect(await files()).toEqual([]);
    await write(message('next'), 'abc');
    expect(await read('abc.log')).toBe('next\n');
  });

  it.each([null, 0, true, ['a', '<b>'], { a: 1 }])('writes %j as JSON', async (value) => {
    const { write, read } = await writer();
    await write(message(value), 'abc');
    expect(await read('abc.log')).toBe(`${JSON.stringify(value).replace('<b>', '&lt;b&gt;')}\n`);
  });

  it('keeps every line whole and in order, also from many lanes', async () => {
    const { write, read } = await writer({ concurrency: 8 });
    const line = 'x'.repeat(200_000);
    await write(message(line), ...Array.from({ length: 40 }, () => 'abc'));
    const lines = (await read('abc.log')).split('\n');
    expect(lines.pop()).toBe('');
    expect(lines).toHaveLength(40);
    expect(lines.every((written) => written === line)).toBe(true);
  });

  it('lets go of a line whose file is a link, with the line in the log, and goes on', async () => {
    const logged: Record<string, unknown>[] = [];
    const logger = loggerThat((text, fields) => text.startsWith('a line has no file') && logged.push(fields));
    const { write, read, worker } = await writer({ logger, redactions: ['secret'] });
    await write(message('first'), 'abc');
    const outside = join(folder, 'outside');
    await writeFile(outside, '');
    await symlink(outside, join(folder, 'logs', 'def.log'));
    await write(message('not through a link\nthe secret'), 'def');
    expect(await readFile(outside, 'utf8')).toBe('');
    await write(message('second'), 'abc');
    expect(await read('abc.log')).toBe('first\nsecond\n');
    expect(worker.status().counts).toMatchObject({ completed: 2, failed: 1 });
    const line = 'not through a link\n[redacted]\n';
    expect(logged).toEqual([
      expect.objectContaining({
        code: 'ELOOP',
        file: join(folder, 'logs', 'def.log'),
        line,
        correlationId: 'def',
      }),
    ]);
  });

  it('replaces lines in which something secret is found', async () => {
    const { write, read } = await writer({ redactions: ['password=', '(?i)secret', 'a&b'] });
    await write(message('one\npassword=x\nTop SECRET\nthe key is a&b\nlast'), 'abc');
    expect(await read('abc.log')).toBe('one\n[redacted]\n[redacted]\n[redacted]\nlast\n');
  });

  it('takes lines without correlation id', async () => {
    const { write, read } = await writer();
    await write(message('whose?'), undefined);
    expect(await read('_none.log')).toBe('whose?\n');
  });
});

describe('a line that cannot be written', () => {
  beforeAll(build);
  let stage: Stage;
  let clock: SimulatedClock;
  let logs = '';
  const kept: unknown[] = [];
  beforeEach(async () => {
    stage = new Stage();
    clock = new SimulatedClock();
    kept.length = 0;
    // What is no directory takes no files, as a disk that is full, away or forbidden.
    logs = join(folder, 'logs');
    await writeFile(logs, '');
  });
  // Not by the stage itself: its judge takes a line that goes back for a job that is refused.
  afterEach(() => stage.engine.transport.close());

  /** While time passes. */
  async function inTime<T>(promise: Promise<T>): Promise<T> {
    let waits = true;
    const settled = promise.finally(() => {
      waits = false;
    });
    while (waits) {
      clock.increment(1000);
      await turn();
    }
    return settled;
  }

  async function stuck() {
    const logger = loggerThat(
      (text, { code }) => text.startsWith('a line is not written') && kept.push(code),
    );
    const worker = await stage.play(output({ output_dir: logs }), { clock, logger });
    stage.engine.transport.publish({
      exchange: 're',
      routingKey: 'output',
      body: Buffer.from(message('one')),
      properties: { correlationId: 'abc' },
      mandatory: false,
    });
    await worker.reached('notWritten');
    ends.push(() => inTime(worker.stop({ deadlineMs: 0 })));
    return worker;
  }
  const queue = () => stage.broker.queue('worker.output');

  it('stays with the broker, is told in the log, and is written as soon as that is possible', async () => {
    const worker = await stuck();
    expect(queue()).toMatchObject({ readyCount: 0, unsettledCount: 1 });
    clock.increment(10_000);
    await worker.reached('notWritten', 2);
    expect(kept).toEqual(['EEXIST', 'EEXIST']);
    await rm(logs);
    clock.increment(10_000);
    await worker.reached('completed');
    expect(await readFile(join(logs, 'abc.log'), 'utf8')).toBe('one\n');
    await stage.broker.idle();
    expect(queue()).toMatchObject({ readyCount: 0, unsettledCount: 0 });
    expect(worker.status().counts).toMatchObject({ received: 1, completed: 1, failed: 0 });
  });

  it('goes back to the queue when the worker stops', async () => {
    const worker = await stuck();
    expect(await inTime(worker.stop({ deadlineMs: 0 }))).toMatchObject({
      counts: { received: 1, completed: 0 },
    });
    expect(worker.route('job')).toContain('givenBack');
    expect(queue()).toMatchObject({ readyCount: 1, unsettledCount: 0 });
  });

  it('is lost with its channel, and comes again on the next one', async () => {
    const worker = await stuck();
    await rm(logs);
    stage.broker.cut(worker.name);
    await inTime(worker.reached('parsing', 2));
    await worker.reached('completed');
    expect(worker.route('job').slice(3)).toEqual([
      'lost',
      'listening',
      'parsing',
      'writing',
      'completed',
      'listening',
    ]);
    expect(await readFile(join(logs, 'abc.log'), 'utf8')).toBe('one\n');
    expect(worker.status().counts).toMatchObject({ received: 2, redelivered: 1, completed: 1, lost: 1 });
  });

  it('half of which a full disk took goes on where it was', async () => {
    const script = `
      import { readFileSync, truncateSync } from 'node:fs';
      import { append } from '${new URL('../../dist/workers/output.js', import.meta.url)}';
      const line = { bytes: Buffer.from(Array.from({ length: 1000 }, (_, n) => n + ' ').join('')), done: 0 };
      let taken = '';
      for (let attempts = 1; ; attempts++) {
        const code = await append('full.log', line).then(() => '', (error) => error.code);
        taken += readFileSync('full.log', 'latin1');
        if (code === '') console.log(JSON.stringify({ attempts, whole: taken === line.bytes.toString() }));
        if (code !== 'EFBIG') break;
        truncateSync('full.log', 0);
      }`;
    const limited = ['-c', 'ulimit -f 2; exec "$0" --input-type=module -e "$1"', process.execPath, script];
    const { stdout } = await promisify(execFile)('sh', limited, { cwd: folder });
    const { attempts, whole } = JSON.parse(stdout);
    expect(whole).toBe(true);
    expect(attempts).toBeGreaterThan(1);
  });
});

describe('lines of a message', () => {
  it('are escaped for HTML, once', () => {
    expect(linesOf('<b> & "q" &amp;', [])).toBe('&lt;b&gt; &amp; "q" &amp;amp;\n');
  });

  it('end with a newline, and with no more than they have', () => {
    expect([linesOf('', []), linesOf('\n', []), linesOf('a\n\n', [])]).toEqual(['\n', '\n', 'a\n\n']);
  });
});

const odd = [
  ...[
    '../../x',
    '..',
    '.',
    '',
    '/etc/passwd',
    'a/b',
    'a\\b',
    '\0',
    'a\0b',
    ' ',
    'a b',
    '-rf',
    '~',
    'x'.repeat(255),
  ],
  ...[
    'con',
    'CON',
    'nul',
    'com1',
    'aux.txt',
    'lpt9',
    'a:b',
    'a?',
    '漢字',
    'é',
    'e\u0301',
    'a\nb',
    '\u202egol',
  ],
  ...['None', '_none', 'ABC', 'Abc', '_ABC-x', '\ud800', '%2e%2e', '$' + '{x}', 'a'.repeat(101)],
];

describe('file names', () => {
  it('of an engine are its ids', () => {
    expect(fileName('54f5c1d8e4b0a1c2d3e4f506')).toBe('54f5c1d8e4b0a1c2d3e4f506.log');
    expect(fileName('6b04c4a6-686c-8252')).toBe('6b04c4a6-686c-8252.log');
  });

  it.each(odd)('of %j stay in the directory, on any file system', (id) => {
    const name = fileName(id);
    expect(name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,103}\.log$/);
    expect(basename(name)).toBe(name);
    expect(name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)\./i);
  });

  it('never fall together, also where case does not count', () => {
    const names = [null, 'abc', 'none', ...odd].map((id) => fileName(id).toLowerCase());
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the configuration of output', () => {
  it.each([
    [{}, /`output_dir`/],
    [{ output_dir: '' }, /`output_dir`/],
    [{ output_dir: 'x', redactions: ['('] }, /`redactions.0`: expected a regular expression/],
    [{ output_dir: 'x', redactions: 'x' }, /`redactions`/],
    [{ output_dir: 'x', redaction: ['x'] }, /^`redaction`: not known; is redactions meant\?$/],
    [{ outputDir: 'x' }, /`output_dir`: .*; `outputDir`: not known; is output_dir meant\?/],
    [{ output_dir: 'x', a: 1 }, /^`a`: not known; known are output_dir, redactions$/],
  ])('%j is refused', (given, said) => {
    expect(() => output(given as never)).toThrow(NeedfulError);
    expect(() => output(given as never)).toThrow(said);
  });
});

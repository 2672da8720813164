// What a ready-made worker makes of a job: its verdict alone, or everything it says on an embedded broker.
import { afterEach, expect } from 'vitest';
import { releaseEngine } from '../../src/contract/release-engine.js';
import { createWorker } from '../../src/worker/create-worker.js';
import type { Worker } from '../../src/worker/definition.js';
import { silentLogger } from '../../src/worker/logger.js';
import { createParser } from '../../src/worker/parse-job.js';
import type { RunningWorker, WorkerOptions } from '../../src/worker/running-worker.js';
import { type ForeignBus, jsonOf, openMemory, type Seen } from '../worker/foreign-bus.js';

/** `valid`, or the code; `text` is the body as it comes, since not every odd value can be made with JSON.stringify. */
export function verdict(worker: Worker, text: string) {
  const parse = createParser(worker, {
    format: releaseEngine,
    bodyLimitBytes: 8 * 1024 * 1024,
    depthLimit: 64,
    valueLimit: 100_000,
  });
  const parsed = parse({
    body: Buffer.from(text),
    properties: { replyTo: 'r', correlationId: 'c' },
    exchange: 're',
    routingKey: `worker.${worker.name}`,
    headersReadable: true,
  });
  const { problem, parameters } = parsed;
  return { code: problem?.code ?? 'valid', message: problem?.message ?? '', parameters };
}

/** A job with these members in its parameters, each given as JSON text. */
export const jobText = (members: Readonly<Record<string, string>>) =>
  `{"parameters":{${Object.entries(members)
    .map(([name, json]) => `${JSON.stringify(name)}:${json}`)
    .join(',')}}}`;

/** Twenty values and more that a parameter is seldom meant to have, as JSON. */
export const oddValues = [
  ...[
    'null',
    '""',
    '" "',
    '[]',
    '[[[]]]',
    '[1]',
    '["1"]',
    '{}',
    '{"__proto__":{"x":1}}',
    '{"a":1}',
    'true',
    'false',
  ],
  ...['0', '-0', '1', '-1', '1.5', '1e400', '-1e400', '3000000', '9007199254740993'],
  ...['"1"', '"0x10"', '"NaN"', '"nan"', '"Infinity"', '"1e400"', '"1_000"', '"٣"', '"\\u0000"', '"\\ud800"'],
  ...[
    '"__proto__"',
    '"constructor"',
    JSON.stringify('x'.repeat(100_000)),
    JSON.stringify('9'.repeat(100_000)),
  ],
];

const notify = Object.fromEntries(
  ['started', 'completed', 'failed'].map((phase) => [phase, { irc: ['#team'] }]),
);

/** One worker on a broker of its own; what it says of one job after the other. */
export async function play(definition: Worker, options: Partial<WorkerOptions> = {}) {
  const bus = await openMemory();
  await bus.hear('r');
  const worker = createWorker(definition, { transport: bus.connect(), logger: silentLogger, ...options });
  open.push({ bus, worker });
  await worker.start();
  let mark = 0;
  return {
    worker,
    bus,
    async job(parameters: object) {
      mark = bus.heard.all.length;
      const routingKey = `worker.${definition.name}`;
      const body = JSON.stringify({ parameters, notify });
      await bus.send({ routingKey, body, properties: { replyTo: 'r', correlationId: 'c' } });
    },
    /** Everything about the last job, once it ended. */
    async end() {
      const isEnough = (messages: readonly Seen[]) =>
        repliesIn(messages).some(({ status }) => status !== 'started');
      const messages = await bus.heard.since(mark, isEnough);
      // Lines and replies are heard by two consumers.
      await bus.heard.since(mark, (all) => linesIn(all).some((line) => line.startsWith('Finished')));
      const all = bus.heard.all.slice(mark);
      const notes = all.filter(({ routingKey }) => routingKey === 'notify.irc').map(jsonOf);
      return {
        replies: repliesIn(messages),
        lines: linesIn(all).slice(1, -1),
        notes: (notes as Note[]).map(({ phase, slug, message }) => [phase, slug, message]),
      };
    },
  };
}

type Note = Readonly<Record<'phase' | 'slug' | 'message', string>>;

const repliesIn = (messages: readonly Seen[]) =>
  messages
    .filter(({ queue }) => queue === 'r')
    .map((message) => jsonOf(message) as { status: string; data?: unknown });
const linesIn = (messages: readonly Seen[]) =>
  messages
    .filter(({ routingKey }) => routingKey === 'output')
    .map((message) => (jsonOf(message) as { message: string }).message);

const open: { readonly bus: ForeignBus; readonly worker: RunningWorker }[] = [];

/** Ends what `play` started in a test, and holds it to the protocol. */
export function endAfterEach(): void {
  afterEach(async () => {
    for (const { bus, worker } of open.splice(0)) {
      await worker.stop({ deadlineMs: 0 });
      expect(bus.judge()).toEqual([]);
      await bus.end();
    }
  });
}

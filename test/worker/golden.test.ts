// The ready-made workers, given the golden jobs by a foreigner, send the golden messages: exchange, key, properties and body
// as they arrive at a foreign consumer, on both brokers.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWorker } from '../../src/worker/create-worker.js';
import type { Worker } from '../../src/worker/definition.js';
import { silentLogger } from '../../src/worker/logger.js';
import type { RunningWorker, WorkerOptions } from '../../src/worker/running-worker.js';
import httprequest from '../../workers/httprequest.js';
import noop from '../../workers/noop.js';
import sleep from '../../workers/sleep.js';
import { comparable, fromRepr, golden, type KnownDifference, recordedForm } from '../contract/golden.js';
import { describeOnEachBus, type ForeignBus, jsonOf, type Seen } from './foreign-bus.js';

const replyQueue = 'engine.golden';
const release = golden('reply started').properties.correlation_id;

/** A recorded job; the body of a job that was not recorded itself, but in the notification of its failure. */
const jobs = {
  argument: golden('job (argument step with notify)').body,
  failing: JSON.parse(fromRepr(String(notified('failed').message).replace(/^noop error - /, ''))),
  sleeping: withParameters('job (pre-deploy check)', { seconds: 0.2 }),
};

function notified(phase: string): Readonly<Record<string, unknown>> {
  return golden(`notification of a worker (${phase})`).body as Record<string, unknown>;
}

function withParameters(kind: string, changes: object): unknown {
  const { parameters, ...rest } = golden(kind).body as { parameters: object };
  return { ...rest, parameters: { ...parameters, ...changes } };
}

type Pick = (messages: readonly Seen[]) => Seen | undefined;

const reply =
  (status: string): Pick =>
  (messages) =>
    messages.find((message) => message.queue === replyQueue && bodyOf(message).status === status);
const line =
  (at: number): Pick =>
  (messages) =>
    messages.filter((message) => message.routingKey === 'output').at(at);
const notification =
  (phase: string): Pick =>
  (messages) =>
    messages.find((message) => message.routingKey === 'notify.irc' && bodyOf(message).phase === phase);

const bodyOf = (message: Seen) => jsonOf(message) as Readonly<Record<string, unknown>>;

type Story = 'argument' | 'failing' | 'sleeping' | 'getting';

const kinds: readonly (readonly [string, Story, Pick])[] = [
  ['reply started', 'argument', reply('started')],
  ['reply completed', 'argument', reply('completed')],
  ['reply completed with data (number)', 'sleeping', reply('completed')],
  ['reply completed with data (string)', 'getting', reply('completed')],
  ['reply failed', 'failing', reply('failed')],
  ['output (start of job)', 'argument', line(0)],
  ['output (from the worker)', 'argument', line(1)],
  ['output (end of job)', 'argument', line(-1)],
  ['notification of a worker (started)', 'argument', notification('started')],
  ['notification of a worker (completed)', 'argument', notification('completed')],
  ['notification of a worker (failed)', 'failing', notification('failed')],
];

/** `known`: differences that docs/wire.md gives a reason for. */
function holds(kind: string, found: { seen: Seen | undefined; known?: readonly KnownDifference[] }): void {
  if (found.seen === undefined) throw new Error(`nothing like "${kind}" was heard`);
  const expected = golden(kind);
  // The recorded reply queue had a name that only its broker could give.
  const names = { [replyQueue]: '<reply queue>', [expected.routing_key]: '<reply queue>' };
  const options = kind.startsWith('reply') ? { names } : { known: found.known ?? [] };
  expect(comparable(recordedForm(found.seen), { ...options, known: [] })).toEqual(
    comparable(expected, options),
  );
}

describeOnEachBus('golden messages of the ready-made workers', (open) => {
  let bus: ForeignBus;
  const workers: RunningWorker[] = [];
  const stories = new Map<Story, readonly Seen[]>();
  const server = createServer((_request, response) => response.end('fine'));

  const start = async (definition: Worker, options: Partial<WorkerOptions> = {}) => {
    const transport = bus.connect();
    const worker = createWorker(definition, {
      transport,
      topology: 'declare',
      logger: silentLogger,
      ...options,
    });
    workers.push(worker);
    await worker.start();
    return worker;
  };
  /** Everything that is heard of a job, once its last words came on both ways. */
  const play = async (queue: string, body: unknown, correlationId = release) => {
    const mark = bus.heard.all.length;
    const properties = { replyTo: replyQueue, correlationId: String(correlationId) };
    await bus.send({ routingKey: `worker.${queue}`, body: JSON.stringify(body), properties });
    return bus.heard.since(
      mark,
      (messages) =>
        [reply('completed'), reply('failed')].some((pick) => pick(messages)) &&
        messages.some(
          ({ routingKey, body }) =>
            routingKey === 'output' && /"Finished /.test(Buffer.from(body).toString()),
        ),
    );
  };

  beforeAll(async () => {
    bus = await open();
    await bus.hear(replyQueue);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await Promise.all([noop, sleep, httprequest].map((definition) => start(definition)));
    const failed = golden('reply failed').properties.correlation_id;
    const get = withParameters('job (simple step)', { command: 'httprequest', subcommand: 'Get', url });
    stories.set('argument', await play('noop', jobs.argument));
    stories.set('failing', await play('noop', jobs.failing, failed));
    stories.set('sleeping', await play('sleep', jobs.sleeping));
    stories.set('getting', await play('httprequest', get));
  });

  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await bus.end('worker.noop', 'worker.sleep', 'worker.httprequest');
    server.closeAllConnections();
    server.close();
  });

  it.each(kinds)('%s arrives as the original sends it', (kind, story, pick) => {
    holds(kind, { seen: pick(stories.get(story) ?? []), known: ['notification exchange'] });
  });

  it('one notification goes to each way that the job names for a phase', () => {
    const sent = (stories.get('argument') ?? []).filter(({ routingKey }) => routingKey.startsWith('notify.'));
    expect(sent.map((message) => [message.routingKey, bodyOf(message).phase])).toEqual([
      ['notify.irc', 'started'],
      ['notify.irc', 'completed'],
      ['notify.email', 'completed'],
    ]);
  });

  it('every job has one started, one final reply, and the lines of the original', () => {
    for (const messages of stories.values()) {
      const replies = messages.filter(({ queue }) => queue === replyQueue);
      expect(replies.map((message) => bodyOf(message).status)).toEqual([
        'started',
        expect.stringMatching(/completed|failed/),
      ]);
    }
    const lines = (stories.get('sleeping') ?? []).filter(({ routingKey }) => routingKey === 'output');
    expect(lines.map((message) => bodyOf(message).message)).toEqual([
      expect.stringMatching(/^Starting SleepWorker\./),
      'Executing sleep(0.2) ...',
      'Sleeping for 0.2 seconds',
      expect.stringMatching(/^Finished SleepWorker\./),
    ]);
  });

  it('notifications go where the original sends them, when the worker is told so', async () => {
    await bus.hear('notify.irc');
    const first = workers[0];
    await first?.stop();
    await start(noop, { notificationExchange: '' });
    const messages = await play('noop', jobs.argument);
    for (const phase of ['started', 'completed']) {
      const seen = messages.find(
        ({ queue, ...rest }) => queue === 'notify.irc' && notification(phase)([{ queue, ...rest }]),
      );
      holds(`notification of a worker (${phase})`, { seen });
    }
    expect(
      messages.filter(({ queue, routingKey }) => queue !== 'notify.irc' && /^notify/.test(routingKey)),
    ).toEqual([]);
  });

  it('the protocol was kept', () => {
    expect(bus.judge()).toEqual([]);
  });
});

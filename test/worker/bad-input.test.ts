// Whatever comes: the lane ends in a named state, one `failed` goes out where it can, and the next good job is done.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createWorker } from '../../src/worker/create-worker.js';
import type { Logger } from '../../src/worker/logger.js';
import type { RunningWorker } from '../../src/worker/running-worker.js';
import type { Trace } from '../adapters/bus.js';
import { addressed, type BadJob, badJobs, type End, good, probe, replyQueue } from './bad-jobs.js';
import { describeOnEachBus, type ForeignBus, jobPaths, jsonOf, type Seen } from './foreign-bus.js';

const begin = ['received', 'acknowledged', 'parsing'];
const done = [...begin, 'verified', 'doingTheNeedful', 'completed', 'listening'];

function pathTo(end: End): readonly string[] {
  if (end === 'gone') return [...begin, 'verified', 'unanswered', 'deadLettering', 'listening'];
  if ('completed' in end) return done;
  return 'muted' in end
    ? [...begin, 'invalid', 'unanswered', 'deadLettering', 'listening']
    : [...begin, 'invalid', 'deadLettering', 'listening'];
}

function repliesOf(end: End): readonly unknown[] {
  if (end === 'gone' || 'muted' in end) return [];
  if ('completed' in end) return [{ status: 'started' }, { status: 'completed', data: end.completed }];
  return [
    {
      status: 'failed',
      data: expect.objectContaining({ code: end.refused, message: expect.stringMatching(end.words) }),
    },
  ];
}

/** The code in the first warning; null: a warning without one; undefined: none. */
function loggedOf(end: End): string | null | undefined {
  if (end === 'gone') return null;
  if ('completed' in end) return undefined;
  return 'muted' in end ? end.muted : end.refused;
}

describeOnEachBus('what comes to a worker', (open) => {
  let bus: ForeignBus;
  let worker: RunningWorker;
  let paths: Trace<readonly string[]>;
  const warnings: { code: string | null; message: string }[] = [];
  const ids = new Set<string>();

  beforeAll(async () => {
    bus = await open();
    await bus.hear(replyQueue);
    const logger = warningsTo((fields, message) => warnings.push({ code: codeIn(fields), message }));
    worker = createWorker(probe, { transport: bus.connect(), topology: 'declare', logger });
    paths = jobPaths(worker);
    await worker.start();
  });
  afterAll(async () => {
    await worker.stop();
    await bus.end('worker.probe');
  });
  afterEach(() => {
    expect(Reflect.get({}, 'x')).toBeUndefined();
  });

  const send = (bad: Pick<BadJob, 'body' | 'properties'>, correlationId: string) =>
    bus.send({ routingKey: 'worker.probe', body: bad.body, properties: bad.properties(correlationId) });

  it.each(badJobs.map((bad) => [bad.name, bad] as const))('%s', async (name, bad) => {
    const [mark, jobCount] = [bus.heard.all.length, paths.all.length];
    warnings.length = 0;
    await send(bad, `bad ${name}`.slice(0, 100));
    await send({ body: good, properties: addressed }, `next ${name}`.slice(0, 100));

    const two = (await paths.first(jobCount + 2)).slice(jobCount);
    expect(two).toEqual([pathTo(bad.end), done]);
    const heard = await bus.heard.since(mark, (messages) => {
      const last = messages.findLast(({ queue }) => queue === replyQueue);
      return last?.properties.correlationId?.startsWith('next') === true && isCompleted(last);
    });
    // Replies come over one channel: what came before the last one is all there is.
    const replies = heard.filter(({ queue }) => queue === replyQueue);
    expect(replies.map(jsonOf)).toEqual([...repliesOf(bad.end), ...repliesOf({ completed: 0 })]);
    for (const reply of replies) holdsReply(reply);
    expect(warnings[0]?.code).toBe(loggedOf(bad.end));
  });

  const holdsReply = (reply: Seen) => {
    const { headers, appId, replyTo, messageId = '' } = reply.properties;
    expect({ headers, appId, replyTo }).toEqual({ headers: undefined, appId: 'probeworker', replyTo: 'log' });
    expect(ids.has(messageId)).toBe(false);
    ids.add(messageId);
    const { data } = jsonOf(reply) as { data?: { message?: string; issues?: unknown[] } };
    if (data?.message === undefined) return;
    expect(data.message.length).toBeLessThanOrEqual(300);
    expect(data.message).not.toMatch(/[\r\n]/);
    expect(data.issues?.length ?? 0).toBeLessThanOrEqual(20);
    for (const key of Object.keys(data)) expect(['code', 'message', 'issues']).toContain(key);
  };

  it('a reply has no correlation id where the job had none', async () => {
    const mark = bus.heard.all.length;
    await send({ body: good, properties: () => ({ replyTo: replyQueue }) }, '');
    const heard = await bus.heard.since(mark, (messages) => messages.some(isCompleted));
    const reply = heard.find(isCompleted);
    expect(reply?.properties).not.toHaveProperty('correlationId');
  });

  it('after all that the worker is as it was', async () => {
    expect(worker.status()).toMatchObject({ ready: true, counts: { lost: 0, returned: 0 } });
    expect(await bus.readyCount('worker.probe')).toBe(0);
    expect(bus.judge()).toEqual([]);
  });
});

function isCompleted({ queue, body }: Seen): boolean {
  return queue === replyQueue && Buffer.from(body).toString().includes('"completed"');
}

function codeIn(fields: object): string | null {
  const code: unknown = Reflect.get(fields, 'code');
  return typeof code === 'string' ? code : null;
}

function warningsTo(write: (fields: object, message: string) => void): Logger {
  const ignore = () => undefined;
  const logger: Logger = {
    debug: ignore,
    info: ignore,
    warn: write,
    error: write,
    fatal: write,
    child: () => logger,
  };
  return logger;
}

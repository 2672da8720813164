// Whatever comes: the lane ends in a named state, one `failed` goes out where it can, the delivery is settled as the policy says
// and never requeued, and the next good job is done. Every row, in each policy.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Acknowledge } from '../../machines/index.js';
import { describeOnEachBus, type ForeignBus, jsonOf, type Seen } from '../worker/foreign-bus.js';
import { bodies, hugeJobs } from './bodies.js';
import type { BadJob, End } from './jobs.js';
import { memberJobs } from './members.js';
import { type Batch, idOf, type Played, play, type Run } from './play.js';
import { propertyJobs, rawJobs } from './properties.js';

const runs: readonly Run[] = [
  { acknowledge: 'received', letters: false },
  { acknowledge: 'verified', letters: false },
  { acknowledge: 'settled', letters: false },
  { acknowledge: 'settled', letters: true },
];

/** What is huge comes once. */
function jobsOf({ acknowledge }: Run, isRabbitMQ: boolean): readonly BadJob[] {
  const huge = acknowledge === 'received' ? hugeJobs() : [];
  const all = [...bodies, ...huge, ...memberJobs, ...propertyJobs, ...(isRabbitMQ ? rawJobs : [])];
  return all.sort((a, b) => Number(b.redelivered ?? false) - Number(a.redelivered ?? false));
}

type Way = 'done' | 'refused' | 'muted' | 'gone';
const wayOf = (end: End): Way =>
  end === 'gone' ? 'gone' : 'completed' in end ? 'done' : 'muted' in end ? 'muted' : 'refused';

const early = (path: string): Readonly<Record<Way, string>> => ({
  done: `${path} verified doingTheNeedful completed`,
  refused: `${path} invalid deadLettering`,
  muted: `${path} invalid unanswered deadLettering`,
  gone: `${path} verified unanswered deadLettering`,
});
const paths: Readonly<Record<Acknowledge, Readonly<Record<Way, string>>>> = {
  received: early('received acknowledged parsing'),
  verified: {
    done: 'received parsing acknowledged verified doingTheNeedful completed',
    refused: 'received parsing invalid deadLettering rejected',
    muted: 'received parsing invalid unanswered deadLettering rejected',
    gone: 'received parsing acknowledged verified unanswered deadLettering',
  },
  settled: {
    done: 'received parsing verified doingTheNeedful completed acknowledged',
    refused: 'received parsing invalid deadLettering rejected',
    muted: 'received parsing invalid unanswered deadLettering rejected',
    gone: 'received parsing verified unanswered deadLettering rejected',
  },
};
const pathOf = ({ acknowledge }: Run, end: End) => `${paths[acknowledge][wayOf(end)]} listening`;
const isRejected = (run: Run, { end }: BadJob) => pathOf(run, end).includes('rejected');

const started = { status: 'started' };
const completed = (data: unknown) => ({ status: 'completed', ...(data !== undefined && { data }) });

function repliesOf(end: End): readonly unknown[] {
  if (end === 'gone' || 'muted' in end) return [];
  if ('completed' in end) return [started, completed(end.completed)];
  const data = { code: end.refused, message: expect.stringMatching(end.words) };
  return [{ status: 'failed', data: expect.objectContaining(data) }];
}

/** The code in the first warning; null: a warning without one; undefined: none. */
function warningOf(end: End): string | null | undefined {
  if (end === 'gone') return null;
  if ('completed' in end) return undefined;
  return 'muted' in end ? end.muted : end.refused;
}

const [info, warn] = [30, 40];
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is sought
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

function holdLog({ log }: Played, end: End): void {
  const warnings = log.filter(({ level }) => level > info);
  expect(Math.max(...log.map(({ level }) => level))).toBe(wayOf(end) === 'done' ? info : warn);
  const [first] = warnings;
  expect(first && (first.code ?? null)).toBe(warningOf(end));
  for (const { text } of log) {
    expect(text.slice(0, -1)).not.toMatch(unprintable);
    expect(text.length).toBeLessThan(5000);
  }
}

function holdReply(reply: Seen, run: Run, correlationId: string | undefined): void {
  expect(reply.properties).toEqual({
    ...(correlationId !== undefined && { correlationId }),
    appId: `probe-${run.acknowledge}${run.letters ? '-letters' : ''}worker`,
    replyTo: 'log',
    messageId: expect.any(String),
    contentType: 'application/json',
    ...('deliveryMode' in reply.properties && { deliveryMode: 1 }),
  });
  const { data } = jsonOf(reply) as { data?: { message?: string; issues?: unknown[] } };
  if (data?.message === undefined) return;
  expect(data.message.length).toBeLessThanOrEqual(300);
  expect(data.message).not.toMatch(unprintable);
  expect(data.issues?.length ?? 0).toBeLessThanOrEqual(20);
  for (const key of Object.keys(data)) expect(['code', 'message', 'issues']).toContain(key);
}

describeOnEachBus('what comes to a worker', (open, busName) => {
  describe.each(runs)('that acknowledges what is $acknowledge, with dead letters: $letters', (run) => {
    const jobs = jobsOf(run, busName === 'RabbitMQ');
    let bus: ForeignBus;
    let played: Batch;
    const of = (name: string) => {
      const [bad, next] = [played.bad.get(name), played.next.get(name)];
      if (bad === undefined || next === undefined) throw new Error(`${name} was not played`);
      return { bad, next };
    };

    beforeAll(async () => {
      bus = await open();
      await bus.hear('engine.bad-input');
      played = await play(bus, run, jobs);
    });
    afterAll(() => bus.end(`worker.probe-${run.acknowledge}${run.letters ? '-letters' : ''}`));

    it.each(jobs.map((job) => [job.name, job] as const))('%s', (name, job) => {
      const { bad, next } = of(name);
      const { end, repliesWith = job.properties(idOf(jobs, job)).correlationId } = job;
      expect(bad.path.join(' ')).toBe(pathOf(run, end));
      expect(bad.replies.map(jsonOf)).toEqual(repliesOf(end));
      for (const reply of bad.replies) holdReply(reply, run, repliesWith ?? undefined);
      holdLog(bad, end);
      expect(next.path.join(' ')).toBe(pathOf(run, { completed: 0 }));
      expect(next.replies.map(jsonOf)).toEqual([started, completed(0)]);
      if (job.notified !== undefined) {
        const mine = played.notifications.filter(
          ({ properties }) => properties.correlationId === idOf(jobs, job),
        );
        const seen = mine.map((one) => ({ routingKey: one.routingKey, ...(jsonOf(one) as object) }));
        expect(seen).toEqual(job.notified.map((one) => expect.objectContaining(one)));
      }
    });

    it('I4 every reply has an id of its own', () => {
      const all = [...played.bad.values(), ...played.next.values()].flatMap(({ replies }) => replies);
      expect(new Set(all.map(({ properties }) => properties.messageId)).size).toBe(all.length);
    });

    it('I5 an invalid job is never requeued: it is rejected where it was not acknowledged before', () => {
      const rejected = jobs.filter((job) => isRejected(run, job));
      expect(played.rejected.map(({ body }) => body.length)).toEqual(
        rejected.map(({ body }) => Buffer.from(body).length),
      );
      expect(played.readyCount).toBe(0);
    });

    it('I7 no input ends the process, the connection or a lane', () => {
      const { state, ready, counts, lanes } = played.status;
      expect({ state, ready, epoch: played.epoch }).toEqual({
        state: 'listening.flowing',
        ready: true,
        epoch: 1,
      });
      expect(lanes.map((lane) => lane.state)).toEqual(['listening']);
      const before = jobs.filter(({ redelivered }) => redelivered).length;
      expect(counts).toMatchObject({
        received: 2 * jobs.length,
        redelivered: before,
        lost: 0,
        returned: 0,
        orphaned: 0,
        completed: jobs.length + jobs.filter(({ end }) => wayOf(end) === 'done').length,
        invalid: jobs.filter(({ end }) => wayOf(end) === 'refused').length,
        unanswered: jobs.filter(({ end }) => ['muted', 'gone'].includes(wayOf(end))).length,
      });
      expect(Reflect.get({}, 'x')).toBeUndefined();
      expect(bus.judge()).toEqual([]);
    });

    it('a letter is kept of each that was refused or that nobody can be told about, where they have a place', () => {
      const dead = run.letters ? jobs.filter(({ end }) => wayOf(end) !== 'done') : [];
      const letters = played.letters.map(({ body, properties }) => ({
        size: body.length,
        reason: properties.headers?.['x-needful-reason'],
        state: properties.headers?.['x-needful-state'],
      }));
      expect(letters).toEqual(
        dead.map(({ body, end }) => ({
          size: Buffer.from(body).length,
          reason: warningOf(end) ?? 'UNANSWERED',
          state: pathOf(run, end).replace(/ rejected listening$/, ''),
        })),
      );
      expect(played.status.counts.deadLettered).toBe(dead.length);
    });
  });
});

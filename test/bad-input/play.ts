// Bad jobs in a batch, a good one behind each, through one worker with one lane; and what was seen of it.
import type { Acknowledge } from '../../machines/index.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { createLogger } from '../../src/worker/default-logger.js';
import type { WorkerStatus } from '../../src/worker/running-worker.js';
import { type ForeignBus, jobPaths, jsonOf, type Seen } from '../worker/foreign-bus.js';
import { addressed, type BadJob, good, probe, replyQueue } from './jobs.js';

export interface Run {
  readonly acknowledge: Acknowledge;
  /** Dead letters have a place. */
  readonly letters: boolean;
}

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly code?: string;
  /** Of the worker itself: none. */
  readonly lane?: number;
  /** As it left the process. */
  readonly text: string;
}

/** What was seen of one job. */
export interface Played {
  readonly path: readonly string[];
  readonly replies: Seen[];
  readonly log: readonly LogLine[];
}

export interface Batch {
  /** By the bad job's name. */
  readonly bad: ReadonlyMap<string, Played>;
  /** The good ones behind them, by the same name. */
  readonly next: ReadonlyMap<string, Played>;
  readonly rejected: readonly Seen[];
  readonly letters: readonly Seen[];
  readonly notifications: readonly Seen[];
  /** Before the worker was stopped. */
  readonly status: WorkerStatus;
  /** Connections and channels that the worker had. */
  readonly epoch: number;
  /** Left in the queue. */
  readonly readyCount: number;
}

export const idOf = (jobs: readonly BadJob[], job: BadJob) => `bad ${jobs.indexOf(job)}`;

/** In this order; those that were delivered before must come first. */
export async function play(bus: ForeignBus, run: Run, jobs: readonly BadJob[]): Promise<Batch> {
  const name = `probe-${run.acknowledge}${run.letters ? '-letters' : ''}`;
  const queue = `worker.${name}`;
  const letterQueue = `letters.${name}`;
  await bus.watch(queue);
  if (run.letters) await bus.hear(letterQueue);
  const mark = bus.heard.all.length;

  const logs: LogLine[][] = [];
  const logger = createLogger('debug', {
    write(text) {
      const line: LogLine = { ...JSON.parse(text), text };
      // That a busy machine was late says nothing of a job.
      if (line.lane !== undefined) logs.at(-1)?.push(line);
    },
  });
  const transport = bus.connect();
  const worker = createWorker(probe(run.acknowledge, name), {
    transport,
    topology: 'check',
    logger,
    holdMs: 60_000,
    ...(run.letters && { deadLetter: { exchange: '', routingKey: letterQueue } }),
  });
  const paths = jobPaths(worker);
  worker.subscribe(({ machine, to }) => {
    if (machine === 'job' && to === 'received') logs.push([]);
  });

  const send = async (job: BadJob) => {
    const { body, raw } = job;
    const properties = job.properties(idOf(jobs, job));
    if (raw === undefined) return bus.send({ routingKey: queue, body, properties });
    const id = Buffer.from(properties.correlationId ?? '');
    const known = { correlationId: id, replyTo: Buffer.from(replyQueue) };
    await bus.sendRaw?.({
      exchange: 're',
      routingKey: queue,
      body: Buffer.from(body),
      properties: { ...known, ...raw },
    });
  };
  const isBefore = ({ redelivered }: BadJob) => redelivered === true;
  for (const job of jobs.filter(isBefore)) {
    await send(job);
    await bus.putBack(queue);
  }
  await worker.start();
  let sent: Promise<void>[] = [];
  for (const [index, job] of jobs.entries()) {
    if (job.raw !== undefined) await Promise.all(sent);
    if (job.raw !== undefined) sent = [];
    if (!isBefore(job)) sent.push(send(job));
    if (job.raw !== undefined) await Promise.all(sent);
    sent.push(bus.send({ routingKey: queue, body: good, properties: addressed(nextId(index)) }));
  }
  await Promise.all(sent);

  const done = await paths.first(2 * jobs.length);
  const isLast = (seen: Seen) =>
    isCompleted(seen) && seen.properties.correlationId === nextId(jobs.length - 1);
  await bus.heard.since(mark, (messages) => messages.findLast(isLast) !== undefined);
  const status = worker.status();
  const { epoch } = transport.status;
  await worker.stop();
  // Whatever the worker sent is in its queues now, and before this.
  const isMarker = ({ routingKey }: Seen) => routingKey === `marker.${name}`;
  await bus.send({ routingKey: `marker.${name}`, body: '', properties: {} });
  const heard = await bus.heard.since(mark, (messages) => messages.some(isMarker));

  const replies = repliesByJob(heard.filter((seen) => seen.queue === replyQueue));
  const played = (index: number, kind: 'bad' | 'next'): Played => {
    const at = 2 * index + (kind === 'bad' ? 0 : 1);
    return { path: done[at] ?? [], replies: replies[at] ?? [], log: logs[at] ?? [] };
  };
  const rejectedQueue = `rejected.${queue}`;
  return {
    bad: new Map(jobs.map((job, index) => [job.name, played(index, 'bad')])),
    next: new Map(jobs.map((job, index) => [job.name, played(index, 'next')])),
    rejected: heard.filter((seen) => seen.queue === rejectedQueue),
    letters: heard.filter((seen) => seen.queue === letterQueue),
    notifications: heard.filter(({ routingKey }) => routingKey.startsWith('notify.')),
    status,
    epoch,
    readyCount: await bus.readyCount(queue),
  };
}

const nextId = (index: number) => `next ${index}`;

export const isCompleted = ({ queue, body }: Seen) =>
  queue === replyQueue && Buffer.from(body).includes('"completed"');

/** They come in the order of their jobs; those of a bad job may have any correlation id. */
function repliesByJob(replies: readonly Seen[]): readonly Seen[][] {
  const all: Seen[][] = [[]];
  for (const reply of replies) {
    const index = Math.floor((all.length - 1) / 2);
    const isBad = all.length % 2 === 1;
    if (isBad && reply.properties.correlationId === nextId(index)) all.push([]);
    all.at(-1)?.push(reply);
    if (all.length % 2 === 0 && (jsonOf(reply) as { status: string }).status === 'completed') all.push([]);
  }
  return all;
}

// A running worker: binds the worker's machine, its lanes, the intake and one transport together.
import { hostname } from 'node:os';
import { createActor, fromPromise, type InspectionEvent, type StateValue } from 'xstate';
import { type WorkerEvent, workerMachine } from '../../machines/worker.js';
import { NeedfulError } from '../contract/errors.js';
import type { Consumer, TransportEvent } from '../transport.js';
import { backoffMs } from './backoff.js';
import { createDeadlines } from './deadlines.js';
import type { Worker } from './definition.js';
import { createDrain } from './drain.js';
import { createIntake } from './intake.js';
import { createLane, type Lane, type LaneHost } from './lane.js';
import { createObservers, guarded } from './observers.js';
import { type ResolvedOptions, resolveOptions } from './options.js';
import { createParser } from './parse-job.js';
import { checkTopology } from './prepare-topology.js';
import type { RunningWorker, TransitionRecord, WorkerOptions, WorkerStatus } from './running-worker.js';

/** How long the replies of cancelled jobs may take when a worker stops, in milliseconds. */
const lastRepliesMs = 5000;

/** Makes a worker; it owns its transport, opens it in `start()` and closes it in `stop()`. Throws OPTION_INVALID. */
export function createWorker(definition: Worker, given: WorkerOptions): RunningWorker {
  const resolved = resolveOptions(definition, given);
  const logger = resolved.logger.child({ worker: definition.name });
  const inspect = resolved.inspect && guarded(resolved.inspect, logger);
  const options: ResolvedOptions = { ...resolved, inspect };
  const { transport, clock, format, concurrency } = options;
  const queue = format.queueName(options.queue);
  const topology = format.topology(options.queue);
  const instance = Math.floor(options.random() * 2 ** 48)
    .toString(16)
    .padStart(12, '0');
  const observers = createObservers<TransitionRecord>(logger);
  const counts = { received: 0, completed: 0, failed: 0, invalid: 0, unanswered: 0, returned: 0, lost: 0 };
  const lanes: Lane[] = [];
  let consumer: Consumer | null = null;
  let consumerCount = 0;
  let state = 'initializing';
  let startedAt = clock.now();

  const drain = createDrain(clock, options.drainMs);
  const deadlines = createDeadlines(clock, {
    slotCount: concurrency,
    onPassed: (slot) => lanes[slot]?.send({ type: 'deadline.passed' }),
  });
  const intake = createIntake({
    clock,
    holdMs: options.holdMs,
    onFilled: () => actor.send({ type: 'lanes.filled' }),
    onFreed: () => {
      if (state === 'listening.full') actor.send({ type: 'lane.freed' });
    },
  });
  const giveBack = () => {
    counts.returned += intake.giveBack();
  };
  const cancelConsumer = async () => {
    const cancelled = consumer;
    consumer = null;
    await cancelled?.cancel();
    giveBack();
  };

  const host: LaneHost = {
    worker: definition,
    options,
    deadlines,
    parse: createParser(definition, options),
    onRest(lane) {
      intake.free(lane);
      drain.check();
    },
    onBroken(lane, error) {
      logger.fatal({ lane: lane.index, err: error }, 'the machine of a lane broke; the lane is replaced');
      intake.remove(lane);
      startLane(lane.index);
    },
    count: (what) => {
      counts[what] += 1;
    },
    get observe() {
      return observers.notify;
    },
    nextDeliveryId: () => `${instance}-${counts.received}`,
  };
  const startLane = (index: number) => {
    const lane = createLane(index, host);
    lanes[index] = lane;
    lane.start();
  };

  const machine = workerMachine.provide({
    actors: {
      connect: fromPromise(() => transport.open()),
      check: fromPromise(() => checkTopology(transport, topology)),
      declare: fromPromise(async () => {
        await transport.declare(topology);
      }),
      consume: fromPromise(async ({ signal }) => {
        consumerCount += 1;
        const started = await transport.consume(queue, {
          prefetchCount: concurrency,
          consumerTag: `${definition.name}@${hostname()}-${instance}-${consumerCount}`,
          onDelivery: (delivery) => intake.offer(delivery),
        });
        if (signal.aborted) await started.cancel();
        else consumer = started;
      }),
      pause: fromPromise(cancelConsumer),
      drain: fromPromise(async () => {
        await Promise.race([cancelConsumer(), unlessSettled(options)]);
        await drain.run({ lanes, replyMs: Math.min(options.replyDeadlineMs, lastRepliesMs) });
        await close();
      }),
      close: fromPromise(() => close()),
    },
    actions: {
      resume: () => {
        for (const lane of lanes) lane.send({ type: 'connection.opened' });
      },
      record: ({ context }) => {
        logger.warn({ err: context.error, attempt: context.attempt }, 'no connection to the broker');
      },
    },
    guards: {
      isTooLate: ({ context }) =>
        !context.hasListened && clock.now() - startedAt >= options.connectDeadlineMs,
      hasFreeLane: () => intake.hasFreeLane,
    },
    delays: { backoff: ({ context }) => backoffMs(context.attempt, options.random) },
  });
  const close = async () => {
    for (const lane of lanes) lane.send({ type: 'stop' });
    deadlines.stop();
    await transport.close();
    unsubscribe();
  };

  const onInspection = (event: InspectionEvent) => {
    inspect?.(event);
    if (event.type !== '@xstate.microstep' || event.actorRef !== actor) return;
    const from = state;
    state = stateName((event.snapshot as unknown as { value: StateValue }).value);
    if (from === state) return;
    logger.debug({ from, to: state }, 'worker');
    observers.notify?.({
      at: clock.now(),
      machine: 'worker',
      worker: definition.name,
      lane: null,
      from,
      to: state,
      event: event.event.type,
      correlationId: null,
      step: null,
    });
  };
  const actor = createActor(machine, {
    input: { topology: options.topology },
    clock,
    inspect: onInspection,
  });
  const unsubscribe = transport.subscribe((event) => {
    const said = inWords(event, queue);
    if (said) actor.send(said);
  });

  const status = (): WorkerStatus => ({
    worker: definition.name,
    queue,
    state,
    ready: actor.getSnapshot().hasTag('ready'),
    lanes: lanes.map((lane) => lane.status()),
    counts: { ...counts },
  });
  const ended = new Promise<Awaited<RunningWorker['ended']>>((resolve) => {
    const end = (error: Error | null) => resolve({ ...status(), ...(error && { error }) });
    actor.subscribe({
      next: (snapshot) => {
        if (snapshot.hasTag('ended')) end(snapshot.matches('faulted') ? snapshot.context.error : null);
      },
      error: (error) => {
        logger.fatal({ err: error }, "the worker's machine broke");
        void close().then(() => end(error as Error));
      },
    });
  });
  let starting: Promise<void> | undefined;

  const worker: RunningWorker = {
    start() {
      starting ??= new Promise<void>((resolve, reject) => {
        const subscription = actor.subscribe((snapshot) => {
          if (!snapshot.matches('listening')) return;
          subscription.unsubscribe();
          resolve();
        });
        void ended.then(({ error }) => reject(error ?? stoppedEarly(definition.name)));
        startedAt = clock.now();
        for (let index = 0; index < concurrency; index++) startLane(index);
        actor.start();
        actor.send({ type: 'start' });
      });
      return starting;
    },
    async stop({ deadlineMs } = {}) {
      if (deadlineMs !== undefined) drain.setDeadline(deadlineMs);
      actor.start();
      actor.send({ type: 'stop' });
      return ended;
    },
    status,
    subscribe: (observer) => observers.subscribe(observer),
    ended,
    async [Symbol.asyncDispose]() {
      await worker.stop();
    },
  };
  return worker;
}

const stoppedEarly = (name: string) =>
  new NeedfulError('STOPPED_EARLY', `worker ${name} was stopped before it listened`);

/** A consumer on a dead link is not waited for longer than replies are. */
const unlessSettled = ({ clock }: ResolvedOptions) =>
  new Promise<void>((resolve) => clock.setTimeout(() => resolve(), lastRepliesMs));

/** What the bus says, in the words of the worker's machine; null: nothing that concerns it. */
function inWords(event: TransportEvent, queue: string): WorkerEvent | null {
  switch (event.type) {
    case 'connection.closed':
      return { type: 'connection.lost', error: event.error };
    case 'channel.closed':
      return event.purpose === 'jobs' ? { type: 'connection.lost', error: event.error } : null;
    case 'consumer.cancelled': {
      const message = `the broker cancelled the consumer of ${queue}: the queue was deleted or has moved`;
      return {
        type: 'consumer.cancelled',
        error: new NeedfulError('QUEUE_MISSING', message, { retry: true }),
      };
    }
    case 'connection.blocked':
    case 'connection.unblocked':
      return { type: event.type };
    default:
      return null;
  }
}

/** `{ listening: 'flowing' }` -> `listening.flowing`. */
function stateName(value: StateValue): string {
  if (typeof value === 'string') return value;
  return Object.entries(value)
    .map(([key, inner]) => `${key}.${inner === undefined ? '' : stateName(inner)}`)
    .join(' ');
}

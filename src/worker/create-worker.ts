// Puts a running worker together: its life, its lanes, the intake between them, one transport.
import { NeedfulError } from '../contract/errors.js';
import { redactIn } from '../contract/redact-value.js';
import { createDeadlines } from './deadlines.js';
import type { Worker } from './definition.js';
import { createDrain } from './drain.js';
import { createIntake } from './intake.js';
import { createLane, type Lane, type LaneHost } from './lane.js';
import { checkOwnEvent, laneFlow } from './lane-flow.js';
import { createLife } from './life.js';
import { createLines } from './lines.js';
import { createObservers, guarded } from './observers.js';
import { type ResolvedOptions, resolveOptions } from './options.js';
import { createParser } from './parse-job.js';
import type {
  EndedWorker,
  RunningWorker,
  TransitionRecord,
  WorkerOptions,
  WorkerStatus,
} from './running-worker.js';
import { createEnd } from './worker-end.js';

/** Makes a worker; it owns its transport, opens it in `start()` and closes it in `stop()`. Throws OPTION_INVALID. */
export function createWorker<E extends string>(
  definition: Worker<string, unknown, unknown, unknown, unknown, E>,
  given: WorkerOptions,
): RunningWorker<E> {
  const resolved = resolveOptions(definition, given);
  const logger = resolved.logger.child({ worker: definition.name });
  const lines = createLines({ ...resolved, logger });
  const options: ResolvedOptions = {
    ...resolved,
    logger,
    lines,
    inspect: resolved.inspect && guarded(resolved.inspect, logger),
  };
  const { clock, concurrency } = options;
  const flow = laneFlow(definition.flow);
  const queue = options.format.queueName(options.queue);
  const instance = randomHex(options.random);
  const observers = createObservers<TransitionRecord>(logger);
  const counts = {
    received: 0,
    redelivered: 0,
    completed: 0,
    failed: 0,
    invalid: 0,
    unanswered: 0,
    retried: 0,
    orphaned: 0,
    deadLettered: 0,
    returned: 0,
    lost: 0,
    linesDropped: 0,
  };
  const lanes: Lane[] = [];

  const end = createEnd({
    worker: definition.name,
    logger,
    unansweredCount: () => counts.unanswered,
  });
  const drain = createDrain({ clock, standardMs: options.drainMs, onDeadline: end.cutShort });
  const deadlines = createDeadlines(clock, {
    slotCount: concurrency,
    onPassed: (slot) => lanes[slot]?.passDeadline(),
  });
  const intake = createIntake({
    clock,
    holdMs: options.holdMs,
    onFilled: () => life.actor.send({ type: 'lanes.filled' }),
    onFreed: () => {
      if (life.state === 'listening.full') life.actor.send({ type: 'lane.freed' });
    },
  });
  const host: LaneHost = {
    worker: definition,
    flow,
    options,
    queue,
    deadlines,
    parse: createParser(definition, options),
    onRest(lane) {
      intake.free(lane);
      drain.check();
    },
    onBroken(lane, error) {
      end.broke(`the machine of lane ${lane.index} broke, and the lane was replaced`, error);
      intake.remove(lane);
      startLane(lane.index);
    },
    onDeaf: (error) => life.actor.send({ type: 'broker.deaf', error }),
    count(what) {
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
  const life = createLife({
    name: definition.name,
    instance,
    queue,
    options,
    replies: flow.replies,
    logger,
    lanes,
    intake,
    deadlines,
    drain,
    onBreach: end.broke,
    onReturned(count) {
      counts.returned += count;
    },
    get observe() {
      return observers.notify;
    },
  });
  const { actor } = life;

  // A machine that broke keeps the state in which it did.
  const isReady = (now = actor.getSnapshot()) => now.status === 'active' && now.hasTag('ready');
  const status = (): WorkerStatus => ({
    worker: definition.name,
    queue,
    state: life.state,
    ready: isReady(),
    lanes: lanes.map((lane) => redactIn(lane.status())),
    counts: { ...counts, linesDropped: lines.droppedCount },
  });
  const ended = new Promise<EndedWorker>((resolve) => {
    actor.subscribe({
      next(snapshot) {
        if (!snapshot.hasTag('ended')) return;
        const error = snapshot.matches('faulted') ? snapshot.context.error : end.error;
        resolve({ ...status(), ...(error && { error: redactIn(error) }) });
      },
      error(error) {
        end.broke('its machine broke', error);
        for (const lane of lanes) lane.send({ type: 'stop' });
        void options.transport
          .close()
          .then(() => resolve({ ...status(), ...(end.error && { error: end.error }) }));
      },
    });
  });
  const listens = () =>
    new Promise<void>((resolve, reject) => {
      actor.subscribe({
        next: (snapshot) => snapshot.matches('listening') && resolve(),
        error: () => {},
      });
      void ended.then(({ error }) => reject(error ?? stoppedEarly(definition.name)));
    });
  let starting: Promise<void> | undefined;

  const worker: RunningWorker<E> = {
    start() {
      if (starting) return starting;
      starting = listens();
      if (life.state !== 'initializing') return starting;
      for (let index = 0; index < concurrency; index++) startLane(index);
      actor.start();
      actor.send({ type: 'start' });
      return starting;
    },
    stop({ deadlineMs } = {}) {
      if (deadlineMs !== undefined) drain.setDeadline(deadlineMs);
      if (actor.getSnapshot().status !== 'active') return ended;
      actor.start();
      actor.send({ type: 'stop' });
      return ended;
    },
    send(correlationId, event) {
      checkOwnEvent(flow, event);
      const busy = lanes.filter((lane) => !lane.isIdle && lane.status().correlationId === correlationId);
      return busy.filter((lane) => lane.take(event)).length > 0;
    },
    cancel: (correlationId, reason = 'no reason given') =>
      worker.send(correlationId, { type: 'cancel', reason }),
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

/** 12 digits. */
const randomHex = (random: () => number) =>
  Math.floor(random() * 2 ** 48)
    .toString(16)
    .padStart(12, '0');

// The worker's machine as an actor: binds what its states do to the transport, the intake and the lanes.
import { hostname } from 'node:os';
import { type Actor, createActor, fromPromise, type InspectionEvent, type StateValue } from 'xstate';
import { workerMachine } from '../../machines/worker.js';
import { NeedfulError } from '../contract/errors.js';
import type { Consumer, Delivery, TransportEvent } from '../transport.js';
import { backoffMs, reconnecting } from './backoff.js';
import type { Deadlines } from './deadlines.js';
import type { Drain } from './drain.js';
import type { Intake } from './intake.js';
import type { Lane } from './lane.js';
import type { Logger } from './logger.js';
import type { ResolvedOptions } from './options.js';
import { checkDeadLetter, checkReplies, checkTopology } from './prepare-topology.js';
import type { TransitionRecord } from './running-worker.js';
import { stateName } from './watch-machine.js';
import { createWatches } from './watches.js';
import { toWorkerEvent } from './worker-events.js';

/** How long the broker may take to cancel the consumer, and to confirm the replies of cancelled jobs, in milliseconds. */
const farewellMs = 2000;

/** From so many attempts in vain on, the log speaks of an error. */
const patience = 5;

/** Attempts that are counted at least where only a human can help: the next one is not at once. */
const slowly = 7;

export interface LifeHost {
  readonly name: string;
  /** Distinguishes this worker from others of its name. */
  readonly instance: string;
  /** Name of the queue on the broker. */
  readonly queue: string;
  readonly options: ResolvedOptions;
  /** Jobs are answered, so the broker must permit that. */
  readonly replies: boolean;
  readonly logger: Logger;
  readonly lanes: readonly Lane[];
  readonly intake: Intake;
  readonly deadlines: Deadlines;
  readonly drain: Drain;
  onReturned(count: number): void;
  /** What must never happen did. */
  onBreach(what: string, cause: unknown): void;
  readonly observe: ((record: TransitionRecord) => void) | undefined;
}

export interface Life {
  readonly actor: Actor<typeof workerMachine>;
  /** States joined by a dot. */
  readonly state: string;
}

export function createLife(host: LifeHost): Life {
  const { name, queue, options, logger, lanes, intake } = host;
  const { transport, clock, format, concurrency } = options;
  const topology = format.topology(options.queue);
  let consumer: Consumer | null = null;
  let consumerCount = 0;
  /** Of the last delivery: where none came there is nothing to settle. */
  let deliveredEpoch = 0;
  let startedAt = Number.POSITIVE_INFINITY;
  let state = 'initializing';
  const watches = createWatches({ options, logger, lanes });

  const offer = (delivery: Delivery) => {
    deliveredEpoch = delivery.epoch;
    watches.delivered(delivery);
    intake.offer(delivery);
  };

  const mayReply = async () => {
    if (host.replies) await checkReplies(transport, format);
    await checkDeadLetter(transport, options.deadLetter);
  };
  const consume = async ({ signal }: { signal: AbortSignal }) => {
    if (options.topology === 'none') await mayReply();
    consumerCount += 1;
    const started = await transport.consume(queue, {
      prefetchCount: concurrency,
      consumerTag: `${name}@${hostname()}-${host.instance}-${consumerCount}`,
      onDelivery: offer,
    });
    if (signal.aborted) await started.cancel();
    else consumer = started;
  };
  const pause = async () => {
    const cancelled = consumer;
    consumer = null;
    await cancelled?.cancel();
    host.onReturned(intake.giveBack());
  };
  const close = async () => {
    for (const lane of lanes) lane.send({ type: 'stop' });
    host.deadlines.stop();
    watches.stop();
    host.onReturned(intake.giveBack());
    unsubscribe();
    await transport.close();
  };
  const drain = async () => {
    await endJobs().catch((error: unknown) => host.onBreach('its drain broke', error));
    await close();
  };
  const endJobs = async () => {
    intake.close();
    let consumes = true;
    const left = () => {
      consumes = false;
      host.drain.check();
    };
    const timer = clock.setTimeout(left, farewellMs);
    void pause().then(left, left);
    await host.drain.run({
      lanes,
      consumes: () => consumes,
      owes: () => transport.status.blocked && transport.status.epoch === deliveredEpoch,
      replyMs: Math.min(options.replyDeadlineMs, farewellMs),
    });
    clock.clearTimeout(timer);
  };

  const observeTransport = (event: TransportEvent) => {
    watches.heard(event);
    if (event.type === 'channel.closed' && isBreach(event.error))
      host.onBreach('the broker closed a channel over a delivery', event.error);
    const said = toWorkerEvent(event, queue);
    if (said) actor.send(said);
    if (said?.type === 'connection.lost') for (const lane of lanes) lane.checkDelivery();
    host.drain.check();
  };

  const machine = workerMachine.provide({
    actors: {
      connect: fromPromise(async () => {
        startedAt = Math.min(startedAt, clock.now());
        watches.start();
        await transport.open();
      }),
      check: fromPromise(async () => {
        await checkTopology(transport, topology);
        await mayReply();
      }),
      declare: fromPromise(async () => {
        await transport.declare(topology);
        await mayReply();
      }),
      consume: fromPromise(consume),
      pause: fromPromise(pause),
      drain: fromPromise(drain),
      close: fromPromise(close),
    },
    actions: {
      resume: () => {
        for (const lane of lanes) lane.send({ type: 'connection.opened' });
      },
      hangUp: () => void transport.open({ renew: true }).catch(() => {}),
      record: ({ context: { error, attempt } }) => {
        const level = needsHuman(error) || attempt + 1 >= patience ? 'error' : 'warn';
        logger[level](
          { ...reason(error), attempt: attempt + 1 },
          'the worker does not listen, and tries again',
        );
      },
      recordFault: ({ context: { error, hasListened } }) => {
        // Before it listened, `start` says so.
        if (hasListened) logger.error(reason(error), 'the worker cannot go on');
      },
    },
    guards: {
      isTooLate: ({ context }) =>
        !context.hasListened && clock.now() - startedAt >= options.connectDeadlineMs,
      hasFreeLane: () => intake.hasFreeLane,
      isDisconnected: () => transport.status.phase !== 'open',
      isBlocked: () => transport.status.blocked,
    },
    delays: {
      backoff: ({ context: { attempt, error } }) =>
        backoffMs(needsHuman(error) ? Math.max(attempt, slowly) : attempt - 1, options.random, reconnecting),
    },
  });
  const inspect = (event: InspectionEvent) => {
    options.inspect?.(event);
    if (event.type !== '@xstate.microstep' || event.actorRef !== actor) return;
    const from = state;
    state = stateName((event.snapshot as unknown as { value: StateValue }).value);
    if (from === state) return;
    logger.debug({ from, to: state }, 'worker');
    host.observe?.({
      at: clock.now(),
      machine: 'worker',
      worker: name,
      lane: null,
      from,
      to: state,
      event: event.event.type,
      correlationId: null,
      step: null,
    });
  };
  const actor = createActor(machine, { input: { topology: options.topology }, clock, inspect });
  const unsubscribe = transport.subscribe(observeTransport);
  return {
    actor,
    get state() {
      return state;
    },
  };
}

/** Its words are enough: a stack would say where we noticed, not why. */
const reason = (error: Error | null) => ({
  code: (error as NeedfulError | null)?.code,
  why: error?.message,
});

/** Trying again helps only if somebody changes something: a password, a permission, a queue. */
const needsHuman = (error: Error | null) => error !== null && (error as NeedfulError).retry === false;

const isBreach = (error: Error) => error instanceof NeedfulError && error.code === 'PROMISE_BROKEN';

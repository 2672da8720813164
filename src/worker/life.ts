// The worker's machine as an actor: binds what its states do to the transport, the intake and the lanes.
import { hostname } from 'node:os';
import { type Actor, createActor, fromPromise, type InspectionEvent, type StateValue } from 'xstate';
import { workerMachine } from '../../machines/worker.js';
import type { NeedfulError } from '../contract/errors.js';
import type { Consumer } from '../transport.js';
import { backoffMs } from './backoff.js';
import type { Deadlines } from './deadlines.js';
import type { Drain } from './drain.js';
import type { Intake } from './intake.js';
import type { Lane } from './lane.js';
import type { Logger } from './logger.js';
import type { ResolvedOptions } from './options.js';
import { checkTopology } from './prepare-topology.js';
import type { TransitionRecord } from './running-worker.js';
import { stateName } from './watch-machine.js';
import { toWorkerEvent } from './worker-events.js';

/** How long the broker may take for what a worker asks of it while it stops, in milliseconds. */
const farewellMs = 5000;

export interface LifeHost {
  readonly name: string;
  /** Distinguishes this worker from others of its name. */
  readonly instance: string;
  /** Name of the queue on the broker. */
  readonly queue: string;
  readonly options: ResolvedOptions;
  readonly logger: Logger;
  readonly lanes: readonly Lane[];
  readonly intake: Intake;
  readonly deadlines: Deadlines;
  readonly drain: Drain;
  onReturned(count: number): void;
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
  let startedAt = Number.POSITIVE_INFINITY;
  let state = 'initializing';

  const consume = async ({ signal }: { signal: AbortSignal }) => {
    consumerCount += 1;
    const started = await transport.consume(queue, {
      prefetchCount: concurrency,
      consumerTag: `${name}@${hostname()}-${host.instance}-${consumerCount}`,
      onDelivery: (delivery) => intake.offer(delivery),
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
    host.onReturned(intake.giveBack());
    unsubscribe();
    await transport.close();
  };
  const drain = async () => {
    intake.close();
    let timer: unknown;
    const patience = new Promise<void>((resolve) => {
      timer = clock.setTimeout(() => resolve(), farewellMs);
    });
    await Promise.race([pause(), patience]);
    clock.clearTimeout(timer);
    await host.drain.run({ lanes, replyMs: Math.min(options.replyDeadlineMs, farewellMs) });
    await close();
  };

  const machine = workerMachine.provide({
    actors: {
      connect: fromPromise(async () => {
        startedAt = Math.min(startedAt, clock.now());
        await transport.open();
      }),
      check: fromPromise(() => checkTopology(transport, topology)),
      declare: fromPromise(async () => {
        await transport.declare(topology);
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
      record: ({ context: { error, attempt } }) => {
        // Its words are enough: a stack would say where we noticed, not why.
        const why = { code: (error as NeedfulError | null)?.code, why: error?.message };
        logger.warn({ ...why, attempt: attempt + 1 }, 'the worker does not listen, and tries again');
      },
    },
    guards: {
      isTooLate: ({ context }) =>
        !context.hasListened && clock.now() - startedAt >= options.connectDeadlineMs,
      hasFreeLane: () => intake.hasFreeLane,
      isDisconnected: () => transport.status.phase !== 'open',
      isBlocked: () => transport.status.blocked,
    },
    delays: { backoff: ({ context }) => backoffMs(context.attempt, options.random) },
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
  const unsubscribe = transport.subscribe((event) => {
    const said = toWorkerEvent(event, queue);
    if (said) actor.send(said);
    if (said?.type === 'connection.lost') for (const lane of lanes) lane.checkDelivery();
  });
  return {
    actor,
    get state() {
      return state;
    },
  };
}

// One lane: the job machine as an actor, bound to the job in its hand. A lane lives as long as its worker and does one job
// at a time.
import { type AnyActorRef, type AnyEventObject, createActor } from 'xstate';
import { historyOf, type JobContext } from '../../machines/job-outcome.js';
import type { JobEvent } from '../../machines/job-vocabulary.js';
import { redactIn } from '../contract/redact-value.js';
import type { Delivery } from '../transport.js';
import type { Deadlines } from './deadlines.js';
import { createJobInHand, type JobHost, type JobScope } from './job-in-hand.js';
import { startActor } from './lane-actor.js';
import { isFinalReply, type LaneFlow } from './lane-flow.js';
import { laneView } from './lane-view.js';
import { wrapOwnCode } from './own-code.js';
import type { StepJob } from './parse-job.js';
import type { LaneStatus, TransitionRecord } from './running-worker.js';
import { stateDeadlineMs } from './state-deadline.js';
import { abortReason, type StepRun } from './step-run.js';
import type { MachineTransition } from './watch-machine.js';

export interface Lane {
  readonly index: number;
  start(): void;
  send(event: JobEvent): void;
  /** Gives it an event of its flow's own; whether it answers it in its state. */
  take(event: AnyEventObject): boolean;
  /** Its deadline passed. */
  passDeadline(): void;
  /** A channel ended: what is in hand and not yet settled belongs to the broker again. */
  checkDelivery(): void;
  status(): LaneStatus;
  readonly isIdle: boolean;
}

/** What a lane is given by its worker. */
export interface LaneHost extends JobHost {
  readonly flow: LaneFlow;
  readonly deadlines: Deadlines;
  readonly parse: (received: Delivery) => StepJob;
  /** The lane listens and can be given a delivery. */
  onRest(lane: Lane): void;
  /** The lane's machine broke: it is to be replaced. */
  onBroken(lane: Lane, error: unknown): void;
  /** undefined while nobody watches. */
  readonly observe: ((record: TransitionRecord) => void) | undefined;
}

export function createLane(index: number, host: LaneHost): Lane {
  const { worker, flow, options, deadlines } = host;
  const { transport, clock } = options;
  const logger = options.logger.child({ lane: index });
  let actor: AnyActorRef;
  let state = flow.initial;
  let since = clock.now();
  let run: StepRun | null = null;
  const job = createJobInHand({ host, logger, send: (event) => actor.send(event) });

  const armDeadline = () => {
    const { parsed } = job.context;
    const of = { step: parsed?.definition ?? null, history: historyOf(job.context), options };
    deadlines.arm(index, stateDeadlineMs(flow.deadlineOf(state), of));
  };

  const tell = (machine: 'job' | 'step', transition: MachineTransition) =>
    host.observe?.({
      at: clock.now(),
      machine,
      worker: worker.name,
      lane: index,
      ...transition,
      ...redactIn(job.about()),
    });

  const entered = (next: string, scope: JobScope) => {
    const from = state;
    state = next;
    since = clock.now();
    job.context = scope.context;
    job.passed(next);
    armDeadline();
    // A new lane has come from nowhere.
    if (scope.event.type === 'xstate.init') return;
    if (scope.event.type === 'delivery.received' && flow.isIdle(from)) job.arrived();
    tell('job', { from, to: next, event: scope.event.type });
    if (next === 'retrying') host.count('retried');
    if (from === 'deadLettering' && scope.event.type === 'letter.sent' && options.deadLetter)
      host.count('deadLettered');
    if (!isFinalReply(from)) return;
    if (scope.event.type !== 'reply.confirmed' && !flow.isIdle(next)) return;
    host.count(from);
    if (from !== 'invalid') logger.info(job.about(), `job ${from}`);
  };

  const onThrow = (error: unknown, what: string) =>
    logger.error({ ...job.about(), err: error }, `${what} threw`);
  const view = (context: JobContext<StepJob>) => {
    const facts = { lane: index, worker: worker.name, state, ...job.about(context) };
    return laneView(facts, { context, output: job.output, logger });
  };

  const start = (name: string, scope: JobScope) => {
    const fields = job.about();
    job.begin(scope);
    run = startActor({
      name,
      own: flow.actors[name],
      context: scope.context,
      output: job.output,
      logger: () => options.logger.child(fields),
      view: () => view(scope.context),
      resultLimitBytes: options.resultLimitBytes,
      clock,
      inspect: options.inspect,
      onTransition: host.observe && ((transition) => tell('step', transition)),
      onEnd: (end) => {
        run = null;
        actor.send(end);
      },
      onThrow: (error) => onThrow(error, name === 'needful' ? 'the step' : `the actor ${name}`),
      onOrphaned: () => {
        host.count('orphaned');
        logger.warn(fields, 'the step goes on although it was aborted: it does not listen to `signal`');
      },
    });
  };

  const machine = flow.machine({
    parse: (received) => host.parse(received as Delivery),
    entered,
    start,
    own: wrapOwnCode(flow, { view, delivery: () => job.context.delivery, onThrow }),
    abort: (_, scope) => {
      run?.abort(abortReason(scope.event));
      run = null;
    },
    threw: (error, action) => {
      onThrow(error, `the action ${action}`);
      // A format that throws on a reply leaves nothing to send.
      return { type: action.startsWith('report') ? 'reply.undeliverable' : 'step.failed' };
    },
    effects: {
      ...job.effects,
      rest: () => {
        job.drop();
        host.onRest(lane);
      },
    },
  });

  actor = createActor(machine, { ...(options.inspect && { inspect: options.inspect }) });
  const lane: Lane = {
    index,
    start: () => actor.start(),
    send: (event) => actor.send(event),
    take(event) {
      const answers = actor.getSnapshot().can(event);
      if (answers) actor.send(event);
      return answers;
    },
    passDeadline() {
      const waitsForReply = flow.deadlineOf(state) === 'reply';
      // A broker that reads nothing confirms nothing: that may take as long as its alarm.
      if (waitsForReply && transport.status.blocked) armDeadline();
      else actor.send({ type: 'deadline.passed', state });
    },
    checkDelivery() {
      if ((job.context.delivery as Delivery | null)?.settlement === 'lost')
        actor.send({ type: 'delivery.lost' });
    },
    status: () => ({ lane: index, state, since, ...job.about() }),
    get isIdle() {
      return flow.isIdle(state) || state === 'stopped';
    },
  };
  actor.subscribe({
    error(error) {
      run?.abort(abortReason({ type: 'cancel', reason: 'the machine of its lane broke' }));
      job.giveUp();
      host.onBroken(lane, error);
    },
  });
  return lane;
}

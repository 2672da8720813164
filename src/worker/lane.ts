// One lane: the job machine as an actor, and what its actions do. A lane lives as long as its worker and does one job at
// a time; everything that belongs to the job in hand is dropped when it listens again.
import { type AnyActorRef, type AnyEventObject, createActor } from 'xstate';
import { type JobContext, noJob } from '../../machines/job-outcome.js';
import type { JobEvent } from '../../machines/job-vocabulary.js';
import type { Reply, Sender } from '../contract/message-format.js';
import type { EffectScope } from '../statechart/machine.js';
import type { Delivery } from '../transport.js';
import type { Deadlines } from './deadlines.js';
import type { Worker } from './definition.js';
import { createJobOutput, type JobOutput } from './job-output.js';
import { startActor } from './lane-actor.js';
import { isFinalReply, type LaneFlow } from './lane-flow.js';
import { laneView } from './lane-view.js';
import type { ResolvedOptions } from './options.js';
import { wrapOwnCode } from './own-code.js';
import type { StepJob } from './parse-job.js';
import { createReplies } from './replies.js';
import type { LaneStatus, TransitionRecord, WorkerCounts } from './running-worker.js';
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
export interface LaneHost {
  readonly worker: Worker;
  readonly flow: LaneFlow;
  readonly options: ResolvedOptions;
  readonly deadlines: Deadlines;
  readonly parse: (received: Delivery) => StepJob;
  /** The lane listens and can be given a delivery. */
  onRest(lane: Lane): void;
  /** The lane's machine broke: it is to be replaced. */
  onBroken(lane: Lane, error: unknown): void;
  count(what: keyof WorkerCounts): void;
  /** undefined while nobody watches. */
  readonly observe: ((record: TransitionRecord) => void) | undefined;
  /** A name for the next delivery that no other worker uses. */
  nextDeliveryId(): string;
}

type Scope = EffectScope<JobContext<StepJob>>;

export function createLane(index: number, host: LaneHost): Lane {
  const { worker, flow, options, deadlines } = host;
  const { transport, format, clock } = options;
  const logger = options.logger.child({ lane: index });
  const outputOptions = { ...options, outputName: worker.outputName };
  const nobody: Sender = { appId: worker.appId, address: { replyTo: null, correlationId: null } };
  let actor: AnyActorRef;
  let state = flow.initial;
  let since = clock.now();
  let job: JobContext<StepJob> = noJob;
  let sender = nobody;
  let output: JobOutput | null = null;
  let run: StepRun | null = null;
  let deliveryId = '';
  const replies = createReplies({ transport, format, onOutcome: (event) => actor.send(event) });

  const about = ({ parsed, delivery } = job) => ({
    correlationId: (parsed ? parsed.address.correlationId : delivery?.properties.correlationId) ?? null,
    step: parsed?.step ?? null,
  });

  const report = (reply: Reply, scope: Scope) => {
    if (sender.address.replyTo !== null) return replies.send(reply, { sender, deliveryId });
    scope.send({ type: worker.replyTo === 'optional' ? 'reply.confirmed' : 'reply.undeliverable' });
  };

  const reportFinal = (scope: Scope) => {
    const { outcome } = scope.context;
    if (outcome?.problem) {
      const { code, message } = outcome.problem; // The step cannot say it: it never ran, or was given up.
      output?.notify('failed', { slug: `${worker.outputName} Failed`, message });
      output?.error(`${code}: ${message}`);
    }
    output?.end();
    report(outcome ?? { status: 'failed' }, scope);
  };

  const begin = ({ context: { parsed } }: Scope) => {
    if (parsed === null || output !== null) return;
    sender = { appId: worker.appId, address: parsed.address };
    output = createJobOutput(outputOptions, { sender, notify: parsed.job?.notify ?? {} });
    output.begin();
  };

  const armDeadline = () => {
    const step = job.parsed?.definition ?? null;
    deadlines.arm(index, stateDeadlineMs(flow.deadlineOf(state), { step, options }));
  };

  const tell = (machine: 'job' | 'step', transition: MachineTransition) =>
    host.observe?.({ at: clock.now(), machine, worker: worker.name, lane: index, ...transition, ...about() });

  const entered = (next: string, scope: Scope) => {
    const from = state;
    state = next;
    since = clock.now();
    job = scope.context;
    replies.forget();
    armDeadline();
    // A new lane has come from nowhere.
    if (scope.event.type === 'xstate.init') return;
    tell('job', { from, to: next, event: scope.event.type });
    if (isFinalReply(from) && flow.isIdle(next)) {
      host.count(from);
      if (from !== 'invalid') logger.info(about(), `job ${from}`);
    }
  };

  /** The lane ends. A job in hand goes back if it still can; else nobody will hear how it ended. */
  const giveUp = () => {
    output?.end();
    const delivery = job.delivery as Delivery | null;
    if (delivery === null || delivery.settle('requeue') || delivery.settlement !== 'acknowledged') return;
    host.count('unanswered');
    logger.warn(about(), 'the lane ended, and nobody was told how its job did');
  };

  const onThrow = (error: unknown, what: string) => logger.error({ ...about(), err: error }, `${what} threw`);
  const view = (context: JobContext<StepJob>) =>
    laneView({ lane: index, worker: worker.name, state, ...about(context) }, { context, output, logger });

  const start = (name: string, scope: Scope) => {
    const fields = about();
    begin(scope);
    run = startActor({
      name,
      own: flow.actors[name],
      parsed: scope.context.parsed,
      output,
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
    });
  };

  const machine = flow.machine({
    parse: (received) => host.parse(received as Delivery),
    entered,
    start,
    own: wrapOwnCode(flow, { view, delivery: () => job.delivery, onThrow }),
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
      rest: () => {
        output?.end();
        job = noJob;
        output = null;
        sender = nobody;
        host.onRest(lane);
      },
      acknowledge: ({ context, send }) => {
        host.count('received');
        if ((context.delivery as Delivery).redelivered) host.count('redelivered');
        deliveryId = host.nextDeliveryId();
        if (!(context.delivery as Delivery).settle('acknowledge')) send({ type: 'delivery.lost' });
      },
      reportStarted: (scope) => {
        begin(scope);
        report({ status: 'started' }, scope);
      },
      reportInvalid: (scope) => {
        begin(scope);
        logger.warn({ ...about(), ...scope.context.parsed?.problem }, 'job refused');
        reportFinal(scope);
      },
      reportCompleted: reportFinal,
      reportFailed: reportFinal,
      recordUnknown: ({ event, send }) => {
        logger.warn(about(), 'whether a reply arrived is not known');
        // The next channel was there before the loss of the last one was told.
        if (event.type === 'reply.lost' && transport.status.phase === 'open')
          send({ type: 'connection.opened' });
      },
      recordUnanswered: ({ context }) => {
        output?.end();
        host.count('unanswered');
        logger.warn({ ...about(), outcome: context.outcome }, 'nobody can be told how the job ended');
      },
      recordLost: () => {
        host.count('lost');
        logger.warn(about(), 'the delivery was lost before it was acknowledged');
      },
      giveBack: giveUp,
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
      if ((job.delivery as Delivery | null)?.settlement === 'lost') actor.send({ type: 'delivery.lost' });
    },
    status: () => ({ lane: index, state, since, ...about() }),
    get isIdle() {
      return flow.isIdle(state) || state === 'stopped';
    },
  };
  actor.subscribe({
    error(error) {
      run?.abort(abortReason({ type: 'cancel', reason: 'the machine of its lane broke' }));
      giveUp();
      host.onBroken(lane, error);
    },
  });
  return lane;
}

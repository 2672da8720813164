// Runs the needful of one job: a function, or any XState actor logic under a host that can be stopped. User code never
// runs bare inside the lane's machine: whatever it does ends in `completed` or `failed`, once, or is ignored.
import { type AnyActorRef, createActor, type InspectionEvent, setup } from 'xstate';
import { deadlineText } from '../../machines/job-outcome.js';
import type { Clock } from '../clock.js';
import { type ErrorCode, NeedfulError, type Problem } from '../contract/errors.js';
import { toJson } from '../contract/json-body.js';
import { problem, wordsOf } from '../contract/problem.js';
import { failed, isFailed, type Run, type Step, type StepContext, type StepLogic } from './definition.js';
import { type MachineTransition, watchMachine } from './watch-machine.js';

export type StepEnd =
  | { readonly type: 'step.completed'; readonly data?: unknown }
  | {
      readonly type: 'step.failed';
      readonly data?: unknown;
      readonly problem?: Problem;
      /** Trying again would end the same way. */
      readonly final?: true;
    };

export interface StepRun {
  /** What comes after is ignored. Does nothing once the step has ended. */
  abort(reason: NeedfulError): void;
}

export interface StepRunOptions {
  readonly step: Step;
  /** The context but for its signal, which is added to it and made when it is first asked for. */
  readonly context: Omit<StepContext<unknown, unknown>, 'signal'>;
  readonly resultLimitBytes: number;
  readonly clock: Clock;
  readonly inspect: ((event: InspectionEvent) => void) | undefined;
  /** Told each microstep of a step that is a machine; undefined while nobody watches. */
  readonly onTransition: ((transition: MachineTransition) => void) | undefined;
  readonly onEnd: (end: StepEnd) => void;
  /** The step threw: for the log. */
  readonly onThrow: (error: unknown) => void;
  /** The step was aborted and goes on all the same. */
  readonly onOrphaned: () => void;
}

/** How long an aborted step may take to end before it counts as orphaned, in milliseconds. */
const orphanedAfterMs = 1000;

export function runStep(options: StepRunOptions): StepRun {
  const { step, onEnd, onThrow } = options;
  let live = true;
  /** It has not come back yet. */
  let running = true;
  let controller: AbortController | undefined;
  let host: AnyActorRef | undefined;

  const end = (outcome: StepEnd) => {
    if (!live) return;
    live = false;
    onEnd(outcome);
  };
  const settle = (result: unknown) => {
    running = false;
    if (!live) return;
    try {
      end(conclude(step, result, options.resultLimitBytes));
    } catch (error) {
      threw(error);
    }
  };
  const threw = (error: unknown) => {
    running = false;
    if (!live) return;
    const text = wordsOf(error);
    try {
      onThrow(error);
    } catch {
      // A logger may fail at what was thrown; the job ends all the same.
    }
    end({ type: 'step.failed', problem: problem('STEP_THREW', `the step threw ${text}`) });
  };
  const context = Object.defineProperty(options.context, 'signal', {
    enumerable: true,
    get: () => {
      controller ??= new AbortController();
      return controller.signal;
    },
  }) as StepContext<unknown, unknown>;

  if (typeof step.run === 'function') callFunction(step.run, context, { settle, threw });
  else {
    const logic = step.run;
    // Not within the action that asks for it: XState warns of what its own machines do there.
    queueMicrotask(() => {
      if (live) host = startLogic(logic, context, { settle, threw, options });
    });
  }

  return {
    abort(reason) {
      if (!live) return;
      live = false;
      // A signal that was never asked for is made all the same: the step may still ask for it.
      controller ??= new AbortController();
      controller.abort(reason);
      host?.stop();
      if (typeof step.run !== 'function') return;
      options.clock.setTimeout(() => {
        if (running) options.onOrphaned();
      }, orphanedAfterMs);
    },
  };
}

interface Ends {
  readonly settle: (result: unknown) => void;
  readonly threw: (error: unknown) => void;
}

function callFunction(
  run: Run<StepContext<unknown, unknown>, unknown>,
  context: StepContext<unknown, unknown>,
  ends: Ends,
) {
  try {
    const result = run(context);
    if (isThenable(result)) result.then(ends.settle, ends.threw);
    else ends.settle(result);
  } catch (error) {
    ends.threw(error);
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';

/** Sent to the host by callback logic, which has no output of its own: `sendBack({ type: 'step.completed', data })`. */
type Sent = { readonly type: 'step.completed' | 'step.failed'; readonly data?: unknown };

function startLogic(
  logic: StepLogic<StepContext<unknown, unknown>>,
  context: StepContext<unknown, unknown>,
  given: Ends & { readonly options: StepRunOptions },
): AnyActorRef {
  const { settle, threw, options } = given;
  const outcome = ({ type, data }: Sent) => settle(type === 'step.completed' ? data : failed(data));
  const machine = setup({
    types: { events: {} as Sent },
    actors: { needful: logic },
  }).createMachine({
    id: 'step',
    initial: 'running',
    states: {
      running: {
        invoke: {
          src: 'needful',
          id: 'needful',
          input: context,
          onDone: { target: 'ended', actions: ({ event }) => settle(event.output) },
          onError: { target: 'ended', actions: ({ event }) => threw(event.error) },
        },
        on: {
          'step.completed': { target: 'ended', actions: ({ event }) => outcome(event) },
          'step.failed': { target: 'ended', actions: ({ event }) => outcome(event) },
        },
      },
      ended: { type: 'final' },
    },
  });
  const { clock } = options;
  const inspect = inspection(options);
  const host = createActor(machine, { clock, ...(inspect && { inspect }) });
  host.subscribe({ error: threw });
  host.start();
  return host;
}

function inspection({ inspect, onTransition }: StepRunOptions): StepRunOptions['inspect'] {
  if (onTransition === undefined) return inspect;
  const watch = watchMachine('needful', onTransition);
  return (event) => {
    inspect?.(event);
    watch(event);
  };
}

/** The step returned: what that means, once the result was held against schema, JSON and limit. */
function conclude(step: Step, result: unknown, limitBytes: number): StepEnd {
  if (isFailed(result)) {
    const ended = bounded('step.failed', result.data, limitBytes);
    return result.final ? ({ ...ended, final: true } as StepEnd) : ended;
  }
  if (step.result === undefined) return bounded('step.completed', result, limitBytes);
  const checked = step.result.safeParse(result);
  if (checked.success) return bounded('step.completed', checked.data, limitBytes);
  const [first] = checked.error.issues;
  const where = first && first.path.length > 0 ? `${first.path.join('.')}: ` : '';
  return refuse('RESULT_INVALID', `the result of ${step.name} does not fit: ${where}${first?.message}`);
}

function bounded(type: StepEnd['type'], data: unknown, limitBytes: number): StepEnd {
  if (data === undefined) return { type };
  const json = toJson(data);
  if (!json.ok) return { type: 'step.failed', problem: json.problem, final: true };
  if (Buffer.byteLength(json.value) <= limitBytes) return { type, data };
  return refuse('RESULT_TOO_LARGE', `the data of the reply would be larger than ${limitBytes} bytes`);
}

const refuse = (code: ErrorCode, message: string): StepEnd => ({
  type: 'step.failed',
  problem: problem(code, message),
  final: true,
});

/** Why a signal is aborted: code DEADLINE_PASSED, DELIVERY_LOST, STOPPING or CANCELLED. */
export function abortReason(event: { readonly type: string; readonly [key: string]: unknown }): NeedfulError {
  switch (event.type) {
    case 'deadline.passed':
      return new NeedfulError('DEADLINE_PASSED', deadlineText(event.state));
    case 'delivery.lost':
      return new NeedfulError(
        'DELIVERY_LOST',
        'the delivery was lost: the broker gives the job to a worker again',
      );
    case 'stop':
      return new NeedfulError('STOPPING', 'the worker stops');
    default: {
      const why = typeof event.reason === 'string' ? event.reason : 'no reason given';
      const code = event.stopping === true ? 'STOPPING' : 'CANCELLED';
      return new NeedfulError(code, `the job was cancelled: ${why}`);
    }
  }
}

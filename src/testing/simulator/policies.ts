// The policies that a run's workers may have: each a worker with one step, which does what its job says.
import { z } from 'zod';
import type { Acknowledge } from '../../../machines/job-policy.js';
import type { Message } from '../../contract/message.js';
import type { Flow } from '../../statechart/flow.js';
import { defineWorker } from '../../worker/define-worker.js';
import type { StepContext, Worker, WorkerDefinition } from '../../worker/definition.js';
import { failed } from '../../worker/definition.js';
import { failsForGood } from './answers.js';
import { type JobKind, jobKinds } from './plan.js';

type Definition = Pick<
  WorkerDefinition<string, unknown, unknown, unknown, unknown, Acknowledge>,
  'acknowledge' | 'unknownReply' | 'deliveryLost' | 'redelivered' | 'retry'
>;

export interface Policy {
  /** A job of it; default: one of the worker of these runs. */
  readonly job?: (
    is: JobKind,
    of: { readonly replyTo: string | null; readonly correlationId: string; readonly group: string },
  ) => Message;
  readonly acknowledge: Acknowledge;
  readonly unknownReply: 'resend' | 'giveUp';
  /** Default `run`. */
  readonly redelivered?: 'run' | 'fail';
  /** Of a step; left away where nobody knows how a job must end. */
  readonly attempts?: number;
  /** What is invalid or cannot be answered is kept. */
  readonly keepsDeadLetters: boolean;
  readonly worker: Worker;
}

/** What a step needs of the run it is in. */
export interface StepStage {
  /** How a job of a worker of somebody's own behaves. */
  planOf(correlationId: string): { readonly is: JobKind; readonly ms: number } | undefined;
  /** It began. Returns how often this job began before. */
  begun(is: string, correlationId: string): number;
  /** A step that heeds its signal has come to its end without being told anything. */
  ended(correlationId: string): void;
  setTimeout(fire: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** Runs by name. A definition is checked once and shared by all runs: a job names its own as its group. */
export const stages = new Map<string, StepStage>();

const parameters = z.object({ is: z.enum(jobKinds), ms: z.number() });

/** What a deaf step does last; somebody wants to be told. */
export const latePhase = 'late';

const run = (context: StepContext<z.infer<typeof parameters>, unknown>): unknown =>
  behave(context, { ...context.parameters, stage: stages.get(context.group ?? '') });

/** A step of any worker, in a run of its group. */
export function runPlanned(context: StepContext<unknown, unknown>): unknown {
  const stage = stages.get(context.group ?? '');
  const { is, ms } = stage?.planOf(context.correlationId ?? '') ?? { is: 'quick', ms: 0 };
  return behave(context, { is, ms, stage });
}

interface Behaviour {
  readonly is: JobKind;
  readonly ms: number;
  readonly stage: StepStage | undefined;
}

function behave(context: StepContext<unknown, unknown>, { is, ms, stage }: Behaviour): unknown {
  const before = stage?.begun(is, context.correlationId ?? '') ?? 0;
  context.output.info(`attempt ${before + 1}`);
  switch (is) {
    case 'failing':
      return failed({ why: 'on purpose' }, { final: failsForGood(ms) });
    case 'throwing':
      throw new Error('thrown on purpose');
    case 'flaky':
      if (before === 0) throw new Error('thrown the first time');
      return before;
    case 'deaf':
      return new Promise((resolve) => {
        stage?.setTimeout(() => {
          // Perhaps long after its job was given up.
          context.output.info('late');
          context.notify(latePhase, { slug: 'late', message: 'late' });
          resolve(ms);
        }, ms);
      });
    case 'endless':
      return new Promise(() => {});
    case 'slow':
      return stage && interruptible(stage, { ms, signal: context.signal, id: context.correlationId ?? '' });
    default:
      return ms;
  }
}

function interruptible(
  stage: StepStage,
  wait: { readonly ms: number; readonly signal: AbortSignal; readonly id: string },
) {
  const { ms, signal, id } = wait;
  return new Promise((resolve, reject) => {
    const timer = stage.setTimeout(() => {
      stage.ended(id);
      resolve(ms);
    }, ms);
    signal.addEventListener('abort', () => {
      stage.clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** The workers' name, and that of their queue without its prefix. */
export const workerName = 'simulated';

const define = ({
  keepsDeadLetters = true,
  ...definition
}: Definition & { readonly keepsDeadLetters?: boolean }): Policy => ({
  acknowledge: definition.acknowledge ?? 'received',
  unknownReply: definition.unknownReply ?? 'resend',
  redelivered: definition.redelivered ?? 'run',
  attempts: definition.retry?.attempts ?? 1,
  keepsDeadLetters,
  worker: defineWorker({ ...definition, name: workerName, steps: { Do: { parameters, run } } }) as Worker,
});

const retry = { attempts: 2 };

export const policies: Readonly<Record<string, Policy>> = {
  received: define({ acknowledge: 'received' }),
  receivedOnce: define({ acknowledge: 'received', unknownReply: 'giveUp', keepsDeadLetters: false, retry }),
  verified: define({ acknowledge: 'verified', retry }),
  settled: define({ acknowledge: 'settled', retry }),
  settledAndFinished: define({ acknowledge: 'settled', deliveryLost: 'finish', redelivered: 'fail', retry }),
};

/** Of any flow of theirs. */
export const laneStates: readonly string[] = [
  ...new Set(
    Object.values(policies).flatMap(({ worker }) => Object.keys((worker.flow as unknown as Flow).states)),
  ),
];

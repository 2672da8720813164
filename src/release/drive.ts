// Runs the release machine: gives it effects for its actions and a clock for its deadlines.
import { createActor, type SnapshotFrom } from 'xstate';
import { type ReleaseDeadline, type ReleaseEngineEvent, releaseMachine } from '../../machines/release.js';
import type {} from '../client/client.js';
import { defaultDeadlines } from '../client/open-job.js';
import { arm, type Clock } from '../clock.js';
import { NeedfulError } from '../contract/errors.js';
import { createDispatcher, type Dispatcher, type DispatcherOptions } from './dispatch.js';
import type { PlannedJob } from './plan.js';
import type { ReleaseRecord } from './record.js';

export interface DriveOptions extends Omit<DispatcherOptions, 'tell'> {
  readonly jobs: readonly PlannedJob[];
  readonly clock: Clock;
  readonly deadlineMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

type Snapshot = SnapshotFrom<typeof releaseMachine>;

const openedMs = 30_000;

/** Plays all jobs. Rejects with the client's error when no reply queue could be had. */
export async function driveRelease(options: DriveOptions): Promise<'completed' | 'failed'> {
  const { jobs, record, signal } = options;
  const tell = (event: ReleaseEngineEvent) => {
    if (actor.getSnapshot().status === 'active') actor.send(event);
  };
  const dispatcher = createDispatcher({ ...options, tell });
  const machine = withEffects({ jobs, record, dispatcher });
  const actor = createActor(machine, { input: { stepCount: jobs.length } });
  const abort = () => tell({ type: 'abort' });
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      const deadlines = createDeadlines(options, (afterMs) => tell({ type: 'deadline.passed', afterMs }));
      actor.subscribe({
        next: (snapshot) => {
          deadlines.arm(snapshot);
          if (snapshot.status !== 'done') return;
          const refusal = dispatcher.refusal ?? tooLate(snapshot);
          if (refusal !== undefined) reject(refusal);
          else resolve(snapshot.matches('completed') ? 'completed' : 'failed');
        },
        error: reject,
      });
      actor.start();
      if (signal?.aborted === true) abort();
    });
  } finally {
    signal?.removeEventListener('abort', abort);
    dispatcher.cancel();
  }
}

// The one deadline that ends a release before its first step.
function tooLate({ context: { outcome } }: Snapshot): NeedfulError | undefined {
  const problem = outcome?.problem;
  return problem?.code === 'BROKER_UNREACHABLE' ? new NeedfulError(problem.code, problem.message) : undefined;
}

interface Effects {
  readonly jobs: readonly PlannedJob[];
  readonly record: ReleaseRecord;
  readonly dispatcher: Dispatcher;
}

function withEffects({ jobs, record, dispatcher }: Effects) {
  const settle = ({ context: { position, outcome } }: { context: Snapshot['context'] }) => {
    const job = jobs[position];
    if (job !== undefined && outcome !== null) dispatcher.settle(job, outcome);
  };
  return releaseMachine.provide({
    actions: {
      openReplyQueue: () => dispatcher.open(),
      dispatchStep: ({ context }) => {
        const job = jobs[context.position];
        if (job !== undefined) dispatcher.dispatch(job);
      },
      recordStarted: ({ context }) => {
        const job = jobs[context.position];
        if (job !== undefined) record.stepStarted(job.planned);
      },
      recordCompleted: settle,
      recordFailed: settle,
      recordSkipped: () => record.skipRest(),
    },
  });
}

// The machine says on each waiting state which deadline it has; the clock and the figures come from here.
function createDeadlines({ clock, deadlineMs }: DriveOptions, passed: (afterMs: number) => void) {
  const figures: Readonly<Record<ReleaseDeadline, number>> = {
    opened: openedMs,
    started: deadlineMs ?? defaultDeadlines.startedMs,
    finished: deadlineMs ?? defaultDeadlines.finishedMs,
  };
  let disarm = () => {};
  return {
    arm(snapshot: Snapshot): void {
      disarm();
      const [meta] = Object.values(snapshot.getMeta());
      if (meta === undefined) return;
      const ms = figures[meta.deadline];
      disarm = arm(clock, { ms, fire: () => passed(ms) });
    },
  };
}

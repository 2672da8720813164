// Why a kind of fault never hits a lane in some state: the cells of the table that may be empty, each with its reason.
import { doneFaults, type FaultKind, stepFaults } from './plan.js';

export const faultKinds: readonly FaultKind[] = [...doneFaults, ...stepFaults];

const passing = 'the state is left in the same call in which it is entered: nothing comes between';

const everyKind: Readonly<Record<string, string>> = {
  received: passing,
  acknowledged: passing,
  parsing: passing,
  unanswered: passing,
  rejected: passing,
  lost: passing,
};

const noJob = 'no job is in hand';

const unanswering = 'the state does not answer `cancel`: how the job ended is decided';
const ended = 'the lane has ended: nothing of it waits for a confirm';

const ofKind: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  duplicate: { listening: noJob, stopped: noJob },
  replyQueueGone: { listening: noJob, stopped: noJob },
  cancel: {
    listening: noJob,
    stopped: noJob,
    invalid: unanswering,
    completed: unanswering,
    failed: unanswering,
    deadLettering: unanswering,
  },
  consumerCancelled: { stopped: 'the lane has ended: its consumer is cancelled already' },
  confirmLost: { stopped: ended },
  publishRefused: { stopped: ended },
  stop: { stopped: 'it is stopped already' },
};

/** null: none is known, and the cell must not be empty. */
export function reasonOf(kind: FaultKind, state: string): string | null {
  const passes = everyKind[state];
  if (passes !== undefined) return passes;
  if (stepFaults.some((step) => step === kind) && state !== 'doingTheNeedful')
    return 'a step runs in doingTheNeedful alone';
  return ofKind[kind]?.[state] ?? null;
}

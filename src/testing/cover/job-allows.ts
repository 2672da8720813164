// Which paths a job can go: what the guards of the runtime will say, from the actions that were called before.
import type { JobAction, JobGuard } from '../../../machines/job-vocabulary.js';
import type { Allows, CoverStep } from './cover-path.js';

/** What a job in hand has behind it. */
interface Facts {
  readonly valid: boolean | null;
  readonly completed: boolean;
  readonly settled: boolean;
  readonly lost: boolean;
  readonly doubtful: boolean;
  readonly retryCount: number;
  readonly refusalCount: number;
}

const fresh: Facts = {
  valid: null,
  completed: false,
  settled: false,
  lost: false,
  doubtful: false,
  retryCount: 0,
  refusalCount: 0,
};

export interface JobLimits {
  /** How often a step is tried. Default 2. */
  readonly attemptLimit?: number;
  /** Times a final reply is sent while the broker refuses it. Default 8, as the runtime does. */
  readonly replyLimit?: number;
}

/** For `coverFlow` of a job's flow: guards of the runtime say what they will; those of a user's own may say anything. */
export function jobAllows({ attemptLimit = 2, replyLimit = 8 }: JobLimits = {}): Allows {
  const limits = { attemptLimit, replyLimit };
  return (steps) => {
    let facts = fresh;
    for (const [index, step] of steps.entries()) {
      facts = learnt(facts, step);
      if (index === steps.length - 1 && !holds(facts, step, limits)) return false;
      for (const action of step.actions) {
        const effect = effects[action as JobAction];
        if (effect !== undefined) facts = { ...facts, ...effect(facts, step) };
      }
    }
    return Object.values(facts).join(' ');
  };
}

/** Whether a job is valid is not known before it is first asked. */
function learnt(facts: Facts, { guards }: CoverStep): Facts {
  if (facts.valid !== null) return facts;
  const valid = guards.isValid ?? (guards.isInvalid === undefined ? null : !guards.isInvalid);
  return { ...facts, valid };
}

function holds(facts: Facts, { guards }: CoverStep, limits: Required<JobLimits>): boolean {
  const claims: { readonly [K in JobGuard]: boolean | null } = {
    isValid: facts.valid,
    isInvalid: facts.valid === null ? null : !facts.valid,
    hasCompleted: facts.completed,
    isLost: facts.lost,
    isUnsettled: !facts.settled,
    isDoubtful: facts.doubtful,
    // A step may fail for good at any time.
    hasAttemptsLeft: facts.retryCount + 1 < limits.attemptLimit ? null : false,
    hasRepliesLeft: facts.refusalCount + 1 < limits.replyLimit,
  };
  return Object.entries(claims).every(
    ([name, claim]) => claim === null || guards[name] === undefined || guards[name] === claim,
  );
}

const effects: { readonly [K in JobAction]?: (facts: Facts, step: CoverStep) => Partial<Facts> } = {
  parse: () => ({ valid: null }),
  keepOutcome: (_, { event }) => ({ completed: event === 'step.completed' }),
  keepUnknown: () => ({ completed: false }),
  keepProblem: () => ({ completed: false }),
  refuse: () => ({ completed: false }),
  complete: () => ({ completed: true }),
  countAttempt: ({ retryCount }) => ({ retryCount: retryCount + 1 }),
  countRefusal: ({ refusalCount }) => ({ refusalCount: refusalCount + 1 }),
  noteSettled: () => ({ settled: true }),
  noteLoss: () => ({ lost: true }),
  noteDoubt: () => ({ doubtful: true }),
  forget: () => fresh,
};

// A plan from a seed. Cheap: it is made for every run; fast-check comes in only when a plan is to be made smaller.
import { doneFaults, type JobKind, type Plan, type PlannedFault, type PlannedJob } from './plan.js';
import { below, choose, createRandom, type Random } from './random.js';
import { reasonOf } from './reasons.js';

const jobWeights = {
  quick: 40,
  slow: 20,
  failing: 5,
  throwing: 7,
  flaky: 4,
  deaf: 7,
  endless: 2,
  invalid: 8,
  mute: 3,
  gone: 4,
} as const;

/** What a fault can hit: of each kind the states in which it can happen, passing ones left out. */
const targets = [
  'listening',
  'verified',
  'invalid',
  'doingTheNeedful',
  'retrying',
  'completed',
  'failed',
  // Not under every policy: where a delivery is still open its loss says more.
  'replyUnknown',
  'replyUnknown',
  'replyUnknown',
  'replyRefused',
  'deadLettering',
  'stopped',
].flatMap((state) =>
  doneFaults.filter((kind) => reasonOf(kind, state) === null).map((kind) => ({ kind, state })),
);

/** Which job brings a lane to a state of itself. */
const jobFor: Readonly<Record<string, JobKind>> = {
  invalid: 'invalid',
  doingTheNeedful: 'slow',
  retrying: 'flaky',
  completed: 'quick',
  failed: 'failing',
  deadLettering: 'invalid',
};

/** States to which a fault leads: which, and in what state it finds the lane. */
const detours: Readonly<Record<string, readonly Pick<PlannedFault, 'kind' | 'state'>[]>> = {
  replyUnknown: [
    { kind: 'jobsChannelClosed', state: 'completed' },
    { kind: 'jobsChannelClosed', state: 'invalid' },
    { kind: 'jobsChannelClosed', state: 'verified' },
    { kind: 'cut', state: 'failed' },
    { kind: 'brokerRestart', state: 'verified' },
  ],
  replyRefused: [
    { kind: 'publishRefused', state: 'completed' },
    { kind: 'publishRefused', state: 'failed' },
  ],
  deadLettering: [
    { kind: 'publishRefused', state: 'verified' },
    { kind: 'replyQueueGone', state: 'doingTheNeedful' },
  ],
  stopped: [{ kind: 'stop', state: '' }],
};

/** A stop finds a lane that waits for a confirm in vain. */
const stopDetours = (state: string): readonly Pick<PlannedFault, 'kind' | 'state'>[] =>
  ['verified', 'invalid', 'completed', 'failed'].includes(state) ? [{ kind: 'confirmLost', state }] : [];

/** `policies`: names of those to choose from. */
export function makePlan(seed: number, policies: readonly string[]): Plan {
  const random = createRandom(seed);
  const policy = policies[below(random, policies.length)] ?? '';
  const jobs = Array.from({ length: 10 }, () => makeJob(random));
  const aimed = random() < 0.7 ? makeAimed(random) : null;
  if (aimed?.job) jobs.splice(below(random, 5), 1, { ...makeJob(random), is: aimed.job });
  return {
    seed,
    policy,
    workerCount: random() < 0.8 ? 1 : 2,
    laneCount: random() < 0.9 ? 2 : 3,
    talks: random() < 0.1,
    jobs,
    faults: aimed?.faults ?? makeFaults(random),
    disorder: [0, 10, 40, 100][below(random, 4)] ?? 0,
    picks: [],
  };
}

function makeJob(random: Random): PlannedJob {
  return {
    is: choose(random, jobWeights),
    afterMs: random() < 0.5 ? 0 : below(random, 2_000),
    takesMs: 1 + below(random, 30) ** 3,
    persistent: random() < 0.9,
  };
}

/** At any step, whatever the lanes are about. */
const makeFaults = (random: Random): readonly PlannedFault[] =>
  Array.from({ length: 1 + below(random, 3) }, () => {
    const kind = doneFaults[below(random, doneFaults.length)] ?? 'cut';
    return makeFault(random, { kind, state: '', step: below(random, 200) });
  });

/** One fault that finds a lane in a certain state, what leads there before it, and now and then another. */
function makeAimed(random: Random): {
  readonly faults: readonly PlannedFault[];
  readonly job: JobKind | undefined;
} {
  const target = targets[below(random, targets.length)] ?? { kind: 'cut', state: '' };
  const ways = detours[target.state] ?? (target.kind === 'stop' ? stopDetours(target.state) : []);
  const way = ways[below(random, ways.length)];
  const step = below(random, 60);
  const faults = [
    ...(way ? [makeFault(random, { ...way, step })] : []),
    makeFault(random, { ...target, step }),
    ...(random() < 0.3 ? makeFaults(random).slice(0, 1) : []),
  ];
  return { faults, job: jobFor[way?.state ?? target.state] };
}

function makeFault(
  random: Random,
  { kind, state, step }: Pick<PlannedFault, 'kind' | 'state' | 'step'>,
): PlannedFault {
  return {
    kind,
    state,
    step,
    target: below(random, 4),
    amount: below(random, 10),
    other: below(random, 10),
  };
}

// A plan from a seed. Cheap: it is made for every run; fast-check comes in only when a plan is to be made smaller.
import { type DoneFault, doneFaults, type Plan, type PlannedFault, type PlannedJob } from './plan.js';
import { below, choose, createRandom, type Random } from './random.js';

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

/** In which state a lane is wanted when a fault comes; the others are met by chance, or on the way that leads to them. */
const stateWeights = {
  '': 50,
  verified: 10,
  invalid: 6,
  doingTheNeedful: 8,
  retrying: 6,
  completed: 10,
  failed: 7,
};

const evenly = Object.fromEntries(doneFaults.map((kind) => [kind, 1])) as Readonly<Record<DoneFault, number>>;

/** States in which a lane comes by a fault alone, and what leads there: a second fault waits for it. */
const detours: readonly { readonly kind: DoneFault; readonly state: string; readonly leadsTo: string }[] = [
  { kind: 'jobsChannelClosed', state: 'completed', leadsTo: 'replyUnknown' },
  { kind: 'cut', state: 'failed', leadsTo: 'replyUnknown' },
  { kind: 'jobsChannelClosed', state: 'invalid', leadsTo: 'replyUnknown' },
  { kind: 'publishRefused', state: 'completed', leadsTo: 'replyRefused' },
  { kind: 'publishRefused', state: 'failed', leadsTo: 'replyRefused' },
  { kind: 'publishRefused', state: 'verified', leadsTo: 'deadLettering' },
  { kind: 'replyQueueGone', state: 'doingTheNeedful', leadsTo: 'deadLettering' },
  { kind: 'stop', state: '', leadsTo: 'stopped' },
];

/** `policies`: names of those to choose from. */
export function makePlan(seed: number, policies: readonly string[]): Plan {
  const random = createRandom(seed);
  return {
    seed,
    policy: policies[below(random, policies.length)] ?? '',
    workerCount: random() < 0.7 ? 1 : 2,
    laneCount: random() < 0.8 ? 2 : 3,
    talks: random() < 0.2,
    jobs: Array.from({ length: 10 + below(random, 3) }, () => makeJob(random)),
    faults: random() < 0.3 ? makeDetour(random) : makeFaults(random),
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

const makeFaults = (random: Random): readonly PlannedFault[] =>
  Array.from({ length: 1 + below(random, 3) }, () => {
    const state = choose(random, stateWeights);
    const step = below(random, state === '' ? 250 : 120);
    return makeFault(random, { kind: choose(random, evenly), state, step });
  });

function makeDetour(random: Random): readonly PlannedFault[] {
  const detour = detours[below(random, detours.length)];
  if (detour === undefined) return [];
  const first = makeFault(random, { ...detour, step: below(random, 60) });
  const kind = choose(random, evenly);
  // Soon after the first one, before anything else leads there.
  return [first, makeFault(random, { kind, state: detour.leadsTo, step: first.step })];
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

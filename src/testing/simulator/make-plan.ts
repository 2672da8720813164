// A plan from a seed. Cheap: it is made for every run; fast-check comes in only when a plan is to be made smaller.
import { doneFaults, type Plan, type PlannedFault, type PlannedJob } from './plan.js';
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

/** In which state a lane is wanted when a fault comes; those that last are met by chance as well. */
const stateWeights = {
  '': 50,
  listening: 3,
  verified: 10,
  invalid: 5,
  doingTheNeedful: 10,
  retrying: 5,
  completed: 10,
  failed: 6,
  replyUnknown: 6,
  replyRefused: 5,
  deadLettering: 5,
} as const;

const faultWeights = Object.fromEntries(doneFaults.map((kind) => [kind, 1])) as Readonly<
  Record<(typeof doneFaults)[number], number>
>;

/** `policies`: names of those to choose from. */
export function makePlan(seed: number, policies: readonly string[]): Plan {
  const random = createRandom(seed);
  return {
    seed,
    policy: policies[below(random, policies.length)] ?? '',
    workerCount: random() < 0.6 ? 1 : 2,
    laneCount: random() < 0.8 ? 2 : 3,
    talks: random() < 0.2,
    jobs: Array.from({ length: 10 + below(random, 3) }, () => makeJob(random)),
    faults: Array.from({ length: 1 + below(random, 4) }, () => makeFault(random)),
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

function makeFault(random: Random): PlannedFault {
  const state = choose(random, stateWeights);
  return {
    kind: choose(random, faultWeights),
    state,
    step: below(random, state === '' ? 250 : 120),
    target: below(random, 4),
    amount: below(random, 10),
    other: below(random, 10),
  };
}

// Runs workers on a simulated broker, seed by seed, and fails when a promise is broken: docs/simulation.md.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makePlan } from '../src/testing/simulator/make-plan.js';
import { type Plan, planSchema } from '../src/testing/simulator/plan.js';
import { laneStates, policies } from '../src/testing/simulator/policies.js';
import {
  emptyCells,
  failureText,
  fullTableFrom,
  summaryJson,
  summaryText,
} from '../src/testing/simulator/report.js';
import { runPlan } from '../src/testing/simulator/run.js';
import { shrink } from '../src/testing/simulator/shrink.js';
import { type Failure, shapeOf, spelledOut } from '../src/testing/simulator/simulate.js';
import { toText } from '../src/testing/simulator/trace.js';
import { doShare, inThreads } from './simulate/threads.js';

const usage = `npm run simulate -- [--seeds N] [--seed S] [--policy NAME] [--json]
  --seeds N      how many, default 1,000
  --seed S       the first one, default 1
  --policy NAME  one of ${Object.keys(policies).join(', ')}; default: each seed takes one of them
  --threads N    of this process, default 2 where there are so many cores
  --failures N   ends after so many seeds that fail, default 1
  --trace        with --seeds 1: prints what happened
  --replay PLAN  one run of a plan, as a seed that failed prints it
  --mutants      plants each bug of test/mutants in a copy of the source, and looks for it
  --mutant TEXT  those alone that have it in their name
  --json         one JSON object instead of text
Ends with 0, with 1 when a promise was broken or a fault was never met that should have been, with 2 on wrong use.`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    policy: { type: 'string' },
    threads: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    failures: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
    replay: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    mutant: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

// What throws on purpose here needs no stack, and stacks are dear.
Error.stackTraceLimit = 0;

function wrongUse(words: string): never {
  console.error(`${words}\n${usage}`);
  process.exit(2);
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) wrongUse(`--${name} wants a whole number, got ${text}`);
  return value;
}

/** The smallest plan that fails in the same way, and its run. */
async function smallestOf(failure: Failure) {
  const wanted = new Set(failure.result.broken.map(shapeOf));
  const fails = async (plan: Plan) =>
    (await runPlan(plan)).broken.some((sentence) => wanted.has(shapeOf(sentence)));
  const smallest = await shrink(spelledOut(failure), { fails });
  return { smallest, result: await runPlan(smallest, { record: true }) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return wrongUse('--replay wants a plan as JSON');
  }
}

async function replay(text: string): Promise<number> {
  const plan = planSchema.safeParse(jsonOf(text));
  if (!plan.success) wrongUse(`--replay wants a plan: ${plan.error.issues[0]?.message}`);
  const result = await runPlan(plan.data, { record: true });
  for (const line of result.trace) console.log(toText(line));
  for (const sentence of result.broken) console.log(`BROKEN ${sentence}`);
  return result.broken.length > 0 ? 1 : 0;
}

async function allMutants(): Promise<number> {
  const { hunt } = await import('./mutants/hunt.js');
  const { mutants } = await import('../test/mutants/mutants.js');
  const named = mutants.filter(({ name }) => name.includes(values.mutant ?? ''));
  if (named.length === 0) wrongUse(`no mutant has "${values.mutant}" in its name`);
  const wanted = named.filter((mutant) => mutant.unseenBySimulation === undefined);
  if (!values.json)
    for (const { name, unseenBySimulation: why } of named)
      if (why !== undefined) console.log(`not looked for: ${name}: ${why}`);
  const found = await hunt({
    mutants: wanted,
    hunterCount: whole('threads', values.threads),
    seedCount: whole('seeds', values.seeds),
    onFound({ name, seedCount, broken }) {
      if (!values.json)
        console.log(
          `${seedCount === null ? 'NOT FOUND' : `found in ${seedCount} seeds`}: ${name}: ${broken}`,
        );
    },
  });
  const foundCount = found.filter(({ seedCount }) => seedCount !== null).length;
  console.log(values.json ? JSON.stringify(found) : `${foundCount} of ${found.length} found`);
  return foundCount === found.length ? 0 : 1;
}

async function many(): Promise<number> {
  const seedCount = whole('seeds', values.seeds);
  const firstSeed = whole('seed', values.seed);
  const names = values.policy === undefined ? Object.keys(policies) : [values.policy];
  if (names.some((name) => policies[name] === undefined)) wrongUse(`there is no policy ${values.policy}`);
  if (values.trace) return replay(JSON.stringify(makePlan(firstSeed, names)));
  const share = { seedCount, firstSeed, policies: names, failureLimit: whole('failures', values.failures) };
  const threadCount = Math.min(whole('threads', values.threads), seedCount);
  const summary = await inThreads(share, { threadCount, script: fileURLToPath(import.meta.url) });
  if (values.json) console.log(JSON.stringify(summaryJson(summary, laneStates)));
  else {
    for (const failure of summary.failures) {
      const found = { broken: failure.result.broken, ...(await smallestOf(failure)) };
      console.log(`${failureText(failure.plan, found)}\n`);
    }
    console.log(summaryText(summary, laneStates));
  }
  const isMissing = emptyCells(summary.faults, laneStates).some(({ reason }) => reason === null);
  return summary.failures.length > 0 || (isMissing && seedCount >= fullTableFrom) ? 1 : 0;
}

async function chosen(): Promise<number> {
  if (values.replay !== undefined) return replay(values.replay);
  return values.mutants || values.mutant !== undefined ? allMutants() : many();
}

if (await doShare()) {
  // A thread has done its part.
} else if (values.help) console.log(usage);
else process.exitCode = await chosen();

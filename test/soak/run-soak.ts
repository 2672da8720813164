// One soak from its first process to its last: engines send, the yard rages, then all becomes quiet and the books are closed.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Books, closeBooks } from './books.js';
import type { ChaosReport } from './chaos.js';
import type { Run } from './crew.js';
import { readDeliveries } from './deliveries.js';
import { SoakEngine } from './engine.js';
import type { Policy } from './kinds.js';
import { Ledger } from './ledger.js';
import { differences } from './long-life.js';
import type { SoakReport } from './report.js';
import type { YardMeasure, YardOptions } from './yard.js';
import { YardLink } from './yard-link.js';

export interface SoakOptions extends YardOptions {
  readonly minutes: number;
  /** Jobs a second of each policy, at most. */
  readonly rate: number;
  readonly onPhase: (phase: string) => void;
  readonly onStrike: (line: string) => void;
  readonly onProgress: (progress: { readonly sent: number; readonly answered: number }) => void;
}

const warmUpMs = 5000;
/** So long nothing is heard at the end. */
const quietMs = 2000;
/** A bound for what hangs. */
const quietLimitMs = 600_000;
/** Until then all that is noticed late was noticed, also on a busy machine. */
const restMs = 60_000;
const progressMs = 500;

export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const { policies, seed, rate, onPhase } = options;
  onPhase('starting');
  const { yard, url } = await YardLink.begin(options, options.onStrike);
  const ledgers = policies.map((policy) => new Ledger(policy, seed));
  const engines = ledgers.map((ledger) => new SoakEngine({ url, policy: ledger.policy, ledger, rate }));
  const sum = (count: (ledger: Ledger) => number) => ledgers.reduce((all, each) => all + count(each), 0);
  const progress = setInterval(
    () =>
      options.onProgress({ sent: sum(({ jobs }) => jobs.size), answered: sum((one) => one.answeredCount) }),
    progressMs,
  );
  const send = async (ms: number) => {
    for (const engine of engines) engine.send(true);
    await Promise.race([delay(ms), yard.failed]);
  };
  try {
    await Promise.all(engines.map((engine) => engine.open()));
    onPhase('warming up');
    await send(warmUpMs);
    const before = await quiet(yard, engines);
    onPhase('raging');
    yard.rage();
    await send(options.minutes * 60_000);
    onPhase('calming down');
    const { report } = await yard.ask('calm', 'calm');
    await send(warmUpMs);
    const after = await atRest(yard, { engines, before });
    onPhase('stopping');
    const { runs } = await yard.ask('leave', 'left');
    await writeFile(join(options.folder, 'chaos.log'), `${report.log.join('\n')}\n`);
    const books: Books[] = [];
    for (const engine of engines) {
      await engine.countLeft();
      books.push(await close(engine.ledger, runs, report));
    }
    return await finish(options, { books, runs, chaos: report, before, after });
  } finally {
    clearInterval(progress);
    await Promise.all(engines.map((engine) => engine.close()));
    await yard.end();
  }
}

/** Nobody sends, nothing is in a queue, every lane listens. */
async function quiet(yard: YardLink, engines: readonly SoakEngine[]): Promise<YardMeasure> {
  for (const engine of engines) engine.send(false);
  const began = Date.now();
  for (;;) {
    const { measure, allReady } = await yard.ask('measure', 'measured');
    const isQuiet = engines.every(({ silentMs }) => silentMs >= quietMs);
    if (allReady && isQuiet && measure.jobCount === 0) return measure;
    if (Date.now() - began > quietLimitMs)
      throw new Error(`nothing comes to rest: ${JSON.stringify(measure)}`);
    await delay(progressMs);
  }
}

/** As `before`, or for so long not as before that it will stay so: a socket that fell silent is noticed after a while. */
async function atRest(
  yard: YardLink,
  { engines, before }: { readonly engines: readonly SoakEngine[]; readonly before: YardMeasure },
): Promise<YardMeasure> {
  const began = Date.now();
  for (;;) {
    const after = await quiet(yard, engines);
    if (differences(before, after).length === 0 || Date.now() - began > restMs) return after;
    await delay(progressMs);
  }
}

async function close(ledger: Ledger, runs: readonly Run[], { crashes }: ChaosReport): Promise<Books> {
  const own = runs.filter(({ policy }) => policy === ledger.policy);
  const deliveries = (await Promise.all(own.map(readDeliveries))).flat();
  deliveries.sort((one, other) => one.beganAt - other.beganAt);
  return closeBooks({ ledger, deliveries, crashes });
}

interface Findings {
  readonly books: readonly Books[];
  readonly runs: readonly Run[];
  readonly chaos: ChaosReport;
  readonly before: YardMeasure;
  readonly after: YardMeasure;
}

async function finish(options: SoakOptions, findings: Findings): Promise<SoakReport> {
  const { minutes, seed, workers, lanes, policies, folder } = options;
  const { books, runs, chaos, before, after } = findings;
  const broken = [
    ...runs
      .filter(({ end }) => end !== 'killed' && end !== 0)
      .map(({ name, end }) => `the worker ${name} ended with ${end}`),
    ...chaos.log.filter((line) => line.includes(' failed: ')),
    ...differences(before, after),
  ];
  const heapOf = (measure: YardMeasure, policy: Policy) => measure.workers[policy]?.heapBytes ?? 0;
  const heaps = Object.fromEntries(
    policies.map((policy) => [policy, { before: heapOf(before, policy), after: heapOf(after, policy) }]),
  );
  const passed = broken.length === 0 && books.every((book) => book.broken.length === 0);
  if (passed) await rm(folder, { recursive: true });
  return { minutes, seed, workers, lanes, books, struck: chaos.struck, heaps, broken, passed };
}

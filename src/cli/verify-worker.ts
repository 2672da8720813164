// `needful verify FILE`: runs all that can be tested of a worker without its steps. For people a table, as JSON a line for
// each check and one for the verdict, and JUnit XML.
import { type Check, type CheckGroup, type Coverage, checksOf, coverageText } from '../testing/index.js';
import type { Surroundings } from './command.js';
import { junitXml, writeReport } from './junit.js';
import { createLiveRegion } from './live-region.js';
import { loadWorker } from './load-worker.js';
import { clean, column, count, duration } from './text.js';

export interface VerifyWorkerFlags {
  readonly worker: string;
  readonly walks?: number;
  readonly seed?: number;
  readonly json?: boolean;
  readonly junit?: string;
}

interface Result extends Pick<Check, 'group' | 'name'> {
  readonly broken: readonly string[];
  readonly durationMs: number;
}

const groups: readonly CheckGroup[] = ['jobs', 'paths', 'faults', 'walks'];

/** Resolves with the exit code. Rejects with what `loadWorker` and `checksOf` say. */
export async function verifyWorker(flags: VerifyWorkerFlags, { terminal }: Surroundings): Promise<number> {
  const worker = await loadWorker(flags.worker);
  const checks = checksOf(worker, {
    ...(flags.walks !== undefined && { walks: flags.walks }),
    ...(flags.seed !== undefined && { seed: flags.seed }),
  });
  const began = performance.now();
  const results: Result[] = [];
  const live = createLiveRegion(terminal);
  for (const { group, name, run } of checks.all) {
    if (!flags.json) live.draw([`${results.length + 1} of ${checks.all.length}: ${group}`]);
    const from = performance.now();
    const result = { group, name, broken: await run(), durationMs: performance.now() - from };
    results.push(result);
    if (flags.json) terminal.out(JSON.stringify({ type: 'check', ...result }));
  }
  live.draw([]);
  live.end();
  const broken = results.filter((result) => result.broken.length > 0);
  const coverage = checks.coverage();
  const passed = broken.length === 0 && checks.defects.length === 0;
  if (flags.json) {
    const counts = { checkCount: results.length, brokenCount: broken.length };
    const verdict = {
      type: 'verdict',
      worker: worker.name,
      passed,
      ...counts,
      defects: checks.defects,
      coverage,
    };
    terminal.out(JSON.stringify(verdict));
  } else {
    show({ results, coverage, defects: checks.defects.map(({ message }) => message) }, terminal);
    const said = `${count(results.length, 'check')}, ${broken.length} broken, in ${duration(performance.now() - began)}`;
    terminal.out(passed ? terminal.paint.green(said) : terminal.paint.red(said));
  }
  if (flags.junit !== undefined) await writeJUnit(flags.junit, { results, name: worker.name });
  return passed ? 0 : 1;
}

interface Shown {
  readonly results: readonly Result[];
  readonly coverage: Coverage;
  readonly defects: readonly string[];
}

function show({ results, coverage, defects }: Shown, { out, paint }: Surroundings['terminal']): void {
  out(`${column('', 8)}${'checks'.padStart(8)}${'broken'.padStart(8)}`);
  for (const group of groups) {
    const of = results.filter((result) => result.group === group);
    const brokenCount = of.filter(({ broken }) => broken.length > 0).length;
    out(`${column(group, 8)}${String(of.length).padStart(8)}${String(brokenCount).padStart(8)}`);
  }
  out('');
  out(coverageText(coverage).trimEnd());
  for (const { group, name, broken } of results) {
    if (broken.length === 0) continue;
    out('');
    out(paint.red(`${group}: ${clean(name)}`));
    // A walk prints lines of its own.
    for (const sentence of broken) for (const line of sentence.split('\n')) out(`  ${clean(line)}`);
  }
  for (const message of defects) out(paint.red(`\n${clean(message)}`));
  out('');
}

async function writeJUnit(
  file: string,
  { results, name }: { readonly results: readonly Result[]; readonly name: string },
): Promise<void> {
  const suites = groups.map((group) => ({
    name: `${name} ${group}`,
    cases: results
      .filter((result) => result.group === group)
      .map(({ name: of, broken, durationMs }) => ({
        name: of,
        durationMs,
        ...(broken.length > 0 && { failure: { type: 'broken', message: broken.join('\n') } }),
      })),
  }));
  await writeReport(file, junitXml(suites));
}

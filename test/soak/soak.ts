// `npm run soak`: workers, a broker of their own and an engine, struck again and again; then the books.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLiveRegion } from '../../src/cli/live-region.js';
import { createTerminal } from '../../src/cli/terminal.js';
import { cut, duration } from '../../src/cli/text.js';
import { policies } from './kinds.js';
import { reportLines } from './report.js';
import { runSoak, type SoakOptions } from './run-soak.js';
import { runSteady, steadyLines } from './steady.js';

const help = `Usage: npm run soak -- [--minutes N] [--policy received|verified|settled]... [options]
       npm run soak -- --jobs N

Starts a RabbitMQ, and workers of each policy that are sent jobs without end, while workers are killed and drained, connections
closed, reset and cut without a word, the broker blocked, restarted and killed. At the end every job is accounted for. With
--jobs: so many jobs through one worker on the embedded broker, and its heap.

  --minutes N   how long it rages; default 1
  --policy P    of which workers, may be given again; default all three
  --seed N      fixes the order of strikes and the kinds of jobs; default 1
  --workers N   processes of each policy; default 2
  --lanes N     jobs at a time in each; default 4
  --rate N      jobs a second of each policy, at most; default 60
  --jobs N      see above
  --json        one JSON object instead of the table
  --help

Exit code 0: no promise was broken; 1: one was, and what the workers wrote is kept in the folder that is named; 2: usage.
`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const numbers = { minutes: 1, seed: 1, workers: 2, lanes: 4, rate: 60, jobs: 0 };

const terminal = createTerminal(process);

process.exitCode = await main().catch((error: unknown) => {
  terminal.err(`soak: ${error instanceof Error ? error.message : String(error)}`);
  return error instanceof TypeError ? 2 : 1;
});

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      ...{ minutes: text, seed: text, workers: text, lanes: text, rate: text, jobs: text },
      policy: { type: 'string', multiple: true },
      json: flag,
      help: flag,
    },
  });
  if (values.help) {
    terminal.raw(help);
    return 0;
  }
  const number = (name: keyof typeof numbers) => {
    const given = values[name];
    const value = given === undefined ? numbers[name] : Number(given);
    const isFine = value > 0 && (name === 'minutes' || name === 'rate' || Number.isInteger(value));
    if (given !== undefined && !isFine) throw new TypeError(`--${name} must be a number above 0`);
    return value;
  };
  const chosen = values.policy?.map((name) => {
    const found = policies.find((policy) => policy === name);
    if (found === undefined) throw new TypeError(`--policy must be one of ${policies.join(', ')}`);
    return found;
  });
  const json = values.json === true;
  if (values.jobs !== undefined) return steady(number('jobs'), json);
  return soak({
    json,
    policies: [...new Set(chosen ?? policies)],
    minutes: number('minutes'),
    seed: number('seed'),
    workers: number('workers'),
    lanes: number('lanes'),
    rate: number('rate'),
  });
}

type Sizes = Pick<SoakOptions, 'policies' | 'minutes' | 'seed' | 'workers' | 'lanes' | 'rate'>;

async function soak({ json, ...sizes }: Sizes & { readonly json: boolean }): Promise<number> {
  const region = terminal.isLive && !json ? createLiveRegion(terminal) : undefined;
  const folder = mkdtempSync(join(tmpdir(), 'needful-soak-'));
  const began = performance.now();
  let [phase, last] = ['', ''];
  const report = await runSoak({
    ...sizes,
    folder,
    onPhase(next) {
      [phase, last] = [next, ''];
      if (!region && !json) terminal.out(phase);
    },
    onStrike(line) {
      last = `; ${line}`;
    },
    onProgress({ sent, answered }) {
      const line = `${duration(performance.now() - began)}, ${phase}: ${sent} sent, ${answered} answered${last}`;
      region?.draw([cut(line, terminal.columns - 1)]);
    },
  }).catch((error: unknown) => {
    terminal.err(`what the workers wrote is in ${folder}`);
    throw error;
  });
  region?.end();
  for (const line of json ? [JSON.stringify(report)] : reportLines(report)) terminal.out(line);
  if (!report.passed) terminal.err(`what the workers wrote is in ${folder}`);
  return report.passed ? 0 : 1;
}

async function steady(jobs: number, json: boolean): Promise<number> {
  const report = await runSteady(jobs);
  for (const line of json ? [JSON.stringify(report)] : steadyLines(report)) terminal.out(line);
  return report.passed ? 0 : 1;
}

// `npm run mutants`: plants each bug of test/mutants in a copy of the source, and lets the generated tests look for it.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Mutant, mutants } from '../test/mutants/mutants.js';
import type { Kill } from './mutants/panel.js';
import { createTree } from './mutants/tree.js';

const usage = `npm run mutants -- [--only TEXT] [--json]
  --only TEXT  those whose name has it
  --json       a JSON object a line; the last one counts
Ends with 0, with 1 when one was not killed, with 2 on wrong use.`;

/** A mutant that keeps a process busy for so long, in milliseconds, is killed by that. */
const patienceMs = 240_000;

interface Result {
  readonly name: string;
  readonly kill: Kill | null;
}

async function kills(mutant: Mutant, path: string): Promise<Kill | null> {
  const jiti = join(path, 'node_modules/jiti/lib/jiti-cli.mjs');
  const child = spawn(process.execPath, [jiti, join(path, 'scripts/mutants/panel.ts')], {
    cwd: path,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: patienceMs,
    killSignal: 'SIGKILL',
  });
  let [said, wrong] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    wrong += text;
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (...end) => resolve(end)),
  );
  if (signal === 'SIGKILL') return { path: 'any', judge: 'time', broken: 'it does not end' };
  const last = said.trim().split('\n').at(-1) ?? '';
  if (last.startsWith('{') || last === 'null') return JSON.parse(last) as Kill | null;
  // What breaks the process breaks every test.
  if (code !== 0) return { path: 'any', judge: 'process', broken: wrong.trim().split('\n')[0] ?? '' };
  throw new Error(`"${mutant.name}": the panel said nothing`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const chosen = mutants.filter(({ name }) => name.includes(values.only));
  const left = chosen.values();
  const results: Result[] = [];
  const hunter = async () => {
    const tree = await createTree();
    try {
      for (const mutant of left) {
        await tree.plant(mutant);
        const result = { name: mutant.name, kill: await kills(mutant, tree.path) };
        results.push(result);
        console.log(values.json ? JSON.stringify(result) : line(result));
      }
    } finally {
      await tree.remove();
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, hunter));
  const killed = results.filter(({ kill }) => kill !== null).length;
  console.log(
    values.json ? JSON.stringify({ killed, total: results.length }) : `${killed} of ${results.length} killed`,
  );
  return killed === results.length ? 0 : 1;
}

const line = ({ name, kill }: Result) =>
  kill === null
    ? `ALIVE   ${name}`
    : `killed  ${name}\n        by ${kill.judge}, on ${kill.path}: ${kill.broken}`;

process.exitCode = await main();

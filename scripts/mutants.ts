// `npm run mutants`: plants each bug of test/mutants in a copy of the source, and lets the generated tests look for it.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Mutant, mutants } from '../test/mutants/mutants.js';
import { sendHunters } from './mutants/hunters.js';
import type { Kill } from './mutants/panel.js';

const usage = `npm run mutants -- [--only TEXT] [--json]
  --only TEXT  those whose name has it
  --json       a JSON object a line; the last one counts
Ends with 0, with 1 when one was not killed, with 2 on wrong use.`;

/** Changes nothing: what the tests say of it they would say of anything. */
const none: Mutant = {
  name: 'no bug at all',
  about: 'the tests',
  file: 'src/clock.ts',
  find: 'export const systemClock',
  replace: 'export const systemClock',
};

interface Result {
  readonly name: string;
  readonly kill: Kill | null;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const chosen = mutants.filter(({ name }) => name.includes(values.only));
  if (values.help || chosen.length === 0) {
    console.log(values.help ? usage : `no mutant has "${values.only}" in its name\n${usage}`);
    return values.help ? 0 : 2;
  }
  const all = [none, ...chosen];
  const results: Result[] = [];
  const hunters = {
    mutants: all,
    count: Math.min(2, availableParallelism()),
    script: 'scripts/mutants/panel.js',
  };
  await sendHunters(hunters, (index, said) => {
    const endless: Kill = { path: 'any', judge: 'time', broken: 'it does not end' };
    const kill = said.endless ? endless : (said.json as Kill | null);
    const result = { name: all[index]?.name ?? '', kill };
    if (index === 0) {
      if (kill !== null) throw new Error(`without a bug the tests fail on ${kill.path}: ${kill.broken}`);
      return;
    }
    results.push(result);
    console.log(values.json ? JSON.stringify(result) : line(result));
  });
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

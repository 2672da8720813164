// Puts into README.md and docs/*.md what must not be typed twice: the code of examples/ and the diagrams of the machines.
// `npm run docs` writes, `npm run docs -- --check` fails when something is stale; a test does the same.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import approval from '../examples/approval.js';
import arrival from '../examples/arrival-machine.js';
import silent from '../examples/silent.js';
import { createJobMachine, releaseMachine, workerMachine } from '../machines/index.js';
import { machineGraph, toMermaid } from '../src/statechart/index.js';
import bigip from '../workers/bigip.js';

const root = fileURLToPath(new URL('..', import.meta.url));

const never = () => {
  throw new Error('a drawing parses nothing');
};
const drawn = (flow?: typeof approval.flow) => createJobMachine({ parse: never, effects: {} }, flow);
const balancer = bigip({
  environments: { qa: { url: 'https://bigip.example.com', username: 'needful', password: '-', group: 'qa' } },
});
const step = (worker: { readonly steps: ReadonlyMap<string, { readonly run: unknown }> }, name: string) =>
  worker.steps.get(name)?.run as AnyStateMachine;
const machines: Record<string, AnyStateMachine> = {
  job: drawn(),
  approval: drawn(approval.flow),
  silent: drawn(silent.flow),
  arrival: step(arrival, 'Await'),
  outOfRotation: step(balancer, 'OutOfRotation'),
  configSync: step(balancer, 'ConfigSync'),
  worker: workerMachine as unknown as AnyStateMachine,
  release: releaseMachine as unknown as AnyStateMachine,
};

/** The files that are kept: README and every page of docs. */
export function pages(): string[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.map((name) => `docs/${name}`)];
}

export const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** The page as it should be: a block that names an example holds its file, a block under `<!-- diagram: NAME -->` the machine. */
export function written(page: string): string {
  return page
    .replace(
      /```(ts|yaml|jsonc)\n(\/\/|#) (examples\/[\w-]+\.\w+)\n[\s\S]*?```/g,
      (_, language, comment, path: string) => {
        return `\`\`\`${language}\n${comment} ${path}\n${read(path)}\`\`\``;
      },
    )
    .replace(/<!-- diagram: (\w+) -->\n```mermaid\n[\s\S]*?```/g, (_, name: string) => {
      const machine = machines[name];
      if (machine === undefined)
        throw new Error(`no machine ${name}; known are ${Object.keys(machines).join(', ')}`);
      return `<!-- diagram: ${name} -->\n\`\`\`mermaid\n${toMermaid(machineGraph(machine))}\`\`\``;
    });
}

/** Names of the pages that are not as they should be. */
export const stale = () => pages().filter((path) => read(path) !== written(read(path)));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const paths = stale();
  const check = process.argv.includes('--check');
  if (!check) for (const path of paths) writeFileSync(join(root, path), written(read(path)));
  for (const path of paths) console.log(`${path} ${check ? 'is stale: npm run docs' : 'written'}`);
  process.exitCode = check && paths.length > 0 ? 1 : 0;
}

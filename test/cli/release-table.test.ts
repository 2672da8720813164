import { afterEach, expect, test } from 'vitest';
import { createMemoryBroker } from '../../adapters/memory/index.js';
import { createReleaseTable } from '../../src/cli/release-table.js';
import { playRelease } from '../../src/release/play.js';
import { parsePlaybook } from '../../src/release/playbook.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { defineWorker, step } from '../../src/worker/define-worker.js';
import { failed } from '../../src/worker/definition.js';
import { silentLogger } from '../../src/worker/logger.js';
import { createScreen, type Screen } from './screen.js';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const steps = 'steps: [worker:First, worker:Second, worker:Third]';

/** Plays a release on the screen; `during` is called in each of its steps. */
async function play(
  screen: Screen,
  { execution, during = () => {} }: { execution: string; during?: () => void },
) {
  const broker = createMemoryBroker();
  const definition = defineWorker({
    name: 'worker',
    steps: {
      Fail: step({}).run(() => failed()),
      '*': step({}).run(({ output, subcommand }) => {
        output.info(`\x1b[2Jdoing ${subcommand} ${'and more '.repeat(20)}`);
        during();
        return subcommand;
      }),
    },
  });
  const worker = createWorker(definition, { transport: broker.connect(), logger: silentLogger });
  stops.push(() => worker.stop());
  const view = createReleaseTable(screen.terminal);
  worker.subscribe(view.transition);
  await worker.start();
  const playbook = parsePlaybook(`group: tests\nexecution:\n${execution}`, { file: 'site.yaml' });
  await playRelease({ transport: broker.connect(), playbook, onEvent: view.release });
  view.close();
}

const rowsOf = (screen: Screen) => screen.text().filter((line) => /^ *\d+ {2}\S/.test(line));

test('leaves the whole table behind, each row once and in order, however low the terminal', async () => {
  const screen = createScreen({ columns: 80, rows: 8 });
  await play(screen, { execution: `  - { hosts: [a, b, c], ${steps} }` });
  expect(rowsOf(screen).map((row) => row.trim().split(/ {2,}/).slice(0, 4))).toEqual(
    ['a', 'b', 'c'].flatMap((host, at) =>
      ['First', 'Second', 'Third'].map((name, of) => [
        String(at * 3 + of + 1),
        host,
        `worker:${name}`,
        'completed',
      ]),
    ),
  );
  const details = screen.text().join('\n');
  expect(details).toMatch(/lane {4}\+\d+ received.*parsing/);
  expect(details).toMatch(/replies \+\d+ started.*completed First/);
  expect(details).toMatch(/output {2}doing First and more .*…$/m);
  expect(screen.text().at(-1)).toMatch(/^release completed: 9 completed, 0 failed, 0 skipped in /);
});

test('no line is as wide as the terminal, long names are cut with …', async () => {
  const screen = createScreen({ columns: 60, rows: 24 });
  const host = 'a-host-of-a-very-long-name.in.a.domain.example.com';
  await play(screen, {
    execution: `  - { hosts: [${host}], steps: [worker:AStepOfAnEquallyLongNameIndeed] }`,
  });
  expect(screen.widest).toBeLessThan(60);
  expect(rowsOf(screen)[0]).toMatch(/a-host-o.*… {2}worker:A.*… {2}completed/);
});

test('follows a terminal that becomes narrower and wider', async () => {
  const screen = createScreen({ columns: 100, rows: 24 });
  const sizes = [90, 70, 100];
  await play(screen, {
    execution: `  - { hosts: [a], ${steps} }`,
    during: () => screen.resize(sizes.shift() ?? 100, 24),
  });
  expect(rowsOf(screen)).toHaveLength(3);
});

test('says why a step failed and what was skipped', async () => {
  const screen = createScreen({ columns: 80, rows: 24 });
  await play(screen, { execution: '  - { hosts: [a], steps: [worker:First, worker:Fail, worker:Never] }' });
  const text = screen.text().join('\n');
  expect(text).toMatch(/2 {2}a {5}worker:Fail +failed/);
  expect(text).toMatch(/why +its worker gave no reason/);
  expect(text).toMatch(/3 {2}a {5}worker:Never +skipped/);
  expect(text).toMatch(/release failed: 1 completed, 1 failed, 1 skipped/);
});

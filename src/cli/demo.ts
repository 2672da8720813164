// `needful demo` (what `npm start` runs): a release with everything it needs. Three workers that share nothing but the
// broker, each on a connection of its own; an HTTP server for the worker that sends requests; the engine's side. Shown as
// `needful release` shows it, and --json is the same contract.
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { embeddedBus, rabbitBus } from './bus.js';
import type { Surroundings } from './command.js';
import { startCrew } from './crew.js';
import { brokerOptions, dynamicOption, seconds, showOptions } from './flags.js';
import { play, type ReleaseFlags } from './release.js';
import type { Settings } from './settings/settle.js';
import { createReleaseView } from './show-release.js';

/** Those that need no configuration. */
const crewNames = ['noop', 'sleep', 'httprequest'];

/** What the example playbooks ask for. */
const exampleValues = { cart: 'inception-1.4.2', environment: 'staging' };

/** A queue is one worker's, and there are several; on a broker of the process's own everything is declared. */
function demoOptions(
  { queue, topology, ...options }: Settings['worker'],
  { embedded }: { readonly embedded: boolean },
): Settings['worker'] {
  return { ...options, ...(topology === undefined || embedded ? {} : { topology }) };
}

export function addDemo(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('demo')
    .summary('play an example release with three workers')
    .description(
      'Plays examples/release.yaml, or another playbook, with the ready-made workers noop, sleep and httprequest and a small HTTP server for its URLs: on an embedded broker, or on the RabbitMQ of --amqp or the environment.',
    )
    .argument('[playbook]', 'a file');
  dynamicOption(command).option('--deadline <seconds>', 'longest wait for each reply', seconds);
  showOptions(brokerOptions(command))
    .addHelpText('after', '\nExample:\n  $ needful demo --amqp amqp://guest:guest@localhost --declare')
    .action(async (file: string | undefined, flags: ReleaseFlags) => {
      surroundings.finish(await demo(file ?? exampleFile(), { flags, surroundings }));
    });
}

function exampleFile(): string {
  const root = new URL('.', import.meta.resolve('needful-worker/package.json'));
  return relative('', fileURLToPath(new URL('examples/release.yaml', root)));
}

async function demo(
  file: string,
  given: { readonly flags: ReleaseFlags; readonly surroundings: Surroundings },
): Promise<number> {
  const { surroundings } = given;
  const { terminal, process } = surroundings;
  const flags = { ...given.flags, dynamic: { ...exampleValues, ...given.flags.dynamic } };
  const [{ readPlaybook }, { checkDynamic }, { loadWorker }, { createLog }, { startDemoTarget }] =
    await Promise.all([
      import('../release/playbook.js'),
      import('../release/dynamic.js'),
      import('./load-worker.js'),
      import('./log.js'),
      import('./demo-target.js'),
    ]);
  const playbook = await readPlaybook(file);
  checkDynamic(playbook, flags.dynamic);
  const { settle } = await import('./settings/settle.js');
  const { address, logLevel, worker: options, warnings } = await settle(flags, process.env);
  const bus = await (address === undefined ? embeddedBus() : rabbitBus(address));
  const definitions = await Promise.all(crewNames.map((name) => loadWorker(name)));
  const view = createReleaseView(terminal, { json: flags.json === true });
  const logger = await createLog(logLevel, { stderr: process.stderr, show: view.log });
  for (const warning of warnings) logger.warn({}, warning);
  const target = await startDemoTarget(playbook);
  try {
    const crew = await startCrew(definitions, {
      bus,
      logger,
      options: demoOptions(options, { embedded: address === undefined }),
      onTransition: view.transition,
    });
    try {
      return await play({
        playbook,
        flags,
        surroundings,
        view,
        transport: bus.connect('needful demo'),
        logger,
        crew,
      });
    } finally {
      view.close();
      await crew.stop();
    }
  } finally {
    await target.close();
  }
}

// `needful release`: plays a playbook, job by job. With --json stdout has one object a line, by `type`:
//   release.started, step.dispatched, step.started, step.completed, step.failed, step.skipped, output, warning,
//   release.ended   { at, … }: the ReleaseEvents of src/release; release.ended carries the summary and is the last of them
//   transition      { index, … }: a TransitionRecord of a worker beside it (--with); index: of its step, null: of none
//   signal          { signal, message }
//   error           { code, message, remedy, exit }; then nothing follows
import type { Command } from 'commander';
import type { Playbook } from '../release/playbook.js';
import type { Transport } from '../transport.js';
import type { Logger } from '../worker/logger.js';
import type { Surroundings } from './command.js';
import type { Crew } from './crew.js';
import { brokerOptions, type CrewFlags, crewOptions, dynamicOption, seconds, showOptions } from './flags.js';
import type { ReleaseView } from './release-view.js';
import { createReleaseView } from './show-release.js';
import { onSignals } from './signals.js';

export interface ReleaseFlags extends CrewFlags {
  readonly dynamic?: Readonly<Record<string, unknown>>;
  /** Milliseconds. */
  readonly deadline?: number;
}

export function addRelease(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('release')
    .summary('play a playbook')
    .description(
      'Plays a playbook, YAML or JSON: each step on each host, one job at a time; after a failure the rest is skipped. Nothing is sent before the whole playbook is valid. Exit code 0: completed, 1: failed.',
    )
    .argument('<playbook>', 'a file');
  dynamicOption(command).option(
    '--deadline <seconds>',
    'longest wait for each reply (60 for started, then 3600)',
    seconds,
  );
  showOptions(brokerOptions(crewOptions(command)))
    .addHelpText(
      'after',
      '\nExample:\n  $ needful release site.yaml --dynamic version=1.4.2 --with noop --with sleep',
    )
    .action(async (file: string, flags: ReleaseFlags) => {
      surroundings.finish(await release(file, { flags, surroundings }));
    });
}

async function release(
  file: string,
  { flags, surroundings }: { readonly flags: ReleaseFlags; readonly surroundings: Surroundings },
): Promise<number> {
  const [{ readPlaybook }, { checkDynamic }, { musterCrew }] = await Promise.all([
    import('../release/playbook.js'),
    import('../release/dynamic.js'),
    import('./muster.js'),
  ]);
  const playbook = await readPlaybook(file);
  checkDynamic(playbook, flags.dynamic ?? {});
  const view = createReleaseView(surroundings.terminal, { json: flags.json === true });
  const { bus, logger, crew } = await musterCrew(flags, {
    surroundings,
    onTransition: view.transition,
    showLog: view.log,
  });
  try {
    const transport = bus.connect('needful release');
    if (flags.declare === true) await declareQueues(transport, playbook);
    return await play({ playbook, flags, surroundings, view, transport, logger, crew });
  } catch (error) {
    throw bus.explain(error);
  } finally {
    view.close();
    await crew.stop();
  }
}

/** Exchange, and one queue for each worker that the playbook names. */
async function declareQueues(transport: Transport, playbook: Playbook): Promise<void> {
  const { workerTopology } = await import('../contract/names.js');
  const names = new Set(playbook.sequences.flatMap(({ steps }) => steps.map(({ worker }) => worker)));
  await transport.open();
  try {
    for (const name of names) await transport.declare(workerTopology(name));
  } finally {
    await transport.close();
  }
}

export interface PlayRelease {
  readonly playbook: Playbook;
  readonly flags: ReleaseFlags;
  readonly surroundings: Surroundings;
  readonly view: ReleaseView;
  readonly transport: Transport;
  readonly logger: Logger;
  readonly crew: Crew;
}

/** Returns the exit code. The crew is stopped once the release is over. */
export async function play(given: PlayRelease): Promise<number> {
  const { playbook, flags, surroundings, view, transport, logger, crew } = given;
  const { playRelease } = await import('../release/play.js');
  const abandoned = new AbortController();
  const ignoreSignals = onSignals(surroundings.process, {
    words: 'the reply is not waited for any more, the steps behind it are skipped, the job in hand may end',
    drain: () => abandoned.abort(),
    abort: () => void crew.stop({ deadlineMs: 0 }),
    say: view.signal,
  });
  try {
    const { outcome } = await playRelease({
      transport,
      playbook,
      logger,
      signal: abandoned.signal,
      onEvent: view.release,
      ...(flags.dynamic === undefined ? {} : { dynamic: flags.dynamic }),
      ...(flags.deadline === undefined ? {} : { deadlineMs: flags.deadline }),
    });
    await crew.stop();
    return outcome === 'completed' ? 0 : 1;
  } finally {
    ignoreSignals();
  }
}

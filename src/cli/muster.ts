// Finds the broker of a command and starts the workers that are to run beside it.
import { NeedfulError } from '../contract/errors.js';
import type { Logger } from '../worker/logger.js';
import type { TransitionRecord } from '../worker/running-worker.js';
import { type Bus, embeddedBus, rabbitBus } from './bus.js';
import type { Surroundings } from './command.js';
import { type Crew, noCrew, startCrew } from './crew.js';
import type { CrewFlags } from './flags.js';
import type { Settings } from './settings/settle.js';

export interface Mustered {
  readonly bus: Bus;
  readonly logger: Logger;
  readonly crew: Crew;
  readonly settings: Settings;
}

export interface MusterOptions {
  readonly surroundings: Surroundings;
  readonly onTransition: (transition: TransitionRecord) => void;
  readonly showLog: (line: string) => void;
}

/** Workers of `--with` run on an embedded broker; without any, the broker is the one of the address. */
export async function musterCrew(
  flags: CrewFlags & { readonly queue?: string },
  { surroundings, onTransition, showLog }: MusterOptions,
): Promise<Mustered> {
  const { process } = surroundings;
  checkCombination(flags);
  const [{ createLog }, { settle }] = await Promise.all([import('./log.js'), import('./settings/settle.js')]);
  const settings = await settle(flags, process.env);
  const logger = await createLog(settings.logLevel, { stderr: process.stderr, show: showLog });
  for (const warning of settings.warnings) logger.warn({}, warning);
  const given = flags.with ?? [];
  if (given.length === 0) {
    return { bus: await rabbitBus(settings.address), logger, crew: noCrew, settings };
  }
  const { loadWorker } = await import('./load-worker.js');
  const definitions = await Promise.all(given.map((one) => loadWorker(one, { config: settings.own })));
  const bus = await embeddedBus();
  const { queue, topology, ...options } = settings.worker;
  const crew = await startCrew(definitions, {
    bus,
    logger,
    // A queue is one worker's; on a broker of the process's own everything is declared.
    options: { ...options, ...(queue === undefined || given.length > 1 ? {} : { queue }) },
    onTransition,
  });
  return { bus, logger, crew, settings };
}

function checkCombination(flags: CrewFlags & { readonly queue?: string }): void {
  const besides = flags.with?.length ?? 0;
  if (besides > 0 && (flags.amqp !== undefined || flags.mqConfig !== undefined)) {
    throw new NeedfulError(
      'USAGE',
      '--with runs its worker on an embedded broker: give it, or an address (--amqp, --mq-config), not both',
    );
  }
  if (besides === 0 && flags.concurrency !== undefined) {
    throw new NeedfulError('USAGE', '--concurrency is for workers beside it: it needs --with');
  }
  for (const [flag, value] of Object.entries({
    '--queue': flags.queue,
    '--worker-config': flags.workerConfig,
  })) {
    if (besides <= 1 || value === undefined) continue;
    throw new NeedfulError('USAGE', `${flag} is for one worker, and --with was given more than once`);
  }
  if (besides === 0 && flags.workerConfig !== undefined) {
    throw new NeedfulError('USAGE', '--worker-config is for a worker beside it: it needs --with');
  }
}

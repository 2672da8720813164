// Finds the broker of a command and starts the workers that are to run beside it.
import { NeedfulError } from '../contract/errors.js';
import type { Logger } from '../worker/logger.js';
import type { TransitionRecord } from '../worker/running-worker.js';
import { type Bus, embeddedBus, rabbitBus } from './bus.js';
import type { Surroundings } from './command.js';
import { type Crew, noCrew, startCrew } from './crew.js';
import type { CrewFlags } from './flags.js';

export interface Mustered {
  readonly bus: Bus;
  readonly logger: Logger;
  readonly crew: Crew;
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
  const { createLog } = await import('./log.js');
  const logger = await createLog(flags.logLevel, { stderr: process.stderr, show: showLog });
  const given = flags.with ?? [];
  if (given.length === 0) return { bus: await rabbitBus(flags, process.env), logger, crew: noCrew };
  const { loadWorker } = await import('./load-worker.js');
  const definitions = await Promise.all(given.map((one) => loadWorker(one)));
  const bus = await embeddedBus();
  const { concurrency, queue } = flags;
  const crew = await startCrew(definitions, { bus, logger, concurrency, queue, onTransition });
  return { bus, logger, crew };
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
  if (besides > 1 && flags.queue !== undefined) {
    throw new NeedfulError('USAGE', '--queue names one queue, and --with was given more than once');
  }
}

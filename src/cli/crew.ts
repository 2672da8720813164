// Workers that a command runs in its own process beside what it does: each on a connection of its own, as if alone.
import type { Worker } from '../worker/definition.js';
import type { Logger } from '../worker/logger.js';
import type { RunningWorker, TransitionRecord, WorkerOptions } from '../worker/running-worker.js';
import type { Bus } from './bus.js';

export interface Crew {
  /** Idempotent, never rejects; a second call may shorten the deadline. */
  stop(options?: { readonly deadlineMs?: number }): Promise<void>;
}

export interface CrewOptions {
  readonly bus: Bus;
  readonly logger: Logger;
  /** Of each of them. */
  readonly options: Partial<Omit<WorkerOptions, 'transport'>>;
  readonly onTransition: (transition: TransitionRecord) => void;
}

export const noCrew: Crew = { stop: async () => {} };

/** Resolves when all of them listen; when one cannot, the others are stopped and its error comes back. */
export async function startCrew(definitions: readonly Worker[], options: CrewOptions): Promise<Crew> {
  if (definitions.length === 0) return noCrew;
  const { createWorker } = await import('../worker/create-worker.js');
  const { bus, logger, onTransition } = options;
  const workers = definitions.map((definition) => {
    const transport = bus.connect(`needful worker ${definition.name}`);
    const worker = createWorker(definition, {
      ...(bus.isDefault ? { connectDeadlineMs: 0 } : {}),
      ...options.options,
      transport,
      logger,
    });
    worker.subscribe(onTransition);
    return worker;
  });
  const crew = crewOf(workers);
  try {
    await Promise.all(workers.map((worker) => worker.start()));
    return crew;
  } catch (error) {
    await crew.stop({ deadlineMs: 0 });
    throw bus.explain(error);
  }
}

function crewOf(workers: readonly RunningWorker[]): Crew {
  return {
    async stop(how) {
      await Promise.all(workers.map((worker) => worker.stop(how)));
    },
  };
}

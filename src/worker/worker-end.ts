// What has to be told once a worker has ended: jobs that its stop cut short, and promises of Needful's own that broke.
import { NeedfulError } from '../contract/errors.js';
import type { Logger } from './logger.js';

export interface WorkerEnd {
  /** The deadline of a stop has passed. */
  cutShort(left: { readonly jobCount: number; readonly owes: boolean }): void;
  /** What must never happen did: that it is told at the end, and goes on meanwhile, loses fewer jobs than ending here. */
  broke(what: string, cause: unknown): void;
  /** PROMISE_BROKEN, else DRAIN_DEADLINE_PASSED, else null. */
  readonly error: NeedfulError | null;
}

export interface EndOptions {
  readonly worker: string;
  readonly logger: Logger;
  readonly unansweredCount: () => number;
}

export function createEnd({ worker, logger, unansweredCount }: EndOptions): WorkerEnd {
  let broken: NeedfulError | null = null;
  let cut: { readonly jobCount: number; readonly owes: boolean; readonly unanswered: number } | null = null;

  const cutError = ({ jobCount, owes, unanswered }: NonNullable<typeof cut>) => {
    const untold = unansweredCount() - unanswered;
    const said = [
      ...(jobCount > 0 ? [`${jobCount} ${jobCount === 1 ? 'job was' : 'jobs were'} cancelled`] : []),
      ...(untold > 0 ? [`nobody could be told of ${untold}`] : []),
      ...(owes ? ['the broker took nothing any more, so what was settled last may come again'] : []),
    ];
    return new NeedfulError(
      'DRAIN_DEADLINE_PASSED',
      `worker ${worker} stopped before its work was done: ${said.join('; ')}`,
    );
  };

  return {
    cutShort({ jobCount, owes }) {
      if (jobCount > 0 || owes) cut = { jobCount, owes, unanswered: unansweredCount() };
    },
    broke(what, cause) {
      logger.fatal({ err: cause }, what);
      const said = cause instanceof Error ? `: ${cause.message}` : '';
      broken ??= new NeedfulError('PROMISE_BROKEN', `worker ${worker}: ${what}${said}`, { cause });
    },
    get error() {
      return broken ?? (cut && cutError(cut));
    },
  };
}

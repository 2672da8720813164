// What the workers of the crash table do, the one that is killed and the one that comes after it. The public door alone, so
// that the first can be the built one in a process of its own.
import { appendFileSync } from 'node:fs';
import { type Acknowledge, defineWorker, type Worker } from 'needful-worker';
import { z } from 'zod';

export interface Doom {
  readonly acknowledge: Acknowledge;
  readonly name: string;
  /** Queue of dead letters. */
  readonly graveyard: string;
  /** A file that gets a line whenever the step begins. */
  readonly begun: string;
}

/** What a job asks of the step; what fails is tried once more. */
export const deeds = ['end', 'fail', 'last'] as const;

/** A step that is to last does so until `lasts` resolves. */
export function doomedWorker({ acknowledge, name, begun }: Doom, lasts: () => Promise<void>): Worker {
  return defineWorker({
    name,
    acknowledge,
    steps: {
      Do: {
        parameters: z.object({ deed: z.enum(deeds) }),
        retry: { attempts: 2, backoffMs: 1 },
        async run({ parameters: { deed }, attempt }) {
          if (attempt === 1) appendFileSync(begun, '.\n');
          if (deed === 'last') await lasts();
          if (deed === 'fail') throw new Error('as asked');
          return 'done';
        },
      },
    },
  }) as Worker;
}

import { stat } from 'node:fs/promises';
import { defineWorker, step } from 'needful-worker';
import { z } from 'zod';

export default defineWorker({
  name: 'arrival',
  steps: {
    Await: step({ parameters: z.object({ path: z.string() }), result: z.number() }).machine({
      context: ({ parameters }) => ({ path: parameters.path, size: 0, looksLeft: 60 }),
      guards: {
        hasArrived: ({ size }) => size > 0,
        mayLookAgain: ({ looksLeft }) => looksLeft > 0,
      },
      initial: 'looking',
      states: {
        looking: {
          description: 'Is the file there, with something in it?',
          async run({ context: { path, looksLeft } }) {
            const { size } = await stat(path).catch(() => ({ size: 0 }));
            return { size, looksLeft: looksLeft - 1 };
          },
          done: [
            { guard: 'hasArrived', target: 'arrived' },
            { guard: 'mayLookAgain', target: 'waiting' },
            { target: 'missing' },
          ],
          deadlineMs: 5_000, // the disk of another machine may not answer
          failed: { target: 'unreadable' },
        },
        waiting: { description: 'Not yet.', waitMs: 1_000, done: { target: 'looking' } },
        arrived: { completed: ({ size }) => size },
        missing: { refused: ({ path }) => `${path} did not come` },
        unreadable: { refused: ({ path }, error) => `${path} cannot be looked at: ${error}` },
      },
    }),
  },
});

import { stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { defineWorker, failed } from 'needful-worker';
import { z } from 'zod';

export default defineWorker({
  name: 'arrival',
  steps: {
    Await: {
      parameters: z.object({ path: z.string() }),
      async run({ parameters: { path }, signal }) {
        for (let look = 0; look < 60; look++) {
          const { size } = await stat(path).catch(() => ({ size: 0 }));
          if (size > 0) return size;
          await setTimeout(1_000, undefined, { signal });
        }
        return failed(`${path} did not come`);
      },
    },
  },
});

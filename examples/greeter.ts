import { setTimeout } from 'node:timers/promises';
import { defineWorker, failed, numeric } from 'needful-worker';
import { z } from 'zod';

export default defineWorker({
  name: 'greeter',
  steps: {
    Hello: {
      parameters: z.object({ who: z.string().min(1), seconds: numeric().default(0) }),
      result: z.string(),
      async run({ parameters, output, signal }) {
        if (parameters.who === 'nobody') return failed('there is nobody to greet');
        output.info(`greeting ${parameters.who}`);
        await setTimeout(parameters.seconds * 1000, undefined, { signal });
        return `Hello, ${parameters.who}!`;
      },
    },
  },
});

// A worker for tests of the command line: TypeScript, one step that can be made to fail.
import { defineWorker, failed } from 'needful-worker';
import { z } from 'zod';

export default defineWorker({
  name: 'helloworld',
  steps: {
    Hello: {
      parameters: z.object({ who: z.string() }),
      run({ parameters, hosts, output }) {
        output.info(`greeting ${parameters.who}`);
        return parameters.who === 'nobody'
          ? failed({ reason: 'nobody there' })
          : { hosts, who: parameters.who };
      },
    },
  },
});

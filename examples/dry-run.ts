import { defineWorker, extendFlow } from 'needful-worker';
import { z } from 'zod';

export default defineWorker({
  name: 'remover',
  flow: (base) =>
    extendFlow(base, {
      guards: {
        isRehearsal: ({ job }) => job?.parameters.rehearse === true,
      },
      states: {
        verified: {
          on: {
            'reply.confirmed': [
              {
                guard: 'isRehearsal',
                target: 'completed',
                actions: { type: 'complete', params: { data: 'nothing was removed' } },
              },
              { target: 'doingTheNeedful' },
            ],
          },
        },
      },
    }),
  steps: {
    Remove: {
      parameters: z.object({ path: z.string(), rehearse: z.boolean().default(false) }),
      run: ({ parameters }) => `${parameters.path} removed`,
    },
  },
});

import { defineWorker, extendFlow } from 'needful-worker';
import { z } from 'zod';

export default defineWorker({
  name: 'deployer',
  flow: (base) =>
    extendFlow(base, {
      events: ['approval.granted', 'approval.refused'],
      states: {
        verified: { on: { 'reply.confirmed': { target: 'approval' } } },
        approval: {
          description: 'Somebody must say yes.',
          deadline: 60_000,
          on: {
            'approval.granted': { target: 'doingTheNeedful' },
            'approval.refused': { target: 'failed' }, // the event's `data` is the reply's
            'deadline.passed': {
              target: 'failed',
              actions: { type: 'refuse', params: { data: 'nobody approved in time' } },
            },
          },
        },
      },
    }),
  steps: {
    Deploy: {
      parameters: z.object({ package: z.string() }),
      run: ({ parameters }) => `${parameters.package} deployed`,
    },
  },
});

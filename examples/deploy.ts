import { defineWorker, failed } from 'needful-worker';
import { z } from 'zod';

export default defineWorker({
  name: 'deploy',
  hosts: 'required',
  parameters: z.object({ region: z.enum(['eu', 'us']) }),
  steps: {
    Promote: {
      parameters: z.object({ package: z.string().min(1) }),
      dynamic: z.object({ environment: z.string() }),
      result: z.object({ host: z.string(), version: z.string() }),
      deadlineMs: 60_000,
      async run({ parameters, dynamic, hosts: [host = ''], output, notify, logger, signal }) {
        output.info(`promoting ${parameters.package} to ${dynamic.environment} on ${host}`);
        signal.throwIfAborted();
        if (parameters.package === 'broken') return failed({ reason: 'the package is broken' });
        logger.info({ host }, 'promoted');
        notify('completed', { slug: `${parameters.package} promoted`, message: `on ${host}` });
        return { host, version: '1.0' };
      },
    },
    '*': { run: ({ subcommand }) => failed(`deploy does not know ${subcommand}`) },
  },
});

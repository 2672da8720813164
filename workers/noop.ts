// Does nothing and says so, for trying out a playbook or an installation: every step succeeds, only `Fail` fails.
import { defineWorker, failed } from 'needful-worker';

export default defineWorker({
  name: 'noop',
  steps: {
    // The name of the step does not matter, not even whether there is one.
    '*': {
      run({ subcommand, job, output, notify }) {
        notify('started', { slug: 'Subject', message: 'Message' });
        output.info('Starting now');
        const body = JSON.stringify(job.body);
        if (subcommand === 'Fail') {
          notify('failed', { slug: 'Noop Worker Failed', message: `noop error - ${body}` });
          output.error(`noop error - ${body}`);
          return failed();
        }
        notify('completed', { slug: 'Noopworker success', message: body });
        output.info(`NOOP worker succeeded - ${body}`);
        return undefined;
      },
    },
  },
});

// A worker for tests of signals: its steps last until the process gets SIGUSR2.
import { once } from 'node:events';
import process from 'node:process';
import { defineWorker } from 'needful-worker';

const opened = once(process, 'SIGUSR2');

export default defineWorker({
  name: 'gate',
  steps: {
    Hold: {
      async run({ signal }) {
        await Promise.race([opened, once(signal, 'abort')]);
        signal.throwIfAborted();
        return 'let through';
      },
    },
    Deaf: {
      async run() {
        await opened;
      },
    },
  },
});

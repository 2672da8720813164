// A worker whose step lasts until its process ends; it acknowledges as the environment says.
import { once } from 'node:events';
import process from 'node:process';
import { defineWorker } from 'needful-worker';

export default defineWorker({
  name: 'held',
  acknowledge: process.env.ACKNOWLEDGE === 'settled' ? 'settled' : 'received',
  steps: {
    Hold: {
      run: ({ signal }) => once(signal, 'abort'),
    },
  },
});

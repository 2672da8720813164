import { defineWorker, numeric } from 'needful-worker';
import { z } from 'zod';

export default defineWorker({
  name: 'adder',
  steps: {
    Add: { parameters: z.object({ a: numeric(), b: numeric() }), run: ({ parameters: { a, b } }) => a + b },
  },
});

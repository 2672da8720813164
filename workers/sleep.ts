// Sleeps as long as it is told and answers with the seconds: for pauses between the steps of a release.
import { setTimeout } from 'node:timers/promises';
import { defineWorker, numeric, step } from 'needful-worker';
import { z } from 'zod';

// The longest time that a timer of Node takes: 24 days.
const longestSeconds = 2_147_483;

const sleep = step({
  parameters: z.object({ seconds: numeric().pipe(z.number().min(0).max(longestSeconds)) }),
  // It may take the time that it was asked to take.
  deadlineMs: 2_147_483_647,
}).run(async ({ parameters: { seconds }, signal, output, notify }) => {
  output.info(`Executing sleep(${seconds}) ...`);
  output.debug(`Sleeping for ${seconds} seconds`);
  await setTimeout(seconds * 1000, undefined, { signal });
  notify('completed', {
    slug: 'SleepWorker Executed Successfully',
    message: `SleepWorker successfully executed sleep(${seconds}). See logs.`,
  });
  return seconds;
});

export default defineWorker({
  name: 'sleep',
  // Playbooks say `sleep:Seconds`; any other name does the same.
  steps: { Seconds: sleep, '*': sleep },
});

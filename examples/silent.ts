import { defineFlow, defineWorker } from 'needful-worker';

const flow = defineFlow({
  initial: 'listening',
  replies: 'none', // nobody waits for these jobs: each is only settled
  on: { stop: { target: 'stopped' } },
  actions: {
    say: ({ job, logger }) => logger.warn({ command: job?.command }, 'dropped'),
  },
  states: {
    listening: {
      description: 'Waits for a job.',
      tags: ['idle'],
      entry: ['forget', 'rest'],
      on: { 'delivery.received': { target: 'parsing', actions: ['take', 'acknowledge'] } },
    },
    parsing: {
      description: 'The body is held against the schemas of the step.',
      entry: 'parse',
      always: [{ guard: 'isValid', target: 'doingTheNeedful' }, { target: 'dropped' }],
    },
    dropped: { description: 'The job is invalid.', entry: 'say', always: { target: 'listening' } },
    doingTheNeedful: {
      description: 'The step runs.',
      run: 'needful',
      deadline: 'step',
      on: {
        'step.completed': { target: 'listening' },
        'step.failed': { target: 'listening' },
        'deadline.passed': { target: 'listening' },
        'delivery.lost': { target: 'lost' },
        cancel: { target: 'listening' },
      },
    },
    lost: {
      description: 'The broker has the job again.',
      entry: 'recordLost',
      always: { target: 'listening' },
    },
    stopped: { description: 'The lane has ended.', type: 'final', entry: 'giveBack' },
  },
});

export default defineWorker({
  name: 'notes',
  flow,
  steps: { '*': { run: ({ job, logger }) => logger.info({ note: job.parameters.note }, 'noted') } },
});

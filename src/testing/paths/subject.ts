// What is put to the test: a worker, jobs that are good for it, and what its policies are, read from its flow.
import { jobVocabulary } from '../../../machines/job-vocabulary.js';
import { releaseEngine } from '../../contract/release-engine.js';
import { isMachine } from '../../statechart/embed-machine.js';
import type { Flow } from '../../statechart/flow.js';
import type { Worker } from '../../worker/definition.js';
import { laneFlow } from '../../worker/lane-flow.js';
import { createParser } from '../../worker/parse-job.js';
import { type Explored, type ExploreOptions, explore } from './explore.js';
import { createModel } from './model.js';
import type { JobName } from './stimuli.js';
import { type Jobs, jobId, type WorldOptions } from './world.js';

/** A job of a step, valid or not. */
export interface SubjectJob {
  readonly step: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly dynamic?: Readonly<Record<string, unknown>>;
}

export interface SubjectJobs {
  readonly valid: SubjectJob;
  /** Absent: the worker refuses no job. */
  readonly invalid?: SubjectJob;
}

export interface Subject extends WorldOptions, Explored {
  /** There is a job that it refuses. */
  readonly refuses: boolean;
}

const limits = { bodyLimitBytes: 8 * 1024 * 1024, depthLimit: 64, valueLimit: 100_000 };

/** Everything that paths are made of and walked with. */
export function createSubject(worker: Worker, given: SubjectJobs): Subject {
  const jobs = jobsOf(worker, given);
  const received = (job: JobName) => ({
    ...jobs.make(job, { replyTo: 'engine', correlationId: jobId }),
    headersReadable: true,
    redelivered: false,
  });
  const options: ExploreOptions = {
    ownEvents: ownEvents(worker),
    deliveries: { valid: received('valid'), ...(given.invalid && { invalid: received('invalid') }) },
  };
  const parse = createParser(worker, { format: releaseEngine, ...limits });
  return {
    worker,
    jobs,
    ...policyOf(worker),
    refuses: given.invalid !== undefined,
    ...explore(createModel(worker, parse as never), options),
  };
}

/** The same with another job. */
export const subjectWith = (subject: Subject, job: SubjectJob): Subject => ({
  ...subject,
  jobs: {
    make: (name, address, group) =>
      // What comes behind it must be a job that is done.
      address.correlationId === jobId
        ? jobsOf(subject.worker, { valid: job }).make(name, address, group)
        : subject.jobs.make(name, address, group),
  },
});

function jobsOf(worker: Worker, given: SubjectJobs): Jobs {
  return {
    make(job, { replyTo, correlationId }, group) {
      const { step, parameters, dynamic } = given[job] ?? given.valid;
      const hosts = worker.steps.get(step)?.hosts === 'required' ? ['host-1'] : [];
      return releaseEngine.encodeJob(
        {
          step: `${worker.name}:${step}`,
          parameters,
          hosts,
          ...(group !== undefined && { group }),
          ...(dynamic && { dynamic }),
        },
        { replyTo, correlationId },
      );
    },
  };
}

function ownEvents(worker: Worker): readonly string[] {
  const known = new Set<string>(jobVocabulary.events);
  return laneFlow(worker.flow).events.filter((name) => !known.has(name));
}

/** When it acknowledges and whether it sends a reply again, as its flow draws it. */
function policyOf({ flow }: Worker): Pick<WorldOptions, 'acknowledge' | 'unknownReply'> {
  if (isMachine(flow)) return { acknowledge: 'received', unknownReply: 'resend' };
  const { states } = flow as unknown as Flow;
  const target = (state: string) => JSON.stringify(states[state]?.always ?? '');
  const acknowledge = target('received').includes('acknowledged')
    ? 'received'
    : target('acknowledged').includes('listening')
      ? 'settled'
      : 'verified';
  const givesUp = JSON.stringify(states.replyUnknown?.always ?? '').includes('unanswered');
  return { acknowledge, unknownReply: givesUp ? 'giveUp' : 'resend' };
}

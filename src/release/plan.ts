// A playbook laid out as the jobs of a release, in the order in which they run.
import type { JobRequest } from '../contract/message-format.js';
import type { Playbook, PlaybookStep } from './playbook-data.js';
import type { PlannedStep } from './release-event.js';

export interface PlannedJob {
  readonly planned: PlannedStep;
  readonly source: PlaybookStep;
}

/** Sequences in order; within one, all steps on its first host, then all on the next. */
export function planRelease(playbook: Playbook): readonly PlannedJob[] {
  const jobs: PlannedJob[] = [];
  for (const sequence of playbook.sequences) {
    for (const host of sequence.hosts) {
      for (const source of sequence.steps) {
        const { step, line } = source;
        jobs.push({
          planned: { index: jobs.length, sequence: sequence.number, host, step, line },
          source,
        });
      }
    }
  }
  return jobs;
}

/** The job as an engine sends it: the step's own keywords, its one host, every dynamic value of the release. */
export function requestOf(
  { planned, source }: PlannedJob,
  release: { readonly group: string; readonly dynamic: Readonly<Record<string, unknown>> },
): JobRequest {
  return {
    step: source.step,
    group: release.group,
    parameters: source.parameters,
    hosts: [planned.host],
    dynamic: release.dynamic,
    ...(Object.keys(source.notify).length === 0 ? {} : { notify: source.notify }),
  };
}

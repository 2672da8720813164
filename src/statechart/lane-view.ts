// What the functions of a flow are given: the lane and the job in its hand, to look at. Nothing in it can settle or answer.
import type { Logger } from '../contract/logger.js';
import type { Job, Reply } from '../contract/message-format.js';
import type { Output } from '../contract/output.js';

export interface LaneView {
  /** Number of the lane, from 0. */
  readonly lane: number;
  /** Name of the worker. */
  readonly worker: string;
  /** The state that the lane is in, or has just entered. */
  readonly state: string;
  readonly correlationId: string | null;
  /** Name of the step; null: unknown. */
  readonly step: string | null;
  /** The job as it came; null while there is none that can be read. */
  readonly job: Job | null;
  /** Checked against the schemas of the step; null for a job that is refused. */
  readonly parameters: unknown;
  readonly dynamic: unknown;
  /** The final reply, as soon as it is known. */
  readonly outcome: Reply | null;
  /** Lines for the people who follow the release; dropped while there is no job to say them for. */
  readonly output: Output;
  /** Tells those whom the job's `notify` lists for this phase. */
  notify(phase: string, text: { readonly slug: string; readonly message: string }): void;
  readonly logger: Logger;
}

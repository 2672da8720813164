// What is seen of a release while it is played, and its summary: the types that a live view and a command are built on.
import type { Problem } from '../contract/errors.js';

/** One job of a release: a step on a host. */
export interface PlannedStep {
  /** Place in the release, from 0. */
  readonly index: number;
  /** Sequence of the playbook, from 1. */
  readonly sequence: number;
  readonly host: string;
  /** As the playbook names it: `sleep:Seconds`. */
  readonly step: string;
  /** Line in the playbook. */
  readonly line: number;
}

/** `at`: milliseconds, by the clock of `playRelease`. In order of occurrence; `release.ended` is the last. */
export type ReleaseEvent =
  | {
      readonly type: 'release.started';
      readonly at: number;
      readonly release: string;
      readonly group: string;
      readonly steps: readonly PlannedStep[];
    }
  /** The job was handed to the broker. */
  | { readonly type: 'step.dispatched'; readonly at: number; readonly step: PlannedStep }
  /** The worker said `started`. */
  | { readonly type: 'step.started'; readonly at: number; readonly step: PlannedStep }
  | {
      readonly type: 'step.completed';
      readonly at: number;
      readonly step: PlannedStep;
      readonly data?: unknown;
    }
  /** `data`: as the worker sent it. `problem`: why, where it can be told in one line. */
  | {
      readonly type: 'step.failed';
      readonly at: number;
      readonly step: PlannedStep;
      readonly data?: unknown;
      readonly problem?: Problem;
    }
  | { readonly type: 'step.skipped'; readonly at: number; readonly step: PlannedStep }
  /** A line of a worker. `step`: the one under way when it was heard; lines may come late. */
  | {
      readonly type: 'output';
      readonly at: number;
      readonly step: PlannedStep | null;
      readonly appId: string | null;
      readonly message: string;
    }
  | {
      readonly type: 'warning';
      readonly at: number;
      readonly step: PlannedStep | null;
      readonly message: string;
    }
  | { readonly type: 'release.ended'; readonly at: number; readonly summary: ReleaseSummary };

export interface StepSummary extends PlannedStep {
  readonly outcome: 'completed' | 'failed' | 'skipped';
  readonly data?: unknown;
  readonly problem?: Problem;
  /** When the job was dispatched, in milliseconds; null when skipped. */
  readonly startedAt: number | null;
  /** When its final reply came or the waiting ended, in milliseconds; null when skipped. */
  readonly endedAt: number | null;
}

/** Plain data. */
export interface ReleaseSummary {
  /** The release's id, correlation id of all its jobs: 24 hex digits. */
  readonly release: string;
  readonly group: string;
  readonly outcome: 'completed' | 'failed';
  readonly steps: readonly StepSummary[];
  /** Of the playbook and of the play: what was not run, or came otherwise than the protocol has it. */
  readonly warnings: readonly string[];
  readonly startedAt: number;
  readonly endedAt: number;
}

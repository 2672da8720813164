// A playbook as data: what a release does on which hosts.
import type { Notify } from '../contract/message-format.js';

export interface Playbook {
  /** As it was given; in messages before the line. */
  readonly file: string;
  readonly group: string;
  readonly name: string | null;
  readonly sequences: readonly Sequence[];
  /** What is in the playbook but is not run or not used, each with `file:line`. */
  readonly warnings: readonly string[];
}

export interface Sequence {
  /** From 1. */
  readonly number: number;
  readonly description: string | null;
  readonly hosts: readonly string[];
  readonly steps: readonly PlaybookStep[];
  readonly line: number;
}

export interface PlaybookStep {
  /** As written: `sleep:Seconds`. */
  readonly step: string;
  /** Before the first colon: whose queue the job goes to. */
  readonly worker: string;
  /** Behind the first colon; '' without one. */
  readonly subcommand: string;
  /** The step's keywords as written, `dynamic` among them, `notify` not. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Names of the dynamic values it asks for. */
  readonly dynamic: readonly string[];
  readonly notify: Notify;
  readonly line: number;
}

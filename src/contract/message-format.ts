// What a worker and an engine say to each other, apart from any bus: the door through which another message format comes in.
import type { Problem } from './errors.js';
import type { Message, Received } from './message.js';
import type { Topology } from './topology.js';

/** Whom to answer: known even when the rest of a job cannot be read. null: absent. */
export interface Address {
  readonly replyTo: string | null;
  readonly correlationId: string | null;
}

/** phase -> transport -> targets, as the playbook's step names them. */
export type Notify = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** One step to be done, as it was asked for: nothing in it is trusted before it was parsed against a step. */
export interface Job {
  readonly group: string | null;
  /** Step name before the first colon; another worker's name is no error. */
  readonly command: string | null;
  /** Step name behind the first colon; null: absent. */
  readonly subcommand: string | null;
  readonly hosts: readonly string[];
  /** The step's own keywords and those of the engine (`command`, `subcommand`, `hosts` …). */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** All dynamic values of the release. */
  readonly dynamic: Readonly<Record<string, unknown>>;
  readonly notify: Notify;
  /** The whole body as it came, for workers that echo it. */
  readonly body: Readonly<Record<string, unknown>>;
}

export type ReplyStatus = 'started' | 'completed' | 'failed';

export interface Reply {
  readonly status: ReplyStatus;
  /** Absent and undefined are the same: no `data` key on the wire. */
  readonly data?: unknown;
}

export interface Notification {
  readonly phase: string;
  /** Transport of the notification, e.g. `irc`: part of the routing key. */
  readonly transport: string;
  readonly slug: string;
  readonly message: string;
  readonly target: unknown;
}

export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

export interface DecodeLimits {
  readonly bodyLimitBytes: number;
  readonly depthLimit: number;
  /** Absent: any number. */
  readonly valueLimit?: number;
}

/** Who speaks, for which job. */
export interface Sender {
  readonly address: Address;
  readonly appId: string;
}

/**
 * Decodes what arrives and encodes what goes out. Pure: no method throws for anything that comes from the bus.
 * `releaseEngine` is the one that Needful speaks unless told otherwise.
 */
export interface MessageFormat {
  readonly name: string;
  /** Exchange, queue and binding of a worker that consumes `queue` (without prefix: `sleep`). */
  topology(queue: string): Topology;
  /** Name of the queue on the broker: `sleep` -> `worker.sleep`. */
  queueName(queue: string): string;
  decodeJob(
    received: Received,
    limits: DecodeLimits,
  ): { readonly address: Address; readonly job: Decoded<Job> };
  /** `messageId` stays the same when a reply is sent again, so that an engine can drop the second. */
  encodeReply(reply: Reply, sender: Sender & { readonly messageId: string }): Message;
  /** null: such a line is not sent. */
  encodeOutput(message: unknown, sender: Sender): Message | null;
  /** `exchange` is where notifications go; the original sends them to '' (section 5 of the wire contract). */
  encodeNotification(notification: Notification, sender: Sender & { readonly exchange: string }): Message;
  /** The engine's side of a job: where it is sent, with whom to answer. */
  encodeJob(job: JobRequest, address: Address): Message;
  decodeReply(received: Received): Decoded<Reply>;
  decodeOutput(received: Received): Decoded<unknown>;
  /** Binding keys under which an engine hears output lines: exchange and routing key. */
  readonly output: { readonly exchange: string; readonly routingKey: string };
}

/** A job as an engine asks for it. */
export interface JobRequest {
  /** `sleep:Seconds`; split at the first colon. */
  readonly step: string;
  readonly group?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Absent: the job carries no hosts, as checks before and actions after a release do. */
  readonly hosts?: readonly string[];
  readonly dynamic?: Readonly<Record<string, unknown>>;
  readonly notify?: Notify;
}

// The frames of Stately's inspector, as its viewers read them: JSON, one actor, event or snapshot each.

/** Whose frames these are: the version of `@statelyai/inspect` they were held against. */
export const frameVersion = '0.7.2';

interface BaseFrame {
  /** Of the actor; unique in this process. */
  readonly sessionId: string;
  /** Session id of the topmost actor. */
  readonly rootId: string;
  /** Milliseconds since 1970, as text. */
  readonly createdAt: string;
  /** Number of the frame, from 1, as text: gives the order where two were made in the same millisecond. */
  readonly id: string;
  readonly _version: string;
}

export interface FrameSnapshot {
  readonly status: 'active' | 'done' | 'error' | 'stopped';
  /** State of a machine: a name, or an object of them. */
  readonly value?: unknown;
  readonly context?: unknown;
  readonly output: unknown;
  readonly error: unknown;
}

/** An actor was made. */
export interface ActorFrame extends BaseFrame {
  readonly type: '@xstate.actor';
  readonly name: string;
  readonly parentId: string | undefined;
  /** JSON of the machine's configuration. */
  readonly definition: string;
  readonly snapshot: FrameSnapshot;
}

/** An actor was sent an event; `sourceId` is undefined when it came from outside. */
export interface EventFrame extends BaseFrame {
  readonly type: '@xstate.event';
  readonly event: { readonly type: string };
  readonly sourceId: string | undefined;
}

/** An actor is in a state, for however short. */
export interface SnapshotFrame extends BaseFrame {
  readonly type: '@xstate.snapshot';
  readonly event: { readonly type: string };
  readonly snapshot: FrameSnapshot;
}

export type StatelyFrame = ActorFrame | EventFrame | SnapshotFrame;

// Writes what XState tells its observers as frames of Stately's inspector. Its own adapter drops microsteps, and with them
// every state of a job that lasts no time; here each microstep is a snapshot of its own.
import type { AnyActorRef, AnyEventObject, InspectionEvent, Snapshot } from 'xstate';
import { redact } from '../contract/secrets.js';
import { definitionOf } from './machine-config.js';
import { plain } from './plain.js';
import { type ActorFrame, type FrameSnapshot, frameVersion, type StatelyFrame } from './stately-frame.js';

/** Something that is shown only if it is allowed. */
export interface Shown {
  readonly part: 'context' | 'event' | 'output' | 'error';
  /** Of the actor: `job`, `worker`, or what a machine of one's own is called. */
  readonly actor: string;
  readonly value: unknown;
}

export interface StatelyInspectorOptions {
  /** Called at once with each frame, plain JSON data. What it throws is dropped with the frame. */
  send(frame: StatelyFrame): void;
  /**
   * Returns what may be seen of a context, an event's members, an output or an error; undefined: nothing. Default: nothing,
   * since jobs carry bodies and secrets. What it returns is bounded, whatever it is.
   */
  readonly reveal?: (shown: Shown) => unknown;
  /** Milliseconds since 1970. Default Date.now. */
  readonly now?: () => number;
}

/** An observer for `createWorker({ inspect })`, or for `createActor` of XState. */
export interface StatelyInspector {
  next(event: InspectionEvent): void;
  /** For a viewer that comes late: every living actor with its definition and the state it is in. */
  catchUp(): readonly ActorFrame[];
  /** Frames that could not be sent. */
  readonly droppedCount: number;
}

interface Known {
  readonly ref: AnyActorRef;
  readonly rootId: string;
  readonly name: string;
  readonly parentId: string | undefined;
  readonly definition: string;
  snapshot: FrameSnapshot;
}

/** Actors that are kept for late viewers; the oldest go first. */
const actorLimit = 1000;

export function createStatelyInspector(options: StatelyInspectorOptions): StatelyInspector {
  const { send, now = Date.now } = options;
  const actors = new Map<string, Known>();
  const definitions = new WeakMap<object, string>();
  /** Actors whose snapshot was told by its microsteps. */
  const stepped = new Set<string>();
  let frameCount = 0;
  let droppedCount = 0;

  const reveal = (shown: Shown): unknown => {
    try {
      return plain(options.reveal?.(shown));
    } catch {
      return undefined;
    }
  };
  const snapshotOf = (snapshot: Snapshot<unknown> | undefined, actor: string): FrameSnapshot => {
    const { status, output, error } = snapshot ?? { status: 'active', output: undefined, error: undefined };
    const { value, context } = { value: undefined, context: undefined, ...snapshot };
    return {
      status,
      ...(value !== undefined && { value: plain(value) }),
      ...(context !== undefined && {
        context: reveal({ part: 'context', actor, value: context }) ?? {},
      }),
      output: output === undefined ? undefined : reveal({ part: 'output', actor, value: output }),
      error: error === undefined ? undefined : reveal({ part: 'error', actor, value: error }),
    };
  };
  const eventOf = (event: AnyEventObject, actor: string) => {
    const shown = options.reveal && reveal({ part: 'event', actor, value: event });
    return { ...(typeof shown === 'object' ? shown : {}), type: String(plain(event.type)) };
  };
  const base = (sessionId: string, rootId: string) => {
    frameCount += 1;
    return { sessionId, rootId, createdAt: String(now()), id: String(frameCount), _version: frameVersion };
  };
  const actorFrame = (sessionId: string, known: Known): ActorFrame => {
    const { rootId, name, parentId, definition, snapshot } = known;
    return { type: '@xstate.actor', name, parentId, definition, snapshot, ...base(sessionId, rootId) };
  };
  const definition = (logic: unknown, name: string): string => {
    if (typeof logic !== 'object' || logic === null) return definitionOf(logic, name);
    const made = definitions.get(logic) ?? definitionOf(logic, name);
    definitions.set(logic, made);
    return made;
  };
  const know = ({ actorRef, rootId, type }: InspectionEvent): Known => {
    const ref = actorRef as AnyActorRef & { readonly logic?: { readonly config?: { readonly id?: string } } };
    const name = redact((ref.id === ref.sessionId && ref.logic?.config?.id) || ref.id);
    const made: Known = {
      ref,
      rootId,
      name,
      parentId: ref._parent?.sessionId,
      definition: definition(ref.logic, name),
      // XState tells of an actor while it is made: it has no snapshot yet.
      snapshot: snapshotOf(type === '@xstate.actor' ? undefined : ref.getSnapshot(), name),
    };
    actors.set(ref.sessionId, made);
    const [oldest] = actors.keys();
    if (actors.size > actorLimit && oldest !== undefined) forget(oldest);
    return made;
  };
  const forget = (sessionId: string) => {
    actors.delete(sessionId);
    stepped.delete(sessionId);
  };

  const framed = (event: InspectionEvent, known: Known): StatelyFrame | undefined => {
    const { sessionId } = event.actorRef;
    const { name } = known;
    switch (event.type) {
      case '@xstate.event': {
        const sourceId = (event.sourceRef as AnyActorRef | undefined)?.sessionId;
        const said = eventOf(event.event, name);
        return { type: event.type, event: said, sourceId, ...base(sessionId, known.rootId) };
      }
      case '@xstate.microstep':
        stepped.add(sessionId);
        // An event that the state does not answer is a microstep without a transition: nothing has changed.
        if (event._transitions.length === 0) return undefined;
        break;
      case '@xstate.snapshot':
        if (event.snapshot.status !== 'active') actors.delete(sessionId);
        if (stepped.delete(sessionId) && event.snapshot.status === known.snapshot.status) return undefined;
        break;
      default:
        return undefined;
    }
    known.snapshot = snapshotOf(event.snapshot, name);
    return {
      type: '@xstate.snapshot',
      event: eventOf(event.event, name),
      snapshot: known.snapshot,
      ...base(sessionId, known.rootId),
    };
  };

  return {
    next(event) {
      // An observer that throws would end the actor it watches.
      try {
        const { sessionId } = event.actorRef;
        const known = actors.get(sessionId);
        // Also of an actor that was there before the observer.
        const actor = known ?? know(event);
        if (known === undefined) send(actorFrame(sessionId, actor));
        const frame = framed(event, actor);
        if (frame !== undefined) send(frame);
      } catch {
        droppedCount += 1;
      }
    },
    catchUp: () => [...actors].map(([sessionId, known]) => actorFrame(sessionId, known)),
    get droppedCount() {
      return droppedCount;
    },
  };
}

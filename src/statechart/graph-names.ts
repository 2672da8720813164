// What the parts of a machine are called in its graph. Names are shown as they are; what has none, or is XState's own, is
// in parentheses; what only makes a machine work (raising `after`, the names of machine.ts) is left out.
import { internal } from './machine.js';

/** What makes a way be taken. `always`: nothing, it is a microstep. `default`: a history that remembers nothing yet. */
export type WayKind = 'event' | 'always' | 'after' | 'done' | 'error' | 'snapshot' | 'default';

/** Functions of XState's own: `assign(…)` and the like carry what they do as properties. */
interface Named {
  readonly type?: unknown;
  readonly event?: unknown;
  readonly sendId?: unknown;
  readonly src?: unknown;
  readonly guards?: readonly unknown[];
  readonly stateValue?: unknown;
  readonly name?: unknown;
  readonly id?: unknown;
}

const partsOf = (ref: unknown): Named =>
  (typeof ref === 'object' && ref !== null) || typeof ref === 'function' ? (ref as Named) : {};

const nameless = '(inline)';
const textOr = (value: unknown, otherwise: string) => (typeof value === 'string' ? value : otherwise);

/** Names of those that mean something to a reader. */
export const actionNames = (refs: readonly unknown[]): string[] =>
  refs.filter((ref) => !isInner(ref)).map(actionName);

function actionName(ref: unknown): string {
  if (typeof ref === 'string') return ref;
  const { type, event, src } = partsOf(ref);
  if (typeof type !== 'string') return nameless;
  if (!type.startsWith('xstate.')) return type;
  const about = textOr(partsOf(event).type, textOr(src, ''));
  return `(${type.slice('xstate.'.length)}${about && ` ${about}`})`;
}

/** What XState adds to a state for its `after`, and machine.ts to a flow. */
function isInner(ref: unknown): boolean {
  const { type, event, sendId } = partsOf(ref);
  if (textOr(type, textOr(ref, '')).startsWith(internal)) return true;
  const sent = type === 'xstate.raise' ? partsOf(event).type : type === 'xstate.cancel' ? sendId : '';
  return textOr(sent, '').startsWith('xstate.after.');
}

export function guardName(ref: unknown): string {
  if (typeof ref === 'string') return ref;
  const { type, guards, name, stateValue } = partsOf(ref);
  if (typeof type === 'string') return type;
  if (stateValue !== undefined) return `(in ${textOr(stateValue, JSON.stringify(stateValue))})`;
  const inner = guards?.map(guardName) ?? [];
  if (inner.length === 0) return nameless;
  return name === 'not' ? `(not ${inner[0]})` : `(${inner.join(` ${String(name)} `)})`;
}

export function actorName(src: unknown): string {
  return textOr(src, textOr(partsOf(src).id, nameless));
}

interface Way {
  readonly eventType: string;
  /** Of an `after`. */
  readonly delay?: string | number;
}

/** Kind and words of a way; of several actors in one state the words say which. */
export function wayName(
  { eventType, delay }: Way,
  invoked: readonly { readonly id: string; readonly src: unknown }[],
): { readonly kind: WayKind; readonly label: string } {
  if (eventType === '') return { kind: 'always', label: 'always' };
  if (delay !== undefined && eventType.startsWith('xstate.after.'))
    return { kind: 'after', label: `after ${durationText(delay)}` };
  const [, kind, of, id] = /^xstate\.(done|error|snapshot)\.(actor\.|state\.)?(.*)$/s.exec(eventType) ?? [];
  if (kind === undefined) return { kind: 'event', label: eventType };
  const which = of === 'state.' ? undefined : invoked.find((actor) => actor.id === id);
  const label = which !== undefined && invoked.length > 1 ? `${kind} ${readable(which)}` : kind;
  return { kind: kind as 'done' | 'error' | 'snapshot', label };
}

const readable = ({ id, src }: { readonly id: string; readonly src: unknown }) =>
  typeof src === 'string' && !src.startsWith('xstate.') ? src : id;

/** Milliseconds as one reads them; a name is a name. */
export function durationText(value: string | number): string {
  if (typeof value === 'string') return value;
  if (value >= 3_600_000 && value % 3_600_000 === 0) return `${value / 3_600_000} h`;
  if (value >= 60_000 && value % 60_000 === 0) return `${value / 60_000} min`;
  return value >= 1000 && value % 100 === 0 ? `${value / 1000} s` : `${value} ms`;
}

// Redacting anything at all that goes into a log or into an error: objects with cycles, errors with causes, getters that
// throw. What tells nothing comes back as it is; else a copy of it, bounded, of plain parts. A copied error stays one of its
// class.
import { hasNumericSecrets, isTelling, redact, redactedMark } from './secrets.js';

/** Objects in all, and levels; what lies beyond is left out, since nobody has looked at it. */
const limits = { objects: 10_000, depth: 100 };

interface Walk {
  left: number;
  depth: number;
  /** Objects that were met, and what became of them. */
  readonly met: Map<object, unknown>;
}

const begin = (): Walk => ({ left: limits.objects, depth: limits.depth, met: new Map() });

/** The same value where nothing is to be redacted, else a redacted copy. Never throws. */
export function redactIn<T>(value: T): T {
  return tells(value, begin()) ? (copy(value, begin()) as T) : value;
}

/** Objects in which a text can be. */
const isSearched = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  !(value instanceof Date || value instanceof RegExp || value instanceof ArrayBuffer) &&
  !ArrayBuffer.isView(value);

function tells(value: unknown, walk: Walk): boolean {
  if (typeof value === 'string') return isTelling(value);
  if (typeof value === 'number' || typeof value === 'bigint') return isTellingNumber(value);
  if (!isSearched(value) || walk.met.has(value)) return false;
  walk.met.set(value, value);
  walk.left -= 1;
  if (walk.left < 0 || walk.depth === 0) return true;
  walk.depth -= 1;
  try {
    return objectTells(value, walk);
  } catch {
    // Who throws at one who looks is not looked at twice.
    return true;
  } finally {
    walk.depth += 1;
  }
}

const isTellingNumber = (value: number | bigint) => hasNumericSecrets() && isTelling(String(value));

function objectTells(value: object, walk: Walk): boolean {
  const text = textOf(value);
  if (text !== undefined) return isTelling(text);
  if (Array.isArray(value) || value instanceof Set)
    return [...(value as Iterable<unknown>)].some((part) => tells(part, walk));
  if (value instanceof Map || value instanceof Headers)
    return [...value].some(([key, part]) => tells(key, walk) || tells(part, walk));
  if (value instanceof Error && isInvalidUrl(value)) return true;
  return (
    keysOf(value).some((key) => isTelling(key) || tells(read(value, key), walk)) || tells(jsonOf(value), walk)
  );
}

function copy(value: unknown, walk: Walk): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'number' || typeof value === 'bigint')
    return isTellingNumber(value) ? redactedMark : value;
  if (!isSearched(value)) return value;
  if (walk.met.has(value)) return walk.met.get(value);
  walk.left -= 1;
  if (walk.left < 0 || walk.depth === 0) return '[more]';
  walk.depth -= 1;
  try {
    return copyObject(value, walk);
  } catch {
    return '[unreadable]';
  } finally {
    walk.depth += 1;
  }
}

function copyObject(value: object, walk: Walk): unknown {
  const text = textOf(value);
  if (text !== undefined) return redact(text);
  const met = <T extends object>(made: T): T => {
    walk.met.set(value, made);
    return made;
  };
  if (Array.isArray(value)) {
    const made = met<unknown[]>([]);
    for (const part of value) made.push(copy(part, walk));
    return made;
  }
  if (value instanceof Set) {
    const made = met(new Set());
    for (const part of value) made.add(copy(part, walk));
    return made;
  }
  if (value instanceof Map || value instanceof Headers) {
    const made = met(new Map());
    for (const [key, part] of value) made.set(copy(key, walk), copy(part, walk));
    return made;
  }
  if (value instanceof Error) return copyError(value, { made: met(new Error()), walk });
  const json = jsonOf(value);
  if (json !== undefined && json !== value) return copy(json, walk);
  return copyMembers(value, { made: met({}), walk });
}

interface Making {
  readonly made: object;
  readonly walk: Walk;
}

function copyMembers(value: object, { made, walk }: Making): object {
  for (const key of keysOf(value)) {
    // It would say what was copied from.
    if (key === 'toJSON') continue;
    let part: unknown;
    try {
      part = copy(read(value, key), walk);
    } catch {
      part = '[unreadable]';
    }
    // Defined and not set, so that `__proto__` is a member and nothing else.
    const enumerable = !hiddenInErrors.some((hidden) => hidden === key) || !(value instanceof Error);
    Object.defineProperty(made, redact(key), { value: part, enumerable, writable: true, configurable: true });
  }
  return made;
}

function copyError(error: Error, { made, walk }: Making): object {
  copyMembers(error, { made, walk });
  if (isInvalidUrl(error)) Object.assign(made, { input: redactedMark });
  return Object.setPrototypeOf(made, Object.getPrototypeOf(error));
}

/** Node's own error of a URL that cannot be read has the whole of it. */
const isInvalidUrl = (error: Error) =>
  'code' in error && error.code === 'ERR_INVALID_URL' && 'input' in error && error.input !== redactedMark;

/** What is a text to whoever prints it, however it is kept. */
const textOf = (value: object): string | undefined =>
  value instanceof String || value instanceof URL || value instanceof URLSearchParams
    ? String(value)
    : undefined;

const hiddenInErrors = ['message', 'stack', 'cause', 'errors', 'name'] as const;

/** What is printed of it; loggers take what an error inherits, too. */
function keysOf(value: object): readonly string[] {
  if (!(value instanceof Error)) return Object.keys(value);
  const keys = new Set<string>(hiddenInErrors.filter((key) => key in value));
  for (const key in value) keys.add(key);
  return [...keys];
}

const read = (value: object, key: string): unknown => (value as Readonly<Record<string, unknown>>)[key];

const jsonOf = (value: object): unknown =>
  'toJSON' in value && typeof value.toJSON === 'function' ? value.toJSON() : undefined;

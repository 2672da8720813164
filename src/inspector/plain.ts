// Any value as bounded plain data, fit for JSON, without the secrets that this process knows: what a viewer is shown must
// neither throw nor grow without end.
import { redactIn } from '../contract/redact-value.js';
import { redact } from '../contract/secrets.js';

/** Levels, members of one object or array, characters of one text, values in all. */
const limits = { depth: 8, members: 100, characters: 1000, values: 2000 };

/** Never throws. Cycles, bytes, functions, and what lies beyond the limits become a word in square brackets. */
export function plain(value: unknown): unknown {
  return copy(value, { left: limits.values, above: [] });
}

interface Walk {
  /** How many values may still be copied. */
  left: number;
  /** The objects that this one lies in. */
  readonly above: object[];
}

function copy(value: unknown, walk: Walk): unknown {
  walk.left -= 1;
  if (walk.left < 0) return '[more]';
  switch (typeof value) {
    case 'string':
      return cut(value);
    case 'number':
      return Number.isFinite(value) ? redactIn(value) : `[${value}]`;
    case 'bigint':
      return `${cut(value.toString())}n`;
    case 'symbol':
    case 'function':
      return `[${typeof value}]`;
    case 'object':
      return value === null ? null : copyObject(value, walk);
    default:
      return value;
  }
}

// Cut when it is redacted: half a secret would not be known.
const cut = (text: string) => {
  const clean = redact(text);
  if (clean.length <= limits.characters) return clean;
  return `${clean.slice(0, limits.characters)}[${clean.length} characters]`;
};

function copyObject(value: object, walk: Walk): unknown {
  if (walk.above.includes(value)) return '[circular]';
  if (walk.above.length >= limits.depth) return '[deeper]';
  walk.above.push(value);
  try {
    return known(value) ?? members(value, walk);
  } catch {
    // A getter or a proxy may throw at whoever looks.
    return '[unreadable]';
  } finally {
    walk.above.pop();
  }
}

/** Objects that are better told in a word than by their members. */
function known(value: object): unknown {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[no date]' : value.toISOString();
  if (value instanceof Error) return { name: cut(String(value.name)), message: cut(String(value.message)) };
  if (value instanceof Map || value instanceof Set) return `[${value.size} entries]`;
  return undefined;
}

function members(value: object, walk: Walk): unknown {
  if (Array.isArray(value)) {
    const shown = value.slice(0, limits.members).map((item) => copy(item, walk) ?? null);
    return value.length > limits.members ? [...shown, `[${value.length - limits.members} more]`] : shown;
  }
  const keys = Object.keys(value);
  const entries = keys
    .slice(0, limits.members)
    .map((key) => [cut(key), copy((value as Record<string, unknown>)[key], walk)]);
  // Made of entries, so that a member `__proto__` is a member.
  const shown = Object.fromEntries(entries) as Record<string, unknown>;
  return keys.length > limits.members ? { ...shown, '[more]': keys.length - limits.members } : shown;
}

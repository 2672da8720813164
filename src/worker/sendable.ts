// What of a message that came can be sent again. Brokers take more than clients can write: a timestamp beyond 2^53, a key that
// was no UTF-8 and grew while it was read, more headers than fit into a client's buffer.
import type { Properties } from '../transport.js';

const shortStringBytes = 255;
/** Of the headers that are kept, together; a client has 64 KiB for all. */
const headersBytes = 32 * 1024;
const depthLimit = 16;

const fits = (text: unknown): text is string =>
  typeof text === 'string' && Buffer.byteLength(text) <= shortStringBytes;
const isWhole = (value: unknown, most: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most;

const sendables: { readonly [K in keyof Properties]?: (value: unknown) => boolean } = {
  contentType: fits,
  contentEncoding: fits,
  correlationId: fits,
  replyTo: fits,
  messageId: fits,
  appId: fits,
  type: fits,
  timestamp: (value) => isWhole(value, Number.MAX_SAFE_INTEGER),
  priority: (value) => isWhole(value, 255),
};

/** Those that can be sent, but for the headers. */
export function sendableProperties(properties: Properties): Properties {
  const found = Object.entries(properties).filter(([name, value]) =>
    sendables[name as keyof Properties]?.(value),
  );
  return Object.fromEntries(found);
}

/** Those that can be sent and have room, first come first served; and how many are left behind. */
export function sendableHeaders(headers: Properties['headers'] = {}): {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly droppedCount: number;
} {
  let room = headersBytes;
  const all = Object.entries(headers);
  const kept = all.filter(([key, value]) => {
    const size = memberSize(key, value, 0);
    if (size > room) return false;
    room -= size;
    return true;
  });
  return { headers: Object.fromEntries(kept), droppedCount: all.length - kept.length };
}

const never = Number.POSITIVE_INFINITY;

const memberSize = (key: string, value: unknown, depth: number): number =>
  fits(key) ? 1 + Buffer.byteLength(key) + sizeOf(value, depth) : never;

/** On the wire, in bytes, at most; infinite for what cannot be there. */
function sizeOf(value: unknown, depth: number): number {
  switch (typeof value) {
    case 'string':
      return 5 + Buffer.byteLength(value);
    case 'boolean':
      return 2;
    case 'number':
      // What is beyond is a double on the wire above, and nothing below.
      return Number.isFinite(value) && Math.abs(value) < 2 ** 63 ? 9 : never;
    case 'object':
      return value === null ? 1 : sizeOfObject(value, depth);
    default:
      return never;
  }
}

function sizeOfObject(value: object, depth: number): number {
  if (depth > depthLimit) return never;
  if (Buffer.isBuffer(value)) return 5 + value.length;
  if (Array.isArray(value)) return value.reduce((size, inner) => size + sizeOf(inner, depth + 1), 5);
  // Types that JavaScript has no words for are told so.
  if (Object.hasOwn(value, '!')) return isTyped(value as Typed) ? 9 : never;
  const members = Object.entries(value);
  return members.reduce((size, [key, inner]) => size + memberSize(key, inner, depth + 1), 5);
}

interface Typed {
  readonly '!': unknown;
  readonly value?: { readonly places?: unknown; readonly digits?: unknown } | number | null;
}

function isTyped({ '!': type, value }: Typed): boolean {
  if (type === 'timestamp') return isWhole(value, Number.MAX_SAFE_INTEGER);
  if (type !== 'decimal' || typeof value !== 'object' || value === null) return false;
  return isWhole(value.places, 255) && isWhole(value.digits, 0xffff_ffff);
}

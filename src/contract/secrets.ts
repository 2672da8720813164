// The secrets that this process knows, and what becomes of them in a text. One memory for the whole process, since a secret
// leaves it by any door, whoever was told it (docs/adr/0013-the-secrets-of-a-process-are-known-in-one-place.md).
import { patternOf } from './secret-pattern.js';

/** Stands where a secret was. */
export const redactedMark = '[redacted]';

/** What has fewer characters is in too many texts to be searched for. */
const leastLength = 4;

/** What is longer is searched for in pieces. */
const pieceLength = 128;

/** Characters of one expression: V8 does not optimize those of more than 20 KiB, which are then ten times as slow. */
const sourceLimit = 16_000;

/** Anybody's first guess, and words that JSON itself is made of: no secrets, and in many texts. */
const trivial = ['guest', 'password', 'true', 'false', 'null', 'undefined'];

/** How many have asked to remember it. */
const known = new Map<string, number>();

/** Forgotten, but not yet gone: the last word about it may still be on its way. */
const fading: string[] = [];
const fadingCount = 16;

interface Patterns {
  readonly expressions: readonly { readonly first: RegExp; readonly all: RegExp }[];
  /** A number may be a secret, too. */
  readonly hasDigits: boolean;
}
/** null: nothing is known; undefined: to be made. */
let patterns: Patterns | null | undefined = null;

/** `://user:pass@`, whoever's it is, except for first guesses: help says them. Bounded, so that no text is read more than once. */
const userInfo =
  /(:\/\/[^\s:/?#@"'<>\\]{0,256}):(?!(?:\[redacted\]|guest|password)@)[^\s/?#@"'<>\\]{1,1024}@/g;
const firstUserInfo = new RegExp(userInfo.source);

/**
 * From now on the text is replaced by `[redacted]` in everything that leaves this process through Needful, also when it is
 * percent-encoded or in base64. What has fewer than 4 characters, and `guest`, is not searched for. Returns the function that
 * forgets it again; what was forgotten is still redacted until 16 others were.
 */
export function rememberSecret(text: string): () => void {
  const pieces = piecesOf(text);
  for (const piece of pieces) known.set(piece, (known.get(piece) ?? 0) + 1);
  if (pieces.length > 0) patterns = undefined;
  let remembered = true;
  return () => {
    if (!remembered) return;
    remembered = false;
    for (const piece of pieces) forget(piece);
  };
}

function piecesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  // Lines of a key are said one by one, too; those around it only say what it is.
  const single =
    lines.length > 1 ? lines.filter((line) => line.length >= 8 && !line.startsWith('-----')) : [];
  const whole = text.length <= pieceLength || single.length === 0 ? [text] : [];
  return [...new Set([...whole, ...single].flatMap((part) => part.match(pieces) ?? []))].filter(isSearched);
}

const pieces = new RegExp(`[\\s\\S]{1,${pieceLength}}`, 'g');

const isSearched = (text: string) =>
  text.length >= leastLength && !trivial.includes(text.toLowerCase()) && !redactedMark.includes(text);

function forget(piece: string): void {
  const left = (known.get(piece) ?? 1) - 1;
  known.set(piece, left);
  if (left > 0) return;
  fading.push(piece);
  for (const gone of fading.splice(0, Math.max(0, fading.length - fadingCount))) {
    if (known.get(gone) !== 0 || fading.includes(gone)) continue;
    known.delete(gone);
    patterns = undefined;
  }
}

/**
 * Remembers the password of a URL, as it is written there and decoded; also of one that cannot be read. A password that is
 * the user's name, too, is none: the name is shown with the address.
 */
export function rememberUserInfo(url: string): void {
  const rest = /^[^:/?#]*:\/\/(.*)$/s.exec(url.trim())?.[1] ?? '';
  const authority = rest.split(/[/?#]/, 1)[0] ?? '';
  if (!authority.includes(':')) return;
  // Where it ends is a guess if it holds what should have been percent-encoded; one guess too many does no harm.
  const ends = [rest.indexOf('@'), authority.lastIndexOf('@'), rest.lastIndexOf('@')];
  for (const end of new Set(ends)) {
    const [user = '', ...password] = rest.slice(0, Math.max(0, end)).split(':');
    rememberPassword(password.join(':'), user);
  }
}

/** Of this user, both as they are or both percent-encoded. */
export function rememberPassword(password: string, user: string): void {
  for (const spelled of new Set([password, decoded(password)]))
    if (spelled !== user && spelled !== decoded(user)) rememberSecret(spelled);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function current(): Patterns | null {
  if (patterns !== undefined) return patterns;
  // One may lie in another.
  const longestFirst = [...known.keys()].sort((a, b) => b.length - a.length);
  const sources: string[] = [];
  for (const source of longestFirst.map(patternOf)) {
    const joined = sources.length === 0 ? source : `${sources.at(-1)}|${source}`;
    if (sources.length > 0 && joined.length <= sourceLimit) sources[sources.length - 1] = joined;
    else sources.push(source);
  }
  const expressions = sources.map((source) => ({ first: new RegExp(source), all: new RegExp(source, 'g') }));
  const hasDigits = longestFirst.some((secret) => /^-?[\d.]+$/.test(secret));
  patterns = expressions.length === 0 ? null : { expressions, hasDigits };
  return patterns;
}

/** Whether there is something in the text that must not leave this process. */
export function isTelling(text: string): boolean {
  const isKnown = current()?.expressions.some(({ first }) => first.test(text)) ?? false;
  return isKnown || (text.includes('://') && firstUserInfo.test(text));
}

/** Whether a body, of whatever format, tells something. */
export function isTellingBody({ buffer, byteOffset, byteLength }: Uint8Array): boolean {
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  return (current() !== null || bytes.includes('://')) && isTelling(bytes.toString());
}

/** Whether numbers have to be looked at, too. */
export function hasNumericSecrets(): boolean {
  return current()?.hasDigits ?? false;
}

/** The text with `[redacted]` in place of every secret that this process knows, and of passwords in URLs. */
export function redact(text: string): string {
  let clean = text;
  for (const { all } of current()?.expressions ?? []) clean = clean.replace(all, redactedMark);
  return clean.includes('://') ? clean.replace(userInfo, `$1:${redactedMark}@`) : clean;
}

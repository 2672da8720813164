// Builds the problems that a refused or failed job carries: one line, bounded, types and names of keys but no values.

import type { ErrorCode, Issue, Problem } from './errors.js';
import type { Decoded } from './message-format.js';
import { redact } from './secrets.js';

const messageLimit = 300;
const issueLimit = 20;
/** Keys come from the job: of any length, and as deep as it is nested. */
const pathLimit = { parts: 20, characters: 100 };

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get into a log line
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g;

/** Half a surrogate pair becomes U+FFFD, as it would in UTF-8. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/**
 * Secrets are redacted; line breaks, control characters and those that turn the way of reading become a space; longer than 300
 * characters is cut with an ellipsis.
 */
export function oneLine(text: string): string {
  // Redacted before anything is cut, since half a secret would not be known. Cut before the replacing, so that a text of
  // megabytes costs little.
  const line = redact(text)
    .slice(0, 4 * messageLimit)
    .replace(unprintable, ' ');
  return wellFormed(line.length <= messageLimit ? line : `${line.slice(0, messageLimit - 1)}…`);
}

/** A problem in its bounds: one line of at most 300 characters, at most 20 issues, each with a path that is short. */
export function problem(code: ErrorCode, message: string, issues?: readonly Issue[]): Problem {
  if (issues === undefined || issues.length === 0) return { code, message: oneLine(message) };
  return { code, message: oneLine(message), issues: issues.slice(0, issueLimit).map(bounded) };
}

function bounded({ path, message }: Issue): Issue {
  const { parts, characters } = pathLimit;
  const shown = path.length <= parts ? path : [...path.slice(0, parts - 1), '…'];
  return { path: shown.map((part) => shortKey(part, characters)), message: oneLine(message) };
}

function shortKey(part: string | number, characters: number): string | number {
  if (typeof part === 'number') return part;
  const clean = redact(part);
  return clean.length <= characters ? clean : `${wellFormed(clean.slice(0, characters - 1))}…`;
}

/** The same as the outcome of a decoding. */
export function refused(code: ErrorCode, message: string, issues?: readonly Issue[]): Decoded<never> {
  return { ok: false, problem: problem(code, message, issues) };
}

/** The type of a JSON value in plain words, for `got …`. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return `a ${typeof value}`;
}

/** Something thrown in one phrase; what was thrown may itself throw when it is looked at. */
export function wordsOf(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : `a thrown ${typeof error}`;
  } catch {
    return 'an error that cannot be read';
  }
}

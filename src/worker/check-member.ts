// Checks of single members of a definition, each with a message that says what was expected and where.
import type { z } from 'zod';
import { NeedfulError } from '../contract/errors.js';
import { nearest } from '../contract/nearest.js';
import type { Retry } from './definition.js';

export const wrong = (where: string, what: string) =>
  new NeedfulError('DEFINITION_INVALID', `${where}: ${what}`);

export function checkKeys(where: string, value: object, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    throw wrong(
      where,
      `\`${key}\` is not known${near ? `; did you mean \`${near}\`?` : `; known are ${known.join(', ')}`}`,
    );
  }
}

export function checkText(where: string, key: string, value: unknown): void {
  if (value === undefined || (typeof value === 'string' && value !== '')) return;
  throw wrong(where, `\`${key}\` must be text`);
}

export function checkChoice(where: string, key: string, value: unknown, choices: readonly string[]): void {
  if (value === undefined || choices.includes(value as string)) return;
  throw wrong(where, `\`${key}\` must be one of ${choices.join(', ')}`);
}

export function checkSchema(where: string, key: string, value: unknown): z.ZodType | undefined {
  if (value === undefined || typeof (value as z.ZodType | null)?.safeParse === 'function') {
    return value as z.ZodType | undefined;
  }
  throw wrong(where, `\`${key}\` must be a zod schema`);
}

const isDuration = (ms: unknown) => typeof ms === 'number' && ms >= 0 && ms < 2 ** 31;

/** With its defaults. */
export function checkRetry(where: string, retry: Retry | undefined) {
  if (retry === undefined) return undefined;
  if (typeof retry !== 'object' || retry === null) throw wrong(where, '`retry` must be `{ attempts, … }`');
  checkKeys(`retry of ${where}`, retry, ['attempts', 'backoffMs', 'maxBackoffMs']);
  const { attempts, backoffMs: baseMs = 1000, maxBackoffMs: capMs = 60_000 } = retry;
  if (!Number.isSafeInteger(attempts) || attempts < 1)
    throw wrong(where, '`attempts` of `retry` must be a whole number from 1 on, the first one counted');
  if (!isDuration(baseMs) || !isDuration(capMs))
    throw wrong(where, '`backoffMs` and `maxBackoffMs` of `retry` must be milliseconds');
  return { attempts, baseMs, capMs };
}

// Paths as users write them.
import { homedir } from 'node:os';
import { resolve } from 'node:path';

/** Absolute; `~` is the home directory, anything relative lies in `base` (the working directory). */
export function pathOf(given: string, base = ''): string {
  return /^~(?=\/|$)/.test(given) ? resolve(homedir(), `.${given.slice(1)}`) : resolve(base, given);
}

// Whether a release was given every dynamic value that its steps ask for.
import { NeedfulError } from '../contract/errors.js';
import { nearest } from '../contract/nearest.js';
import type { Playbook } from './playbook-data.js';

/** Throws DYNAMIC_MISSING with every name that lacks a value, and the steps that ask for it with file and line. */
export function checkDynamic(playbook: Playbook, values: Readonly<Record<string, unknown>>): void {
  const missing = new Map<string, string[]>();
  for (const { steps } of playbook.sequences) {
    for (const { step, dynamic, line } of steps) {
      for (const name of new Set(dynamic)) {
        if (Object.hasOwn(values, name) && values[name] !== undefined) continue;
        const places = missing.get(name) ?? [];
        places.push(`${step} (${playbook.file}:${line})`);
        missing.set(name, places);
      }
    }
  }
  if (missing.size === 0) return;
  const given = Object.keys(values).filter((name) => !missing.has(name));
  const lines = [...missing].map(([name, places]) => {
    const meant = nearest(name, given);
    const hint = meant === undefined ? '' : `; \`${meant}\` was given`;
    return `expected a dynamic value \`${name}\` for ${places.join(', ')}, got none${hint}`;
  });
  throw new NeedfulError('DYNAMIC_MISSING', lines.join('\n'));
}

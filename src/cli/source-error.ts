// Why a user's file could not be loaded, as one line with file:line, from what Node and jiti throw.
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { redact } from '../contract/secrets.js';
import { clean } from './text.js';

interface Source {
  /** Absolute. */
  readonly file: string;
  /** As the user named it. */
  readonly given: string;
}

/** `worker.ts:3: syntax error: Unexpected token`. */
export function whereItBroke(error: unknown, { file, given }: Source): string {
  if (!(error instanceof Error)) return `${given}: it threw ${clean(String(error)).slice(0, 200)}`;
  const place = placeOf(error);
  const name = place === undefined || place.file === file ? given : relative('', place.file);
  const where = place === undefined ? name : `${name}:${place.line}`;
  const said = clean(redact(error.message).split('\n')[0] ?? '').replace(/^ParseError/, 'syntax error');
  return `${where}: ${error.name === 'Error' ? said : `${error.name}: ${said}`}`;
}

// jiti puts the place of a syntax error into the message, everything else has it in the first frame of a user's file.
function placeOf(error: Error): { readonly file: string; readonly line: number } | undefined {
  const text = `${error.message}\n${error.stack ?? ''}`;
  const places = text.matchAll(/(?<=^|[\s(])((?:file:\/\/)?\/[^\s():]+|[A-Za-z]:\\[^\s():]+):(\d+):\d+/gm);
  for (const [, path = '', line] of places) {
    const file = path.startsWith('file:') ? fileURLToPath(path) : path;
    if (!file.includes('node_modules')) return { file, line: Number(line) };
  }
  return undefined;
}

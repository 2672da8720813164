// Reads playbooks. All of one is checked before anything is sent, and all that is wrong with it is said at once.
import { readFile } from 'node:fs/promises';
import { NeedfulError } from '../contract/errors.js';
import type { Playbook } from './playbook-data.js';
import { readSequences } from './playbook-sequence.js';
import { type Entry, PlaybookSource } from './playbook-source.js';

export type { Playbook, PlaybookStep, Sequence } from './playbook-data.js';

/**
 * Reads and checks a playbook, YAML 1.2 or JSON. PLAYBOOK_UNREADABLE, or PLAYBOOK_INVALID whose message has every defect
 * on a line of its own: file, line, what was expected, what came.
 */
export async function readPlaybook(file: string): Promise<Playbook> {
  return parsePlaybook(await readText(file), { file });
}

/** The same for text at hand; `file` is only named. */
export function parsePlaybook(text: string, { file }: { readonly file: string }): Playbook {
  const source = new PlaybookSource(text, file);
  // A text that is no YAML has no structure to speak of.
  source.check();
  const entries = source.entries(source.root, { expected: 'an object with `group` and `execution`' });
  source.check();
  const playbook = readMembers(source, entries ?? []);
  source.check();
  return { file, ...playbook, warnings: source.warnings };
}

function readMembers(source: PlaybookSource, entries: readonly Entry[]): Omit<Playbook, 'file' | 'warnings'> {
  source.refuseUnknown(entries, {
    known: ['group', 'name', 'description', 'execution'],
    where: 'a playbook',
  });
  const find = (name: string) => entries.find(({ key }) => key === name);
  const missing = { line: source.root.line, node: null };
  const group = source.text(find('group') ?? missing, { expected: '`group` to be a string' });
  const [name] = ['name', 'description'].map((key) => {
    const entry = find(key);
    return entry === undefined ? undefined : source.text(entry, { expected: `\`${key}\` to be a string` });
  });
  const sequences = readSequences(source, find('execution') ?? missing);
  return { group: group ?? '', name: name ?? null, sequences };
}

async function readText(file: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw unreadable(`expected a playbook in ${file}, got none: ${reasons[code] ?? code}`, error);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw unreadable(`expected UTF-8 in ${file}, got other bytes`, error);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'it may not be read',
};

function unreadable(message: string, cause: unknown): NeedfulError {
  return new NeedfulError('PLAYBOOK_UNREADABLE', message, { cause });
}

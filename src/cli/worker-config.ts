// The original's configuration file of a worker: `queue` and `OUTPUT_LEVEL` for the runtime, the rest for the worker.
import { readFileSync } from 'node:fs';
import { NeedfulError } from '../contract/errors.js';
import { kindOf } from '../contract/problem.js';
import { rememberUserInfo } from '../contract/secrets.js';
import { textsIn } from '../worker/marked-secrets.js';
import type { OutputLevel } from '../worker/running-worker.js';
import { pathOf } from './home.js';
import type { OwnConfig } from './load-worker.js';

export interface WorkerConfig {
  readonly queue?: string;
  readonly outputLevel?: OutputLevel;
  readonly own: OwnConfig;
  /** What was taken otherwise than it was probably meant. */
  readonly warning?: string;
}

/** The original's words. */
const levels: Readonly<Record<string, OutputLevel>> = {
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  WARNING: 'warn',
  ERROR: 'error',
  CRITICAL: 'critical',
  FATAL: 'critical',
};

/**
 * Reads a JSON object; `~` is the home directory. An empty `queue` is none; an unknown word as OUTPUT_LEVEL means INFO, as
 * in the original. Throws CONFIG_FILE_MISSING or CONFIG_INVALID, which never repeats what the file says.
 */
export function readWorkerConfig(given: string): WorkerConfig {
  const { queue, OUTPUT_LEVEL: level, ...values } = parse(given);
  for (const said of textsIn(values)) rememberUserInfo(said);
  const own = { from: given, values };
  return {
    ...(queue ? { queue: text(queue, { given, key: 'queue' }) } : {}),
    ...(level === undefined ? {} : levelOf(text(level, { given, key: 'OUTPUT_LEVEL' }), given)),
    own,
  };
}

function levelOf(word: string, given: string): Pick<WorkerConfig, 'outputLevel' | 'warning'> {
  const outputLevel = levels[word.toUpperCase()];
  if (outputLevel !== undefined) return { outputLevel };
  return {
    outputLevel: 'info',
    warning: `${given}: OUTPUT_LEVEL is none of ${Object.keys(levels).join(', ')}, so it is INFO`,
  };
}

function text(value: unknown, { given, key }: { given: string; key: string }): string {
  if (typeof value === 'string') return value;
  throw new NeedfulError('CONFIG_INVALID', `${given}: \`${key}\` must be a string, it is ${kindOf(value)}`);
}

function parse(given: string): Readonly<Record<string, unknown>> {
  const invalid = (what: string) =>
    new NeedfulError('CONFIG_INVALID', `${given}: ${what}; expected a JSON object`);
  let source: string;
  try {
    source = readFileSync(pathOf(given), 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new NeedfulError('CONFIG_FILE_MISSING', `${given} cannot be read${why}`, { cause: error });
  }
  let content: unknown;
  try {
    content = JSON.parse(source.replace(/^\uFEFF/, ''));
  } catch {
    throw invalid('is not JSON');
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw invalid('is JSON, but no object');
  }
  return { ...content };
}

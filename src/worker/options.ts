// Options of createWorker, checked once and resolved into one record with every default in it.

import type { InspectionEvent } from 'xstate';
import { type Clock, systemClock } from '../clock.js';
import { NeedfulError } from '../contract/errors.js';
import type { MessageFormat } from '../contract/message-format.js';
import { nearest } from '../contract/nearest.js';
import { releaseEngine } from '../contract/release-engine.js';
import type { Transport } from '../transport.js';
import type { DeadLetter } from './dead-letter.js';
import { createLogger } from './default-logger.js';
import type { Worker } from './definition.js';
import type { Lines } from './lines.js';
import { type Logger, redactingLogger } from './logger.js';
import type { OutputLevel, WorkerOptions } from './running-worker.js';

export const outputLevels = [
  'debug',
  'info',
  'warn',
  'error',
  'critical',
] as const satisfies readonly OutputLevel[];

export interface ResolvedOptions {
  readonly transport: Transport;
  readonly queue: string;
  readonly concurrency: number;
  readonly topology: 'check' | 'declare' | 'none';
  readonly logger: Logger;
  readonly outputLevel: OutputLevel;
  readonly notificationExchange: string;
  readonly format: MessageFormat;
  readonly bodyLimitBytes: number;
  readonly depthLimit: number;
  readonly valueLimit: number;
  readonly resultLimitBytes: number;
  readonly replyDeadlineMs: number;
  readonly stepDeadlineMs: number;
  readonly holdMs: number;
  readonly connectDeadlineMs: number;
  readonly drainMs: number;
  readonly consumerTimeoutMs: number;
  readonly minimumReplyGapMs: number;
  readonly deadLetter: DeadLetter | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  /** The way of output lines. */
  readonly lines: Lines;
  readonly inspect: ((event: InspectionEvent) => void) | undefined;
}

/** Whole numbers: lowest allowed, default. */
export const numbers = {
  concurrency: [1, 1],
  bodyLimitBytes: [1, 8 * 1024 * 1024],
  depthLimit: [1, 64],
  valueLimit: [1, 100_000],
  resultLimitBytes: [64, 256 * 1024],
  replyDeadlineMs: [1, 30_000],
  stepDeadlineMs: [1, 24 * 60 * 60 * 1000],
  holdMs: [0, 1000],
  connectDeadlineMs: [0, 30_000],
  drainMs: [0, 25_000],
  consumerTimeoutMs: [1, 30 * 60 * 1000],
  minimumReplyGapMs: [0, 0],
} as const;

export const topologies = ['check', 'declare', 'none'] as const;
const otherKeys = [
  'transport',
  'queue',
  'topology',
  'logger',
  'outputLevel',
  'notificationExchange',
  'format',
  'clock',
  'random',
  'inspect',
  'deadLetter',
];

/** Members without which the object that an option wants is another thing. */
const members = {
  logger: ['debug', 'info', 'warn', 'error', 'fatal', 'child'],
  clock: ['now', 'setTimeout', 'clearTimeout'],
} as const;

/** Throws OPTION_INVALID, and DEFINITION_INVALID for a worker that `defineWorker` did not make. */
export function resolveOptions(worker: Worker, options: WorkerOptions): Omit<ResolvedOptions, 'lines'> {
  if (!(worker?.steps instanceof Map)) {
    throw new NeedfulError('DEFINITION_INVALID', 'createWorker takes what defineWorker returned');
  }
  if (typeof options !== 'object' || options === null) throw wrong('expected `{ transport }`');
  checkKeys(options);
  checkObjects(options);
  const { transport } = options;
  if (typeof transport?.open !== 'function') {
    throw wrong('`transport` must be a transport, as createAmqpTransport or a memory broker gives');
  }
  const queue = options.queue ?? worker.name;
  if (typeof queue !== 'string' || !/^[^\s\p{Cc}]{1,200}$/u.test(queue)) {
    throw wrong('`queue` must be a name without spaces, at most 200 characters');
  }
  return {
    transport,
    queue,
    topology:
      choice('topology', options.topology, topologies) ?? (transport.status.embedded ? 'declare' : 'check'),
    logger: redactingLogger(options.logger ?? createLogger()),
    outputLevel: choice('outputLevel', options.outputLevel, outputLevels) ?? 'debug',
    notificationExchange: options.notificationExchange ?? 're',
    format: options.format ?? worker.format ?? releaseEngine,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    inspect: observerOf(options.inspect),
    deadLetter: deadLetterOf(options.deadLetter),
    ...numberOptions(options),
  };
}

/** An observer of XState is a function or an object with `next`. */
function observerOf(inspect: WorkerOptions['inspect']): ResolvedOptions['inspect'] {
  if (inspect === undefined || typeof inspect === 'function') return inspect;
  if (typeof inspect?.next !== 'function')
    throw wrong('`inspect` must be a function or an observer with `next`');
  return (event) => inspect.next?.(event);
}

function deadLetterOf(given: WorkerOptions['deadLetter']): DeadLetter | undefined {
  if (given === undefined) return undefined;
  const { exchange, routingKey } = given ?? {};
  const isName = (name: unknown) => typeof name === 'string' && Buffer.byteLength(name) <= 255;
  if (!isName(exchange) || !(routingKey === undefined || isName(routingKey)))
    throw wrong('`deadLetter` must be `{ exchange, routingKey? }`, names of at most 255 bytes');
  if (exchange === '' && !routingKey)
    throw wrong("`deadLetter` with the default exchange needs a `routingKey`: a queue's name");
  return given;
}

function numberOptions(options: WorkerOptions): { [K in keyof typeof numbers]: number } {
  const entries = Object.entries(numbers) as [keyof typeof numbers, readonly [number, number]][];
  return Object.fromEntries(
    entries.map(([key, [least, standard]]) => {
      const value = options[key] ?? standard;
      if (Number.isSafeInteger(value) && value >= least) return [key, value];
      throw wrong(`\`${key}\` must be a whole number from ${least} on`);
    }),
  ) as { [K in keyof typeof numbers]: number };
}

function checkKeys(options: object): void {
  const known = [...otherKeys, ...Object.keys(numbers)];
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    throw wrong(`\`${key}\` is not known${near ? `; did you mean \`${near}\`?` : ''}`);
  }
}

function checkObjects(options: WorkerOptions): void {
  for (const key of ['logger', 'clock'] as const) {
    const value = options[key] as Record<string, unknown> | undefined;
    if (value === undefined || members[key].every((member) => typeof value[member] === 'function')) continue;
    throw wrong(`\`${key}\` must have ${members[key].join(', ').replace(/, (\w+)$/, ' and $1')}`);
  }
  if (options.format !== undefined && typeof options.format.decodeJob !== 'function') {
    throw wrong('`format` must be a message format, as releaseEngine is');
  }
  if (options.random !== undefined && typeof options.random !== 'function') {
    throw wrong('`random` must be a function');
  }
  const { inspect } = options;
  if (inspect !== undefined && typeof inspect !== 'function' && typeof inspect?.next !== 'function') {
    throw wrong('`inspect` must be a function or an observer with `next`');
  }
  const exchange = options.notificationExchange;
  if (exchange !== undefined && typeof exchange !== 'string')
    throw wrong('`notificationExchange` must be text');
}

function choice<T extends string>(key: string, value: unknown, choices: readonly T[]): T | undefined {
  if (value === undefined || choices.includes(value as T)) return value as T | undefined;
  throw wrong(`\`${key}\` must be one of ${choices.join(', ')}`);
}

const wrong = (what: string) => new NeedfulError('OPTION_INVALID', `options of createWorker: ${what}`);

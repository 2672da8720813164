// Options that several commands share, and how their values are read. What is wrong with one is an error of usage.
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { OutputLevel } from '../worker/running-worker.js';

export interface BrokerFlags {
  readonly amqp?: string;
  readonly mqConfig?: string;
  readonly config?: string;
  readonly declare?: boolean;
}

export interface CommonFlags extends BrokerFlags {
  readonly json?: boolean;
  readonly logLevel?: (typeof logLevels)[number];
}

export interface WorkerFlags {
  readonly queue?: string;
  readonly concurrency?: number;
  readonly workerConfig?: string;
  readonly outputLevel?: OutputLevel;
  readonly deadLetter?: string;
}

/** Flags of the commands that may run workers beside what they do. */
export interface CrewFlags extends CommonFlags {
  readonly with?: readonly string[];
  readonly concurrency?: number;
  readonly workerConfig?: string;
}

/** As pino has them. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const outputLevels: readonly OutputLevel[] = ['debug', 'info', 'warn', 'error', 'critical'];

type Values = Readonly<Record<string, unknown>>;

export function brokerOptions(command: Command): Command {
  return command
    .option(
      '--amqp <url>',
      'the broker: amqp://user:password@host:port/vhost; of a cluster all nodes: host:port,host:port',
    )
    .option(
      '--mq-config <file>',
      "the broker, from the original's JSON file: server, vhost, user, password …",
    )
    .option('--declare', 'declare exchange and queues, where nothing is declared unasked')
    .option(
      '--config <file>',
      'settings; default: needful.config.ts, .js, .mjs or .json, where one lies here',
    );
}

export function showOptions(command: Command): Command {
  return command
    .option('--json', 'one JSON object a line on stdout')
    .addOption(new Option('--log-level <level>', 'log on stderr (warn)').choices(logLevels));
}

/** Of a worker that the command runs or speaks of. */
export function workerOptions(command: Command): Command {
  return command
    .option('--queue <name>', "consume worker.<name> (the worker's name)")
    .option('--concurrency <lanes>', 'jobs done at a time (1)', lanes)
    .option('--dead-letter <place>', 'where jobs go that nobody can be told about: exchange[/key], /queue')
    .option(
      '-w, --worker-config <file>',
      "the original's configuration file: queue, OUTPUT_LEVEL, and what the worker itself wants",
    )
    .addOption(
      new Option('--output-level <level>', 'output lines below it are not sent (debug)').choices(
        outputLevels,
      ),
    );
}

export function crewOptions(command: Command): Command {
  return command
    .option(
      '--with <worker>',
      'run this worker beside it, on an embedded broker: a file or a ready-made name (repeatable)',
      collect,
    )
    .option('--concurrency <lanes>', 'jobs that a worker beside it does at a time (1)', lanes)
    .option('--worker-config <file>', "the original's configuration file for the worker beside it");
}

export function dynamicOption(command: Command): Command {
  return command.option(
    '--dynamic <name=value>',
    'a dynamic value; JSON where it parses as JSON, else a string (repeatable)',
    assign,
  );
}

/** Values of an option that may be repeated. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

/** `--param k=v`, collected. `k=1.10` is the number 1.1; `k='"1.10"'` the string. */
export function assign(text: string, before: Values = {}): Values {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected name=value.');
  const name = text.slice(0, at);
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`\`${name}\` was given before.`);
  return Object.fromEntries([...Object.entries(before), [name, jsonOrText(text.slice(at + 1))]]);
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function lanes(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= 65_535) return number;
  throw new InvalidArgumentError('Expected a whole number from 1 to 65535.');
}

export function wholeNumber(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError('Expected a whole number, 0 or more.');
}

/** Seconds as milliseconds. */
export function seconds(text: string): number {
  const number = Number(text);
  if (/^[\d.]+$/.test(text) && number > 0) return number * 1000;
  throw new InvalidArgumentError('Expected seconds, a number above 0.');
}

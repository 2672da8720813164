// The job message: engine -> worker. Tolerant in, strict out; see docs/wire.md.
import { z } from 'zod';
import { NeedfulError } from './errors.js';
import { decodeObject, encodeText, isObject, type JsonObject, toJson } from './json-body.js';
import type { Message, Properties, Received } from './message.js';
import type { Address, Decoded, DecodeLimits, Job, JobRequest, Notify } from './message-format.js';
import { engineExchange, jobKey, splitStep } from './names.js';
import { kindOf, refused, wellFormed } from './problem.js';
import { redact } from './secrets.js';

const empty: Readonly<Record<string, never>> = Object.freeze({});
const noHosts: readonly string[] = Object.freeze([]);

/** A decoded job and whom to answer. The address is known even when nothing of the body can be read. */
export function decodeJob(
  received: Received,
  limits: DecodeLimits,
): { readonly address: Address; readonly job: Decoded<Job> } {
  const body = decodeObject(received, limits);
  const address = addressOf(received.properties, body.ok ? body.value : empty);
  if (!received.headersReadable) {
    return { address, job: refused('HEADERS_UNREADABLE', 'the headers of the message cannot be decoded') };
  }
  return { address, job: body.ok ? readJob(body.value) : body };
}

function addressOf(properties: Properties, body: JsonObject): Address {
  return {
    replyTo: fitting(properties.replyTo) || shortString(body.reply_to),
    correlationId: fitting(properties.correlationId) ?? shortString(body.correlation_id),
  };
}

const shortStringBytes = 255;

// AMQP's names and ids have at most 255 bytes: what is longer can be neither a queue nor sent back. A property that came
// can be longer when it was no UTF-8: each wrong byte is U+FFFD then, which has three.
function fitting(text: string | undefined): string | null {
  if (text === undefined || text.length * 3 <= shortStringBytes) return text ?? null;
  return encodeText(text).byteLength > shortStringBytes ? null : text;
}

function shortString(value: unknown): string | null {
  if (typeof value !== 'string' || value === '' || value.length > shortStringBytes) return null;
  return fitting(wellFormed(value));
}

function malformed(path: readonly string[], expected: string, value: unknown): Decoded<never> {
  const message = `must be ${expected}, got ${kindOf(value)}`;
  return refused('JOB_MALFORMED', `${path.join('.')} ${message}`, [{ path, message }]);
}

// By hand, since it runs for every job and zod's records cost ten times as much; `jobSchema` gives the same verdicts.
function readJob(body: JsonObject): Decoded<Job> {
  const { group, parameters } = body;
  if (!isText(group)) return malformed(['group'], 'a string', group);
  if (!isObject(parameters)) return malformed(['parameters'], 'an object', parameters);
  const { command, subcommand } = parameters;
  if (!isText(command)) return malformed(['parameters', 'command'], 'a string', command);
  if (!isText(subcommand)) return malformed(['parameters', 'subcommand'], 'a string', subcommand);
  const hosts = parameters.hosts ?? noHosts;
  if (!isHosts(hosts)) return malformed(['parameters', 'hosts'], 'an array of strings', hosts);
  const dynamic = body.dynamic ?? empty;
  if (!isObject(dynamic)) return malformed(['dynamic'], 'an object', dynamic);
  const notify = readNotify(body, parameters);
  if (!notify.ok) return notify;
  return {
    ok: true,
    value: {
      group: group ?? null,
      command: command ?? null,
      subcommand: subcommand ?? null,
      hosts,
      parameters,
      dynamic,
      notify: notify.value,
      body,
    },
  };
}

function isText(value: unknown): value is string | null | undefined {
  return typeof value === 'string' || value === undefined || value === null;
}

function isHosts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((host) => typeof host === 'string');
}

// An engine sends the step's `notify` twice; the copy in `parameters` counts only where the other says nothing.
function readNotify(body: JsonObject, parameters: JsonObject): Decoded<Notify> {
  const top = asNotify(['notify'], body.notify);
  if (!top.ok || !isBare(top.value)) return top;
  return asNotify(['parameters', 'notify'], parameters.notify);
}

function asNotify(path: readonly string[], value: unknown): Decoded<Notify> {
  if (value === undefined || value === null) return { ok: true, value: empty };
  if (!isObject(value)) return malformed(path, 'an object', value);
  for (const phase of Object.keys(value)) {
    if (!isObject(value[phase]))
      return malformed([...path, redact(phase).slice(0, 40)], 'an object', value[phase]);
  }
  return { ok: true, value: value as Notify };
}

function isBare(value: JsonObject): boolean {
  for (const _ in value) return false;
  return true;
}

/** What an engine sends for one step: exchange `re`, key `worker.<command>`, no other properties than whom to answer. */
export function encodeJob(job: JobRequest, address: Address): Message {
  const { command, subcommand } = splitStep(job.step);
  const body = toJson({
    group: job.group,
    parameters: {
      ...job.parameters,
      // The original repeats the step's notify here, and its own keywords win over the step's.
      ...(job.notify === undefined ? empty : { notify: job.notify }),
      command,
      subcommand,
      ...(job.hosts === undefined ? empty : { hosts: job.hosts }),
    },
    dynamic: job.dynamic ?? empty,
    notify: job.notify ?? empty,
  });
  if (!body.ok) throw new NeedfulError('OPTION_INVALID', `job ${job.step}: ${body.problem.message}`);
  return {
    exchange: engineExchange,
    routingKey: jobKey(command),
    body: encodeText(body.value),
    properties: {
      ...(address.correlationId === null ? empty : { correlationId: address.correlationId }),
      ...(address.replyTo === null ? empty : { replyTo: address.replyTo }),
    },
    mandatory: true,
  };
}

const object = z.looseObject({});
const notifySchema = z.record(z.string(), object).nullish();

/** The body of a job as a worker takes it. Unknown members are let through; null is as good as missing but for `parameters`. */
export const jobSchema = z
  .looseObject({
    group: z.string().nullish(),
    parameters: z.looseObject({
      command: z.string().nullish(),
      subcommand: z.string().nullish(),
      hosts: z.array(z.string()).nullish(),
      notify: z.unknown().optional(),
    }),
    dynamic: object.nullish(),
    notify: notifySchema,
  })
  .superRefine((body, context) => {
    if (Object.keys(body.notify ?? empty).length > 0) return;
    for (const issue of notifySchema.safeParse(body.parameters.notify).error?.issues ?? []) {
      context.addIssue({ ...issue, path: ['parameters', 'notify', ...issue.path] });
    }
  });

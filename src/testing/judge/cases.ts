// What the judge sends, as data: valid jobs, doubtful ones, and messages that are no job at all.
import { encodeText } from '../../contract/json-body.js';
import type { JobRequest } from '../../contract/message-format.js';
import { splitStep } from '../../contract/names.js';
import { releaseEngine } from '../../contract/release-engine.js';

/**
 * How it may end. `valid`: as a job that is done. `doubtful`: by any final reply, since only the worker knows what it needs.
 * `invalid`: somebody said that it must fail. `unreadable`: it is no job, and must fail.
 */
export type Kind = 'valid' | 'doubtful' | 'invalid' | 'unreadable';

export interface Case {
  /** Stable: `missing-seconds`. */
  readonly name: string;
  readonly title: string;
  readonly kind: Kind;
  /** One for each message, all sent at once. */
  readonly bodies: readonly Uint8Array[];
  /** Which of the two properties it has; `reply_to` of `gone` names no queue. */
  readonly replyTo: 'here' | 'gone' | 'absent';
  readonly correlationId: 'own' | 'same' | 'absent';
}

export interface CaseOptions {
  readonly job: JobRequest;
  /** Parameters that make the job invalid, each alone. */
  readonly invalid: readonly { readonly name: string; readonly value: unknown }[];
}

const atOnce = 5;
/** Above what Needful's own workers take. */
const hugeBytes = 9 * 1024 * 1024;
const depth = 100_000;
const noSuchStep = 'ThereIsNoStepOfThisName';

/** The job as an engine sends it. Throws OPTION_INVALID when it cannot be JSON. */
export function bodyOf(job: JobRequest): Uint8Array {
  return releaseEngine.encodeJob(job, { replyTo: null, correlationId: null }).body;
}

/** In the order in which they are sent. Each is followed by a valid job, which only a worker that lives answers. */
export function casesOf(options: CaseOptions): readonly Case[] {
  const valid = bodyOf(options.job);
  const standard = { kind: 'valid', bodies: [valid], replyTo: 'here', correlationId: 'own' } as const;
  return [
    { ...standard, name: 'valid', title: 'a valid job' },
    {
      ...standard,
      name: 'several',
      title: `${atOnce} jobs at once`,
      bodies: Array.from({ length: atOnce }, () => valid),
    },
    {
      ...standard,
      name: 'same-id',
      title: 'the next job of a release, under the same correlation id',
      correlationId: 'same',
    },
    ...unreadable().map(
      ([name, title, body]): Case => ({
        ...standard,
        name,
        title,
        kind: 'unreadable',
        bodies: [typeof body === 'string' ? encodeText(body) : body],
      }),
    ),
    ...changed(options).map(
      ([name, title, job, kind = 'doubtful']): Case => ({
        ...standard,
        name,
        title,
        kind,
        bodies: [encodeText(JSON.stringify(job))],
      }),
    ),
    {
      ...standard,
      name: 'huge',
      title: 'a job of 9 MiB',
      kind: 'doubtful',
      bodies: [
        encodeText(`{"ballast":"${'x'.repeat(hugeBytes)}",${new TextDecoder().decode(valid).slice(1)}`),
      ],
    },
    {
      ...standard,
      name: 'no-correlation-id',
      title: 'a job without correlation id',
      correlationId: 'absent',
    },
    { ...standard, name: 'no-reply-to', title: 'a job without reply_to', replyTo: 'absent' },
    { ...standard, name: 'reply-queue-gone', title: 'a job whose reply queue is gone', replyTo: 'gone' },
  ];
}

function unreadable(): readonly (readonly [name: string, title: string, body: string | Uint8Array])[] {
  return [
    ['not-json', 'a body that is not JSON', '{"parameters": {"command": '],
    ['empty', 'an empty body', ''],
    ['not-utf8', 'a body that is not UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d)],
    ['null', 'a body that is null', 'null'],
    ['array', 'a body that is an array', '[]'],
    ['deep', 'a body nested 100,000 levels deep', `${'['.repeat(depth)}${']'.repeat(depth)}`],
    ['no-parameters', 'a job without parameters', '{"group":"needful","dynamic":{},"notify":{}}'],
    ['parameters-null', 'a job whose parameters are null', '{"group":"needful","parameters":null}'],
    ['parameters-array', 'a job whose parameters are an array', '{"group":"needful","parameters":[]}'],
  ];
}

type Changed = readonly [name: string, title: string, body: unknown, kind?: Kind];

function changed({ job, invalid }: CaseOptions): readonly Changed[] {
  const body = JSON.parse(new TextDecoder().decode(bodyOf(job)));
  const withParameters = (parameters: object) => ({
    ...body,
    parameters: { ...parameters, ...engineKeys(body.parameters) },
  });
  const own = job.parameters ?? {};
  const names = Object.keys(own);
  const { command } = splitStep(job.step);
  return [
    [
      'unknown-step',
      'a step that nobody has',
      { ...body, parameters: { ...body.parameters, command, subcommand: noSuchStep } },
    ],
    ...names.map((name): Changed => {
      const { [name]: _, ...rest } = own;
      return [`missing-${name}`, `a job without its parameter ${name}`, withParameters(rest)];
    }),
    ...names.map((name): Changed => {
      const wrong = { ...own, [name]: { of: ['a wrong type'] } };
      return [`wrong-type-${name}`, `a job whose parameter ${name} has a wrong type`, withParameters(wrong)];
    }),
    ...invalid.map(
      ({ name, value }, index): Changed => [
        `invalid-${index + 1}-${name}`,
        `a job whose parameter ${name} is ${JSON.stringify(value)}`,
        withParameters({ ...own, [name]: value }),
        'invalid',
      ],
    ),
    ['notify-array', 'a job whose notify is an array', { ...body, notify: ['#team'] }],
  ];
}

// What a step cannot override.
function engineKeys(parameters: Readonly<Record<string, unknown>>): object {
  const keys = ['command', 'subcommand', 'hosts'];
  return Object.fromEntries(Object.entries(parameters).filter(([key]) => keys.includes(key)));
}

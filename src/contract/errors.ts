// The one registry of errors. A code is stable: scripts and engines may compare it. docs/errors.md is held to it by a test.

import { redactIn } from './redact-value.js';
import { redact } from './secrets.js';

/** What a code means, what to do, and the exit code of a command that ends with it. */
export interface ErrorKind {
  readonly summary: string;
  readonly remedy: string;
  /**
   * Exit code of the command line: 1 unexpected, 2 usage, 69 no broker, 70 a broken promise, 75 a deadline passed while it
   * stopped, 77 refused, 78 configuration.
   */
  readonly exit: number;
}

const job = (summary: string, remedy: string): ErrorKind => ({ summary, remedy, exit: 1 });
const usage = (summary: string, remedy: string): ErrorKind => ({ summary, remedy, exit: 2 });
const configuration = (summary: string, remedy: string): ErrorKind => ({ summary, remedy, exit: 78 });

const createOrDeclare = "Create it, or have it declared: `--declare`, or `topology: 'declare'`.";

export const errorKinds = {
  // A delivery that is no valid job: answered with one `failed` reply whose data carries the code.
  BODY_TOO_LARGE: job('The body is larger than the worker takes.', 'Send less, or raise `bodyLimitBytes`.'),
  BODY_ENCODED: job('The body has a content encoding.', 'Send plain UTF-8, without `content_encoding`.'),
  BODY_NOT_UTF8: job('The body is not UTF-8.', 'Encode the JSON as UTF-8.'),
  BODY_NOT_JSON: job('The body is not JSON.', 'Send one JSON object.'),
  BODY_NOT_OBJECT: job('The body is JSON, but no object.', 'Send one JSON object.'),
  BODY_TOO_DEEP: job(
    'The body is nested deeper than the worker takes.',
    'Flatten it, or raise `depthLimit`.',
  ),
  BODY_TOO_WIDE: job('The body has more values than the worker takes.', 'Send less, or raise `valueLimit`.'),
  HEADERS_UNREADABLE: job(
    'The headers of the message cannot be decoded.',
    'Send no headers, or only types that AMQP clients share.',
  ),
  JOB_MALFORMED: job('A member of the job has the wrong shape.', 'See docs/wire.md for the job message.'),
  FORMAT_THREW: job(
    'The message format threw while it decoded the job.',
    'Mend the format: it must return a problem instead.',
  ),
  PARAMETERS_INVALID: job(
    "The parameters do not fit the step's schema.",
    'Mend what `issues` names, in the playbook.',
  ),
  DYNAMIC_INVALID: job('Dynamic values are missing or do not fit.', 'Hand them in with the release.'),
  HOSTS_REQUIRED: job('The step needs hosts and got none.', 'List hosts in the sequence of the playbook.'),
  STEP_UNKNOWN: job('The worker has no step of that name.', 'Use one of the steps that the message lists.'),
  REPLY_ADDRESS_MISSING: job(
    'The job has no reply address.',
    "Set `reply_to`, or let the worker say `replyTo: 'optional'`.",
  ),
  REDELIVERED: job(
    'The job was delivered before, and the worker does no job twice.',
    "See whether it was done, then send it again; or let the worker say `redelivered: 'run'`.",
  ),
  // A job that was begun and ended by the library: data of its `failed` reply.
  STEP_THREW: job('The step threw.', "Read the worker's log under the correlation id."),
  RESULT_INVALID: job(
    "The step's result does not fit its `result` schema or cannot be JSON.",
    'Return what the schema says.',
  ),
  RESULT_TOO_LARGE: job(
    'The data of the reply are larger than a reply may be.',
    'Return a reference instead of the data.',
  ),
  DEADLINE_PASSED: job(
    'The step ran longer than its deadline.',
    'Raise `deadlineMs` or make the step faster.',
  ),
  CANCELLED: job('The job was cancelled.', 'The message says by whom.'),
  STOPPING: job("The worker stops; this is the reason of a step's `signal`.", 'Send the job again.'),
  DELIVERY_LOST: job(
    "The delivery was lost while its step ran; this is the reason of a step's `signal`.",
    'Nothing: the broker gives the job to a worker again.',
  ),
  REPLY_UNKNOWN: job(
    'Whether `started` arrived is not known, so the needful was not begun.',
    'Run the step again.',
  ),
  // The engine's side: a job that was sent and got no proper answer, and the playbook it came from.
  JOB_UNDELIVERABLE: job(
    'No queue took the job.',
    'Start a worker for it, or bind its queue to the key that the message names.',
  ),
  REPLY_DEADLINE_PASSED: job(
    'A reply did not come before its deadline.',
    'See whether the worker lives, or raise `deadlineMs` (`--deadline`).',
  ),
  REPLY_MALFORMED: job(
    'A reply cannot be read.',
    'Mend the worker: a reply is a JSON object whose `status` is started, completed or failed.',
  ),
  OUTPUT_MALFORMED: job('An output line cannot be read.', 'Mend the worker: a line is `{"message": …}`.'),
  REPLY_OUT_OF_ORDER: job(
    'A reply came where the protocol has none.',
    'Mend the worker: `started` once, then one of completed and failed.',
  ),
  PLAYBOOK_UNREADABLE: configuration('The playbook cannot be read.', 'Check path and permissions.'),
  PLAYBOOK_INVALID: configuration(
    'The playbook has defects; nothing was sent.',
    'Mend the lines that the message names.',
  ),
  DYNAMIC_MISSING: usage(
    'Steps of the playbook need dynamic values that were not given; nothing was sent.',
    'Give them: `--dynamic name=value`, or `dynamic` of `playRelease`.',
  ),
  // The worker and its broker.
  BROKER_UNREACHABLE: {
    summary: 'No broker answers at the address.',
    remedy: 'Start one or give another address.',
    exit: 69,
  },
  ACCESS_REFUSED: {
    summary: 'The broker refuses user, virtual host or operation.',
    remedy: 'Check user, password, virtual host and permissions.',
    exit: 77,
  },
  LOGIN_UNSUPPORTED: configuration(
    'The broker does not let anybody log in with user and password.',
    "Have it offer the SASL mechanism PLAIN: RabbitMQ's `auth_mechanisms`.",
  ),
  TLS_FAILED: configuration(
    "TLS with the broker failed: its certificate, or the port's protocol.",
    'Trust its authority (`tls.ca`, NODE_EXTRA_CA_CERTS), or use the address its certificate is for.',
  ),
  CONNECTION_LOST: {
    summary: 'The connection to the broker ended.',
    remedy: 'The worker connects again by itself.',
    exit: 69,
  },
  FRAME_UNREADABLE: {
    summary: 'The broker sent what the AMQP library cannot read, each time anew: a message, most likely.',
    remedy: 'Take the first message out of the queue by the management page, and report what it was.',
    exit: 70,
  },
  CHANNEL_CLOSED: {
    summary: 'The broker closed a channel.',
    remedy: "Read the broker's words in the message.",
    exit: 1,
  },
  TRANSPORT_CLOSED: { summary: 'The transport is not open.', remedy: 'Call open() first.', exit: 1 },
  STOPPED_EARLY: {
    summary: 'The worker was stopped before it listened.',
    remedy: 'Nothing, if that was meant.',
    exit: 1,
  },
  DRAIN_DEADLINE_PASSED: {
    summary: 'The worker was stopped, and jobs in hand did not end in time.',
    remedy: 'Raise `drainMs`, or make steps heed their `signal`.',
    exit: 75,
  },
  PROMISE_BROKEN: {
    summary: 'Needful broke a promise of its own.',
    remedy: 'This is a defect of Needful: report it, with the log.',
    exit: 70,
  },
  QUEUE_MISSING: configuration('The queue does not exist.', createOrDeclare),
  EXCHANGE_MISSING: configuration('The exchange does not exist.', createOrDeclare),
  TOPOLOGY_DIFFERENT: configuration(
    'What exists on the broker has other arguments.',
    'Use what exists, or delete it by hand.',
  ),
  // What a user of the library or the command line gave.
  OPTION_INVALID: configuration(
    'An option has a wrong value or is unknown.',
    'The message says what was expected.',
  ),
  DEFINITION_INVALID: configuration(
    'The definition of a worker is wrong.',
    'The message says what was expected.',
  ),
  FLOW_INVALID: configuration(
    'The flow of a worker has defects; nothing was started.',
    'Mend each state that the message names; docs/flows.md lists the codes of the defects.',
  ),
  ADDRESS_INVALID: configuration(
    'The address of the broker cannot be read.',
    'Percent-encode special characters of user, password and virtual host.',
  ),
  WORKER_UNKNOWN: usage(
    'No ready-made worker of that name, and no file.',
    'Name one that the message lists, or a file.',
  ),
  WORKER_FILE_MISSING: configuration(
    "The worker's file does not exist or cannot be read.",
    'Check path and permissions.',
  ),
  WORKER_FILE_BROKEN: configuration("The worker's file cannot be loaded.", 'Mend it where the message says.'),
  WORKER_EXPORT_MISSING: configuration(
    'The file does not export a worker.',
    'End it with `export default defineWorker({ … })`.',
  ),
  CONFIG_FILE_MISSING: configuration(
    'The configuration file does not exist or cannot be read.',
    'Check path and permissions.',
  ),
  CONFIG_FILE_BROKEN: configuration(
    'The configuration file cannot be loaded.',
    'Mend it where the message says.',
  ),
  CONFIG_INVALID: configuration(
    'A configuration file or an environment variable has a wrong value or an unknown key.',
    'Mend what the message names; `needful config` shows what came of it, and from where.',
  ),
  GRAPH_STALE: job(
    'A committed picture is not as its machine is.',
    'Draw it anew: `--write` in place of `--check`.',
  ),
  GRAPH_FILE_MISSING: configuration(
    'The file of a picture does not exist, or cannot be read or written.',
    'Check path and permissions; `--write` makes the file of a picture that is not there, but no page.',
  ),
  GRAPH_MARK_INVALID: configuration(
    'A page has no mark for the picture, or one that cannot be read.',
    'Put `<!-- needful graph NAME -->` on a line of its own, before the picture or where one is to be.',
  ),
  PORT_TAKEN: configuration(
    "The demo's HTTP server cannot listen on the port that the playbook names.",
    'Free the port, or name another one in the playbook.',
  ),
  USAGE: usage('The command line cannot be understood.', 'See `needful --help`.'),
  // Tests of workers.
  EXAMPLE_NEEDED: configuration(
    'Code decides about a value, a refinement or a conversion, and nothing fits that was thought of.',
    'Give one whole value that fits: `examples`, or `.meta({ examples: […] })` at the schema.',
  ),
  NO_VALID_JOB: configuration(
    'No job fits the schemas of a step, so it can never be done.',
    'Mend the schema at the place that the message names.',
  ),
  ACCEPTS_EVERYTHING: configuration(
    'The schema of a step takes whatever it is given.',
    'Name the parameters that it has, and what kind of value each is.',
  ),
  RECORD_UNWRITABLE: configuration(
    'The file of a recording cannot be opened or written.',
    'Check path, permissions and room; the worker was not started.',
  ),
  RECORDING_UNREADABLE: configuration(
    'A recording cannot be read.',
    'Give a file that `needful run --record` wrote, as it wrote it.',
  ),
  RECORDING_DIVERGED: job(
    'A worker was recorded to do what its machine does not do.',
    'See the line that is named: another version of the flow, or a defect.',
  ),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

/** One defect in a value: where, and what was expected there. Never the value itself. */
export interface Issue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Why a job was refused or failed; what the library puts into `data` of a `failed` reply. */
export interface Problem {
  readonly code: ErrorCode;
  /** One line, at most 300 characters, nothing echoed beyond names of keys and types. */
  readonly message: string;
  /** At most 20. */
  readonly issues?: readonly Issue[];
}

/**
 * Every error that Needful throws: a stable code and one line that says what was expected and what came. Secrets that this
 * process knows are redacted in its message and in its cause.
 */
export class NeedfulError extends Error {
  override readonly name = 'NeedfulError';
  readonly code: ErrorCode;
  /** Trying the same again makes sense. */
  readonly retry: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options?: { readonly cause?: unknown; readonly retry?: boolean },
  ) {
    super(redact(message), options?.cause === undefined ? undefined : { cause: redactIn(options.cause) });
    this.code = code;
    this.retry = options?.retry ?? false;
  }

  /** Exit code of a command that ends with this error. */
  get exit(): number {
    return errorKinds[this.code].exit;
  }
}

// What `runStep` puts in the place of bus and lane around a step: where its job comes from, who hears what it says, and who
// ends it.
import { arm, type Clock } from '../clock.js';
import { NeedfulError, type Problem } from '../contract/errors.js';
import type { JobRequest, MessageFormat, Notification, Reply, Sender } from '../contract/message-format.js';
import type { Step, Worker } from '../worker/definition.js';
import { createJobOutput, type JobOutput } from '../worker/job-output.js';
import { silentLogger } from '../worker/logger.js';
import { numbers, outputLevels } from '../worker/options.js';
import { createParser, type StepJob } from '../worker/parse-job.js';
import { encodeRedacted } from '../worker/redacted-reply.js';
import type { OutputLevel } from '../worker/running-worker.js';
import { abortReason, runStep, type StepEnd } from '../worker/step-run.js';
import type { MachineTransition } from '../worker/watch-machine.js';

export interface AloneGiven extends Omit<JobRequest, 'step'> {
  readonly correlationId?: string;
  readonly subcommand?: string;
  readonly signal?: AbortSignal;
  readonly attempt?: number;
}

const [, bodyLimitBytes] = numbers.bodyLimitBytes;
const [, depthLimit] = numbers.depthLimit;
const [, valueLimit] = numbers.valueLimit;
const [, resultLimitBytes] = numbers.resultLimitBytes;
const [, stepDeadlineMs] = numbers.stepDeadlineMs;

/** The job as it is after its way over a bus. Throws OPTION_INVALID for what is no JSON. */
export function jobOf(
  worker: Worker,
  {
    given,
    format,
  }: { readonly given: AloneGiven & { readonly subcommand: string }; readonly format: MessageFormat },
): StepJob {
  const { subcommand, correlationId = 'alone', signal: _, attempt: __, ...job } = given;
  const address = { replyTo: 'alone', correlationId };
  const message = format.encodeJob({ ...job, step: `${worker.name}:${subcommand}` }, address);
  const parse = createParser(worker, { format, bodyLimitBytes, depthLimit, valueLimit });
  return parse({ ...message, headersReadable: true });
}

/** The data of a reply, as an engine reads them. */
export function dataOf(
  reply: Reply,
  { format, sender }: { readonly format: MessageFormat; readonly sender: Sender },
): unknown {
  const message = encodeRedacted(reply, { format, sender: { ...sender, messageId: 'alone' } });
  const read = format.decodeReply({ ...message, headersReadable: true });
  return read.ok ? read.value.data : reply.data;
}

export interface Said {
  readonly output: JobOutput;
  readonly lines: { readonly level: OutputLevel; readonly line: string }[];
  readonly notifications: Notification[];
}

/** Hears what the step says in the words in which it leaves a worker. */
export function hear(
  worker: Worker,
  given: {
    readonly sender: Sender;
    readonly format: MessageFormat;
    readonly job: NonNullable<StepJob['job']>;
    readonly clock: Clock;
  },
): Said {
  const { sender, clock, job } = given;
  const lines: { level: OutputLevel; line: string }[] = [];
  const notifications: Notification[] = [];
  let level: OutputLevel | null = null;
  const format: MessageFormat = Object.create(given.format, {
    encodeOutput: {
      value: (line: unknown, from: Sender) => {
        const message = given.format.encodeOutput(line, from);
        // Without a level it is a worker's own last line.
        if (message !== null && level !== null) lines.push({ level, line: String(line) });
        return message;
      },
    },
    encodeNotification: {
      value: (...args: Parameters<MessageFormat['encodeNotification']>) => {
        notifications.push(args[0]);
        return given.format.encodeNotification(...args);
      },
    },
  });
  const output = createJobOutput(
    {
      lines: { take: () => true, publish: () => undefined, droppedCount: 0 },
      format,
      clock,
      outputLevel: 'debug',
      notificationExchange: '',
      outputName: worker.outputName,
    },
    { sender, notify: job.notify },
  );
  const levelled = outputLevels.map((name) => [
    name,
    (line: string) => {
      level = name;
      output[name](line);
      level = null;
    },
  ]);
  return { output: { ...output, ...Object.fromEntries(levelled) }, lines, notifications };
}

export interface EndAlone {
  readonly end: StepEnd;
  readonly error: unknown;
  readonly orphaned: boolean;
  readonly transitions: readonly MachineTransition[];
}

export interface RunAlone {
  readonly step: Step;
  readonly parsed: StepJob;
  readonly job: NonNullable<StepJob['job']>;
  readonly output: JobOutput;
  readonly given: AloneGiven;
  readonly clock: Clock;
}

/** Resolves when the step has come back; one that was aborted has a second for it. */
export function runAlone({ step, parsed, job, output, given, clock }: RunAlone): Promise<EndAlone> {
  const { signal, attempt = 1 } = given;
  const transitions: MachineTransition[] = [];
  let thrown: unknown;
  let aborted: Problem | null = null;
  let disarm = () => {};
  return new Promise((resolve) => {
    const finish = (end: StepEnd, orphaned = false) => {
      disarm();
      signal?.removeEventListener('abort', onAbort);
      resolve({ end, error: thrown, orphaned, transitions });
    };
    const cutShort = (orphaned = false) => {
      if (aborted !== null) finish({ type: 'step.failed', problem: aborted }, orphaned);
    };
    const run = runStep({
      step: { ...step, run: told(step.run, { onThrow: (error) => (thrown = error), onBack: cutShort }) },
      context: {
        parameters: parsed.parameters,
        dynamic: parsed.dynamic,
        hosts: job.hosts,
        group: job.group,
        subcommand: job.subcommand,
        correlationId: parsed.address.correlationId,
        job,
        attempt,
        output,
        notify: output.notify,
        logger: silentLogger,
      },
      resultLimitBytes,
      clock,
      inspect: undefined,
      onTransition: (transition) => transitions.push(transition),
      onEnd: finish,
      onThrow: (error) => {
        thrown = error;
      },
      onOrphaned: () => cutShort(true),
    });
    const abort = (reason: NeedfulError) => {
      if (aborted !== null) return;
      aborted = { code: reason.code, message: reason.message };
      output.end();
      run.abort(reason);
      if (typeof step.run !== 'function') cutShort();
    };
    const onAbort = () => abort(reasonOf(signal?.reason));
    disarm = arm(clock, {
      ms: step.deadlineMs ?? stepDeadlineMs,
      fire: () => abort(abortReason({ type: 'deadline.passed', state: 'doingTheNeedful' })),
    });
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort);
  });
}

const reasonOf = (reason: unknown): NeedfulError =>
  reason instanceof NeedfulError ? reason : abortReason({ type: 'cancel', reason });

/** The step, with somebody who hears that it came back, also when it was aborted by then. */
function told(
  run: Step['run'],
  { onThrow, onBack }: { readonly onThrow: (error: unknown) => void; readonly onBack: () => void },
): Step['run'] {
  if (typeof run !== 'function') return run;
  return async (context) => {
    try {
      return await run(context);
    } catch (error) {
      onThrow(error);
      throw error;
    } finally {
      onBack();
    }
  };
}

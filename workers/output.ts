// Writes the output lines of all workers into log files, one per release: `<output_dir>/<correlation id>.log`. It is sent
// lines instead of jobs, so it replies to nobody and says nothing on the bus; and it acknowledges a line only when that is
// in its file, so that a full disk makes the queue grow and loses nothing.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { configure, defineFlow, defineWorker, failed, outputLines, redact } from 'needful-worker';
import { z } from 'zod';

const config = z.strictObject({
  output_dir: z.string().min(1),
  /** Regular expressions; a line in which one is found is replaced as a whole. `(?i)` in front: in any case. */
  redactions: z.array(z.string().min(1).transform(pattern)).default([]),
});

function pattern(text: string, { addIssue }: z.core.$RefinementCtx): RegExp {
  const source = text.replace(/^\(\?i\)/, '');
  try {
    return new RegExp(source, source === text ? '' : 'i');
  } catch {
    addIssue({ code: 'custom', message: 'expected a regular expression' });
    return /^/;
  }
}

const isPlain = (id: string) =>
  /^[a-z0-9][a-z0-9._-]{0,99}$/.test(id) && !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/.test(id);

/**
 * An engine's id is the name as it is. Any other, which might leave the directory, be a device or fall together with
 * another one, becomes `_`, what is harmless of it, and a hash.
 */
export function fileName(correlationId: string | null): string {
  if (correlationId === null) return '_none.log';
  if (isPlain(correlationId)) return `${correlationId}.log`;
  const readable = correlationId.slice(0, 40).replace(/[^A-Za-z0-9-]/g, '_');
  return `_${readable}-${createHash('sha256').update(correlationId).digest('hex').slice(0, 24)}.log`;
}

const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escaped = (line: string) => line.replace(/[&<>]/g, (mark) => marks[mark] ?? mark);

/**
 * What is written for one message: whole lines, fit to be shown as HTML, without secrets of this process; those in which one of
 * `redactions` is found are redacted as a whole.
 */
export function linesOf(message: unknown, redactions: readonly RegExp[]): string {
  const given = redact(typeof message === 'string' ? message : JSON.stringify(message));
  const text = (given.endsWith('\n') ? given : `${given}\n`).replaceAll('\\n', '\n');
  const isSecret = (line: string) =>
    redactions.some((found) => found.test(line) || found.test(escaped(line)));
  return text
    .split('\n')
    .map((line) => (isSecret(line) ? '[redacted]' : escaped(line)))
    .join('\n');
}

const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW = 0 } = constants;

/** `done` counts the bytes that are in the file, so that what a full disk took half of is not begun anew. */
export async function append(path: string, line: { readonly bytes: Buffer; done: number }): Promise<void> {
  // Never through a link that somebody put there.
  const file = await open(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o640);
  try {
    while (line.done < line.bytes.length) {
      const { bytesWritten } = await file.write(line.bytes, line.done);
      line.done += bytesWritten;
    }
  } finally {
    await file.close();
  }
}

/** What is no file and never becomes one by waiting: a link, a directory. */
const takenCodes = ['ELOOP', 'EMLINK', 'EISDIR'];

const back = { target: 'givenBack' } as const;
const gone = { target: 'lost' } as const;

/** `textOf` says what would have been written of the parameters of a line. */
const linesFlow = (textOf: (parameters: unknown) => string) =>
  defineFlow({
    id: 'line',
    initial: 'listening',
    replies: 'none',
    on: { stop: { target: 'stopped' } },
    guards: {
      isNameTaken: ({ event }) => takenCodes.includes(event.data?.code),
    },
    actions: {
      sayInvalid: ({ logger, outcome }) =>
        logger.warn({ ...(outcome?.data as object) }, 'the message is no output line; it is dropped'),
      sayNotWritten: ({ logger, event }) =>
        logger.error(
          { code: event.type, ...event.problem, ...event.data },
          'a line is not written; it is kept and tried again in 10 s',
        ),
      sayFailed: ({ logger, event, parameters }) =>
        logger.error({ ...event.data, line: textOf(parameters) }, 'a line has no file; it ends here'),
    },
    states: {
      listening: {
        description: 'Waits for a line.',
        tags: ['idle'],
        entry: ['forget', 'rest'],
        on: { 'delivery.received': { target: 'parsing', actions: 'take' } },
      },
      parsing: {
        description: 'The message is decoded.',
        entry: 'parse',
        always: [{ guard: 'isValid', target: 'writing' }, { target: 'invalid' }],
      },
      invalid: {
        description: 'The message is no output line. The log says why; it is dropped.',
        entry: ['keepProblem', 'sayInvalid', 'acknowledge'],
        always: { target: 'listening' },
      },
      writing: {
        description: 'The line is being appended to the file of its release.',
        run: 'needful',
        deadline: 'step',
        on: {
          'step.completed': { target: 'completed', actions: 'keepOutcome' },
          'step.failed': [{ guard: 'isNameTaken', target: 'failed' }, { target: 'notWritten' }],
          'deadline.passed': { target: 'notWritten' },
          'delivery.lost': gone,
          cancel: back,
        },
      },
      completed: {
        description: 'The line is in its file; only now the broker may forget it.',
        entry: 'acknowledge',
        always: { target: 'listening' },
      },
      notWritten: {
        description:
          'The disk is full, away or forbidden. The line is kept, and tried again until it is written.',
        entry: 'sayNotWritten',
        deadline: 10_000,
        on: { 'deadline.passed': { target: 'writing' }, 'delivery.lost': gone, cancel: back },
      },
      failed: {
        description: 'A link or a directory has the name of its file. The log has the line.',
        entry: ['sayFailed', 'acknowledge'],
        always: { target: 'listening' },
      },
      givenBack: {
        description: 'The worker stops before the line is written: it goes back to the queue.',
        entry: 'giveBack',
        always: { target: 'listening' },
      },
      lost: {
        description: 'The channel ended: the broker gives the line to a worker again.',
        entry: 'recordLost',
        always: { target: 'listening' },
      },
      stopped: { description: 'The lane has ended.', type: 'final', entry: 'giveBack' },
    },
  });

const parameters = z.object({ message: z.unknown() });

export default configure(config, ({ output_dir: folder, redactions }) => {
  const textOf = (given: unknown) => linesOf(parameters.parse(given).message, redactions);
  // One write after the other, so that the lines of two lanes do not mix.
  let last: Promise<unknown> = Promise.resolve();
  /** By job: it is the same one when it is tried again. */
  const begun = new WeakMap<object, { readonly bytes: Buffer; done: number }>();
  return defineWorker({
    name: 'output',
    format: outputLines,
    flow: linesFlow(textOf),
    steps: {
      '*': {
        parameters,
        deadlineMs: 60_000,
        async run({ parameters, correlationId, job, signal }) {
          const line = begun.get(job) ?? { bytes: Buffer.from(textOf(parameters)), done: 0 };
          begun.set(job, line);
          const file = join(folder, fileName(correlationId));
          const written = last.then(async () => {
            // Given up while it waited for its turn; whoever has it now writes it.
            if (signal.aborted) return;
            await mkdir(folder, { recursive: true });
            await append(file, line);
          });
          last = written.catch(() => {});
          try {
            await written;
          } catch (error) {
            return failed({ code: codeOf(error), file });
          }
        },
      },
    },
  });
});

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

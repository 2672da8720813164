// Writes the output lines of all workers into log files, one per release: `<output_dir>/<correlation id>.log`. It is sent
// lines instead of jobs, so it replies to nobody and says nothing on the bus.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { configure, defineWorker, outputLines } from 'needful-worker';
import { z } from 'zod';

const config = z.object({
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

/** What is written for one message: whole lines, fit to be shown as HTML, those that give something away redacted. */
export function linesOf(message: unknown, redactions: readonly RegExp[]): string {
  const given = typeof message === 'string' ? message : JSON.stringify(message);
  const text = (given.endsWith('\n') ? given : `${given}\n`).replaceAll('\\n', '\n');
  const isSecret = (line: string) =>
    redactions.some((found) => found.test(line) || found.test(escaped(line)));
  return text
    .split('\n')
    .map((line) => (isSecret(line) ? '[redacted]' : escaped(line)))
    .join('\n');
}

const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW = 0 } = constants;

async function append(path: string, lines: string): Promise<void> {
  // Never through a link that somebody put there.
  const file = await open(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o640);
  try {
    await file.appendFile(lines);
  } finally {
    await file.close();
  }
}

export default configure(config, ({ output_dir: folder, redactions }) => {
  // One write after the other, so that the lines of two lanes do not mix.
  let last: Promise<unknown> = Promise.resolve();
  return defineWorker({
    name: 'output',
    format: outputLines,
    replyTo: 'optional',
    steps: {
      '*': {
        parameters: z.object({ message: z.unknown() }),
        async run({ parameters, correlationId }) {
          const written = last.then(async () => {
            await mkdir(folder, { recursive: true });
            await append(join(folder, fileName(correlationId)), linesOf(parameters.message, redactions));
          });
          last = written.catch(() => {});
          await written;
        },
      },
    },
  });
});

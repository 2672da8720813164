// `--record FILE`: every transition of a worker as a line of JSON, appended. A worker outlives its recording: a disk that is
// full or slow ends the recording, not the worker.
import { randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { NeedfulError } from '../contract/errors.js';
import { redactText } from '../contract/redact-json.js';
import type { TransitionRecord } from '../worker/running-worker.js';

export interface Recorder {
  add(record: TransitionRecord): void;
  /** Everything is on the disk then, or its loss was told. Idempotent, never rejects. */
  end(): Promise<void>;
}

export interface RecorderOptions {
  /** The recording ended early; what is in the file is whole up to there. */
  readonly onEnd: (why: string) => void;
}

/** Characters that wait to be written; a disk that is slower than that ends the recording. */
const waitingLimit = 16 * 1024 * 1024;

/** Rejects with RECORD_UNWRITABLE. */
export async function createRecorder(file: string, { onEnd }: RecorderOptions): Promise<Recorder> {
  const { handle, isTorn } = await opened(file);
  // Lines of several processes may stand in one file.
  const run = randomBytes(4).toString('hex');
  let waiting = isTorn ? '\n' : '';
  let writing: Promise<void> | null = null;
  let ended = false;
  const stop = (why: string) => {
    ended = true;
    waiting = '';
    onEnd(why);
  };
  const write = async () => {
    while (waiting !== '') {
      const text = waiting;
      waiting = '';
      try {
        await handle.appendFile(text);
      } catch (error) {
        stop(`the file cannot be written${reason(error)}`);
      }
    }
    writing = null;
  };
  const close = async () => {
    ended = true;
    await writing;
    // What is no file on a disk has nothing to be flushed.
    await handle.datasync().catch(() => undefined);
    await handle.close().catch(() => undefined);
  };
  let closed: Promise<void> | undefined;
  return {
    add(record) {
      if (ended) return;
      waiting += `${redactText(JSON.stringify({ run, ...record }))}\n`;
      if (waiting.length > waitingLimit) return stop('the disk is slower than the worker');
      writing ??= write();
    },
    end: () => {
      closed ??= close();
      return closed;
    },
  };
}

/** To be appended to. `isTorn`: its last line has no end, as a process leaves it that is killed. */
async function opened(file: string): Promise<{ readonly handle: FileHandle; readonly isTorn: boolean }> {
  try {
    const handle = await open(file, 'a');
    return { handle, isTorn: !(await endsWithLine(file, handle)) };
  } catch (error) {
    throw new NeedfulError('RECORD_UNWRITABLE', `${file} cannot be opened to be written${reason(error)}`, {
      cause: error,
    });
  }
}

async function endsWithLine(file: string, handle: FileHandle): Promise<boolean> {
  const stat = await handle.stat();
  if (!stat.isFile() || stat.size === 0) return true;
  // A file may be there to be written and not to be read: an empty line more harms nobody.
  const reader = await open(file, 'r').catch(() => null);
  if (reader === null) return false;
  const { buffer } = await reader.read(Buffer.alloc(1), 0, 1, stat.size - 1).finally(() => reader.close());
  return buffer.toString() === '\n';
}

const reason = (error: unknown) =>
  error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';

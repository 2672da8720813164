// What one reader of a job's events has not read yet. Replies are few and all kept, output lines only the latest.
import type { NeedfulError } from '../contract/errors.js';
import type { JobEvent } from './client.js';

export const unreadLimitCount = 1_000;

interface Waiting {
  readonly resolve: (result: IteratorResult<JobEvent>) => void;
  readonly reject: (error: NeedfulError) => void;
}

export interface EventBuffer extends AsyncIterable<JobEvent> {
  push(event: JobEvent): void;
  /** After what is unread the reader gets the end, or the error. */
  end(error?: NeedfulError): void;
}

export function createEventBuffer(): EventBuffer {
  let unread: JobEvent[] = [];
  const waiting: Waiting[] = [];
  let lineCount = 0;
  let skippedCount = 0;
  let ended: { error?: NeedfulError } | undefined;

  function dropOldestLine(): void {
    unread.splice(
      unread.findIndex((event) => event.type === 'output'),
      1,
    );
    lineCount -= 1;
    skippedCount += 1;
  }

  function take(): JobEvent | undefined {
    const event = unread.shift();
    if (event?.type !== 'output') return event;
    lineCount -= 1;
    if (skippedCount === 0) return event;
    const line = { ...event, skippedCount };
    skippedCount = 0;
    return line;
  }

  function finish({ resolve, reject }: Waiting): void {
    const error = ended?.error;
    ended = {};
    if (error === undefined) resolve({ done: true, value: undefined });
    else reject(error);
  }

  const iterator: AsyncIterator<JobEvent> = {
    next() {
      const event = take();
      if (event !== undefined) return Promise.resolve({ done: false, value: event });
      return new Promise((resolve, reject) => {
        const reader = { resolve, reject };
        if (ended === undefined) waiting.push(reader);
        else finish(reader);
      });
    },
    return() {
      ended = {};
      unread = [];
      return Promise.resolve({ done: true, value: undefined });
    },
  };

  return {
    push(event) {
      if (ended !== undefined) return;
      const reader = waiting.shift();
      if (reader !== undefined) return reader.resolve({ done: false, value: event });
      unread.push(event);
      if (event.type !== 'output') return;
      lineCount += 1;
      if (lineCount > unreadLimitCount) dropOldestLine();
    },
    end(error) {
      if (ended !== undefined) return;
      ended = error === undefined ? {} : { error };
      for (const reader of waiting.splice(0)) finish(reader);
    },
    [Symbol.asyncIterator]: () => iterator,
  };
}

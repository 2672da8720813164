import { describe, expect, it } from 'vitest';
import type { JobEvent } from '../../src/client/client.js';
import { createEventBuffer, unreadLimitCount } from '../../src/client/event-buffer.js';
import { createRecent } from '../../src/client/recent.js';
import { NeedfulError } from '../../src/contract/errors.js';

const line = (message: number): JobEvent => ({ type: 'output', at: 0, message });
const reply: JobEvent = { type: 'reply', at: 0, status: 'started' };

describe('events that nobody read yet', () => {
  it('keep every reply but only the latest lines, and say how many are missing', async () => {
    const buffer = createEventBuffer();
    buffer.push(line(0));
    buffer.push(reply);
    for (let n = 1; n <= unreadLimitCount + 4; n++) buffer.push(line(n));
    buffer.end();
    const seen: JobEvent[] = [];
    for await (const event of buffer) seen.push(event);
    expect(seen[0]).toEqual(reply);
    expect(seen[1]).toEqual({ ...line(5), skippedCount: 5 });
    expect(seen[2]).toEqual(line(6));
    expect(seen).toHaveLength(unreadLimitCount + 1);
  });

  it('come before the error, and the error once', async () => {
    const buffer = createEventBuffer();
    const reader = buffer[Symbol.asyncIterator]();
    buffer.push(reply);
    buffer.end(new NeedfulError('CANCELLED', 'enough'));
    expect(await reader.next()).toEqual({ done: false, value: reply });
    await expect(reader.next()).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  it('end a reader who waits already, and are not kept for one who left', async () => {
    const buffer = createEventBuffer();
    const reader = buffer[Symbol.asyncIterator]();
    const waiting = [reader.next(), reader.next()];
    buffer.push(reply);
    buffer.end();
    expect(await Promise.all(waiting)).toEqual([
      { done: false, value: reply },
      { done: true, value: undefined },
    ]);
    const left = createEventBuffer();
    left.push(reply);
    for await (const _ of left) break;
    left.push(reply);
    expect(await left[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
  });
});

describe('the keys seen last', () => {
  it('are so many and no more', () => {
    const recent = createRecent(2);
    expect([recent.add('a'), recent.add('b'), recent.add('a'), recent.add('c')]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect([recent.has('a'), recent.has('b'), recent.has('c')]).toEqual([false, true, true]);
  });
});

// What a client asks of the broker and waits for: each a frame on the wire, and the promise of its answer.
import type { Channel } from './channel.js';
import type { BrokerClock } from './clock.js';
import type { Wire } from './frame.js';

/** Longest wait of a close for what is under way, in milliseconds. */
const closeWaitMs = 2_000;

export interface Question<T> {
  /** null: on a channel of its own. */
  readonly channel: Channel | null;
  answer(): T;
}

/** Rejects with what `answer` throws, or with why the broker never read it. */
export function ask<T>(wire: Wire, { channel, answer }: Question<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const run = () => {
      try {
        const answered = answer();
        wire.tell(() => resolve(answered), reject);
      } catch (error) {
        // Behind the event of the channel that a refusal closes.
        wire.tellLater(() => reject(error), reject);
      }
    };
    wire.send({ channel, publishes: false, run, drop: reject });
  });
}

/** Never rejects: a consumer that is gone with its channel is cancelled well enough. */
export function cancel(
  wire: Wire,
  consumer: { readonly channel: Channel; readonly tag: string },
): Promise<void> {
  const { channel, tag } = consumer;
  return new Promise((resolve) => {
    const run = () => {
      channel.cancel(tag);
      wire.tell(resolve, () => resolve());
    };
    wire.send({ channel, publishes: false, run, drop: () => resolve() });
  });
}

/** Resolves when the broker has read all that was sent and confirmed all that was published, or when it takes too long. */
export function flushed(
  wire: Wire,
  { jobs, clock }: { readonly jobs: Channel | null; readonly clock: BrokerClock },
): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => resolve(), closeWaitMs);
    const done = () => {
      clock.clearTimeout(timer);
      resolve();
    };
    const heard = () => (jobs ? jobs.whenConfirmed(done) : done());
    const run = () => wire.tell(heard, done);
    wire.send({ channel: null, publishes: false, run, drop: done });
  });
}

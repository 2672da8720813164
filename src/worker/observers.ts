// Observers are guests: one that throws is logged and sent home, the worker goes on (XState would end the actor).
import type { Logger } from './logger.js';

/** The observer, made safe: after its first throw it is not called again. */
export function guarded<T>(observer: (value: T) => void, logger: Logger): (value: T) => void {
  let welcome = true;
  return (value) => {
    if (!welcome) return;
    try {
      observer(value);
    } catch (error) {
      welcome = false;
      logger.error({ err: error }, 'an observer threw and is not called any more');
    }
  };
}

export interface Observers<T> {
  subscribe(observer: (value: T) => void): () => void;
  /** undefined while nobody is subscribed, so that nothing has to be made for nobody. */
  readonly notify: ((value: T) => void) | undefined;
}

export function createObservers<T>(logger: Logger): Observers<T> {
  const all = new Set<(value: T) => void>();
  const notify = (value: T) => {
    for (const observer of all) observer(value);
  };
  return {
    subscribe(observer) {
      const guest = guarded(observer, logger);
      all.add(guest);
      return () => all.delete(guest);
    },
    get notify() {
      return all.size > 0 ? notify : undefined;
    },
  };
}

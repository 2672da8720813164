// Three signals end a command: the first drains, the second cancels what still runs, the third exits at once. All others
// do what Node does with them.

export type Signal = 'SIGINT' | 'SIGTERM';

export interface Ending {
  /** What the first signal does, in words. */
  readonly words: string;
  /** No new jobs; those that run may end. */
  drain(): void;
  /** Those that run are cancelled. */
  abort(): void;
  /** Says to a person, or to whoever reads JSON, what came and what the next one does. */
  say(signal: Signal, line: string): void;
}

const exitCodes: Readonly<Record<Signal, number>> = { SIGINT: 130, SIGTERM: 143 };

/** Returns the function that ends it. */
export function onSignals(process: NodeJS.Process, ending: Ending): () => void {
  let seen = 0;
  const observe = (signal: Signal) => {
    seen += 1;
    if (seen >= 3) {
      ending.say(signal, 'exits at once');
      return process.exit(exitCodes[signal]);
    }
    if (seen === 2) {
      ending.say(signal, 'running jobs are cancelled; a third signal exits at once');
      return ending.abort();
    }
    ending.say(signal, `${ending.words}; a second signal cancels running jobs, a third exits at once`);
    ending.drain();
  };
  process.on('SIGINT', observe);
  process.on('SIGTERM', observe);
  return () => {
    process.off('SIGINT', observe);
    process.off('SIGTERM', observe);
  };
}
